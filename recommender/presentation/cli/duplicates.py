"""`recommend duplicates`: papers that are one work, with the evidence."""

import json
import os
from typing import TYPE_CHECKING, Annotated

import typer

from recommender.presentation import terminal
from recommender.presentation.asking import prepare
from recommender.presentation.cli import options as o
from recommender.presentation.cli.progress import StageProgress
from recommender.presentation.cli.table import note, out
from recommender.presentation.grid import hanging
from recommender.presentation.works import record
from recommender.settings import Settings
from recommender.workspace import Workspace
from recommender.writers.citations import citation_line, display_title

if TYPE_CHECKING:  # they read texts, which an answer by id does without
    from recommender.duplicates import Group, Pair


def duplicates(
    resubmitted: Annotated[
        bool, typer.Option("--resubmitted", help="Only where venue or authors differ (一稿多投).")
    ] = False,
    as_json: o.Json = False,
    home: o.Home = None,
) -> None:
    """List papers that are one work: copies, edited versions, translations, 一稿多投. Nothing is changed."""
    from recommender.duplicates import find_duplicates

    workspace = Workspace(Settings.read(os.environ, home=home))
    prepare(workspace)
    build = workspace.recommender().build
    with StageProgress() as progress:
        groups = find_duplicates(build, lambda done, total: progress("comparing texts", done, total))
    if resubmitted:
        groups = [group for group in groups if any(pair.is_resubmitted for pair in group.pairs)]
    note(summary(groups))
    if as_json:
        content = {"build": build.manifest.build_id, "groups": [record(group) for group in groups]}
        typer.echo(json.dumps(content, ensure_ascii=False, indent=1))
        return
    for number, group in enumerate(groups, start=1):
        show(number, group)


def summary(groups: "list[Group]") -> str:
    """Say how many groups there are, and pairs of each kind."""
    pairs = [pair for group in groups for pair in group.pairs]
    kinds = sorted({pair.kind for pair in pairs}, key=lambda kind: kind.value)
    counted = [f"{sum(pair.kind is kind for pair in pairs):,} × {kind.value}" for kind in kinds]
    elsewhere = sum(pair.is_resubmitted for pair in pairs)
    counted += [f"{elsewhere:,} with another venue or other authors"] if elsewhere else []
    return f"{len(groups):,} groups of papers that are one work" + (
        f": {', '.join(counted)}" if counted else ""
    )


def show(number: int, group: "Group") -> None:
    """Print one group: its papers, then what ties them."""
    console = out()
    console.print(f"{number}.", style="bold")
    room = terminal.room()
    for paper in group.papers:
        console.print(hanging(f"   {paper.id}  ", display_title(paper), room), soft_wrap=True)
        if citation := citation_line(paper):
            console.print(hanging("      ", citation, room), style="dim", soft_wrap=True)
    for pair in group.pairs:
        console.print(hanging(f"   {pair.one.id} – {pair.other.id}: ", evidence(pair), room), soft_wrap=True)


def evidence(pair: "Pair") -> str:
    """Return what ties two papers, for people."""
    from recommender.duplicates import Kind

    said = {
        Kind.exact: "",
        Kind.near: f", {pair.containment:.0%} of the shorter stands in the other",
        Kind.translated: f", {pair.containment:.0%} of the numbers are the same",
    }[pair.kind]
    if pair.kind is Kind.translated and not pair.containment:
        said = ", one of them without numbers to compare"
    differs = f"; another {' and other '.join(pair.differs)}" if pair.differs else ""
    return f"{pair.kind.value}{said}{differs}"
