"""`recommend import | remove | show | library`."""

import json
import os
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from recommender.errors import NotAnswerableError
from recommender.presentation import terminal
from recommender.presentation.cli import options as o
from recommender.presentation.cli.progress import StageProgress
from recommender.presentation.cli.table import note, out, show_rows
from recommender.presentation.grid import hanging
from recommender.presentation.plots.canvas import check_suffix
from recommender.settings import Settings
from recommender.text.printable import printable
from recommender.workspace import UTC_CLOCK, Workspace
from recommender.writers import writer_named
from recommender.writers.citations import citation_line

if TYPE_CHECKING:
    from recommender.library import ImportReport
    from recommender.paper import Paper

SHOWN = 20  # blank and rejected records that are listed one by one


def import_(
    files: o.Files,
    on_error: o.Errors = o.OnError.stop,
    replace: o.Replace = False,
    reader: o.Reader = None,
    home: o.Home = None,
) -> None:
    """Read FILES into the library; the next rebuild takes them up."""
    workspace = Workspace(Settings.read(os.environ, home=home))
    with StageProgress() as progress, workspace.writing():
        report = workspace.import_files(
            files, report=on_error is o.OnError.report, replace=replace, reader=reader, on_stage=progress
        )
    note_import(report)
    note("import done; take it up with: recommend rebuild")


def note_import(report: "ImportReport") -> None:
    """Say of every file what came of its records, the blank and rejected ones by name."""
    for source in report.sources:
        languages = ", ".join(f"{name or 'unknown'} {count}" for name, count in source.languages.items())
        note(
            f"{source.name} ({source.format}): {terminal.how_many(source.n_records, 'record')} listed,"
            f" {source.n_records - source.n_blank - source.n_rejected:,} with text,"
            f" {source.n_blank:,} blank, {source.n_rejected:,} rejected;"
            f" {source.n_new:,} new, {source.n_changed:,} changed, {source.n_unchanged:,} unchanged"
            f" [{languages}]"
        )
        for said in source.notes:
            note(f"  {printable(said)}")
        if n := source.n_from_elsewhere:
            note(
                f"  {n:,} of the changed papers came from other files before and {'is' if n == 1 else 'are'}"
                " replaced; if these are different papers, give them ids of their own"
            )
        for paper_id, place in source.blank[:SHOWN]:
            note(f"  blank: {paper_id} ({place}): no title and no abstract; kept, cannot be recommended")
        for rejected in source.rejected[:SHOWN]:
            note(f"  rejected: {rejected.place}: {rejected.reason}")
        hidden = max(0, len(source.blank) - SHOWN) + max(0, len(source.rejected) - SHOWN)
        if hidden:
            note(f"  and {hidden:,} more; all of them: recommend library --json")
    _note_replaced(report)


def _note_replaced(report: "ImportReport") -> None:
    """Say which papers of the library an import did not find anew."""
    if n := report.n_kept:
        whose = "whose new record was rejected"
        note(f"{terminal.how_many(n, 'paper')} {whose} {'stays' if n == 1 else 'stay'} as before")
    if n := report.n_removed:
        verbs = "is in none of the files was" if n == 1 else "are in none of the files were"
        note(f"{terminal.how_many(n, 'paper')} that {verbs} removed")
        if nameless := report.n_nameless:
            who = "rejected record has" if nameless == 1 else "rejected records have"
            note(f"{nameless:,} {who} no id that could be read: papers of theirs may be among the removed")


def remove(
    ids: Annotated[list[str], typer.Argument(help="Ids of papers in the library.", show_default=False)],
    home: o.Home = None,
) -> None:
    """Remove papers from the library; the next rebuild leaves them out."""
    workspace = Workspace(Settings.read(os.environ, home=home))
    with workspace.writing(), workspace.library() as library:
        count = library.remove(ids)
    note(f"removed from the library: {count}; take it up with: recommend rebuild")


def show(
    paper_id: Annotated[str, typer.Argument(metavar="ID", help="Id of a paper.", show_default=False)],
    output: o.Format = o.TABLE,
    as_json: o.Json = False,
    home: o.Home = None,
) -> None:
    """Show one paper as it is in the library, or else in the current build."""
    found = workspace_paper(Workspace(Settings.read(os.environ, home=home)), paper_id)
    if as_json:
        typer.echo(json.dumps(found.as_dict(), ensure_ascii=False, indent=1))
        return
    if output != o.TABLE:
        typer.echo(writer_named(output).text([found]), nl=False)
        return
    console = out()
    title = hanging(f"{found.id}  ", printable(found.title) or "(no title)", terminal.room())
    console.print(title, style="bold", soft_wrap=True)
    for line in (citation_line(found), "; ".join(found.keywords), printable(found.doi), printable(found.url)):
        if line:
            console.print(printable(line), style="dim")
    console.print()
    console.print(printable(found.abstract) or "(no abstract)")


def workspace_paper(workspace: Workspace, paper_id: str) -> "Paper":
    """Return a paper of the library, or else of the current build.

    Raises:
        NotAnswerableError: There is none of this id.
    """
    found = workspace.find(paper_id)
    if found is None:
        raise NotAnswerableError(
            f"no paper {paper_id!r} in {workspace.settings.home}; see: recommend library"
        )
    return found


def library(
    plot: o.Plot = None, as_json: o.Json = False, recover: o.Recover = False, home: o.Home = None
) -> None:
    """Say what the library holds: papers, languages, sources, and what was rejected and why."""
    if plot:
        check_suffix(plot)
    workspace = Workspace(Settings.read(os.environ, home=home))
    if recover:
        _recover(workspace)
    if not workspace.settings.library.exists():
        workspace.store.current_id()  # refuses a home that is no folder
        note(f"no library in {workspace.settings.home} yet; make one with: recommend import FILES")
        return
    with workspace.reading() as opened:
        summary, rejected = opened.summary(), opened.rejected()
        if plot:
            from recommender.presentation.plots.of_library import draw_library

            draw_library(opened.papers(), plot)
    if as_json:
        content = asdict(summary) | {"rejected": [asdict(entry) for entry in rejected]}
        typer.echo(json.dumps(content, ensure_ascii=False, indent=1, default=str))
        return
    at = summary.imported_at
    when = f"last import {at:%Y-%m-%d %H:%M} UTC" if at else "no import yet"
    note(f"{workspace.settings.library}, {when}")
    rows = [
        ("papers", f"{summary.n_papers:,}"),
        ("without text", f"{summary.n_blank:,}"),
        ("rejected", f"{summary.n_rejected:,}"),
    ]
    rows += [(f"language {name or 'unknown'}", f"{n:,}") for name, n in summary.languages.items()]
    rows += [(f"from {source.name} ({source.format})", f"{source.n_papers:,}") for source in summary.sources]
    show_rows(("library", "count"), rows)
    for entry in rejected[:SHOWN]:
        note(f"rejected: {entry.source}, {entry.place}: {entry.reason}")
    if len(rejected) > SHOWN:
        note(f"and {len(rejected) - SHOWN:,} more; all of them: recommend library --json")


def _recover(workspace: Workspace) -> None:
    """Recover the library, and say what could not be saved; every lost id is one line."""
    from recommender.library import recover

    with workspace.writing():
        done = recover(workspace.settings.library, now=UTC_CLOCK())
    for paper_id in done.lost:
        note(f"lost: {paper_id}")
    if done.n_nameless != 0:
        count = "nothing tells how many" if done.n_nameless is None else f"{done.n_nameless:,}"
        note(f"lost with their ids: {count}")
    if done.n_undated:
        note(
            f"of {terminal.how_many(done.n_undated, 'paper')} it is lost when and whence it came;"
            " added now is what counts"
        )
    if done.rejected_lost:
        note("the list of rejected records is lost; importing the files again makes it anew")
    note(f"saved {terminal.how_many(done.n_saved, 'paper')}; the damaged file is now {done.damaged}")
    if done.lost or done.n_nameless != 0:
        note("import the files of the lost papers again, then: recommend rebuild")
