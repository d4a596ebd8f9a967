"""`recommend export`: papers for other programs, into a file or to standard output."""

import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from recommender.errors import UnwritableError, UsageError
from recommender.presentation.asking import prepare
from recommender.presentation.cli import options as o
from recommender.presentation.cli.corpus import workspace_paper
from recommender.presentation.cli.table import note
from recommender.presentation.named import ids_of
from recommender.settings import Settings
from recommender.workspace import Workspace
from recommender.writers import About, writer_for, writer_named

if TYPE_CHECKING:
    from recommender.paper import Paper


def export(
    ids: o.ExportedIds = None,
    output: o.ExportFormat = None,
    file: o.OutputFile = None,
    home: o.Home = None,
) -> None:
    """Write papers of the library, or else of the current build, in the format of another program."""
    if output == o.TABLE:
        raise UsageError("an export is no table; choose one of: " + ", ".join(o.FORMATS[1:]))
    writer = writer_named(output) if output else writer_for(file) if file else writer_named("jsonl")
    workspace = Workspace(Settings.read(os.environ, home=home))
    prepare(workspace)
    with _papers(workspace, ids_of(ids)) as (papers, about):
        if file is None:
            sys.stdout.writelines(writer.write(papers, about))  # echo would flush after every paper
            return
        counted = _Counted(papers)
        _write(file, writer.write(counted, about))
    note(f"{counted.n:,} paper{'' if counted.n == 1 else 's'} written to {file} as {writer.name}")


class _Counted:
    """Papers that are counted as they go by."""

    def __init__(self, papers: "Iterable[Paper]") -> None:
        self._papers = papers
        self.n = 0

    def __iter__(self) -> "Iterator[Paper]":
        for paper in self._papers:
            self.n += 1
            yield paper


@contextmanager
def _papers(workspace: Workspace, ids: tuple[str, ...]) -> "Iterator[tuple[Iterable[Paper], About]]":
    """Give the papers with these ids, or all, and what is said about them."""
    manifest = workspace.published()
    if ids:
        papers = [workspace_paper(workspace, paper_id) for paper_id in ids]
        yield papers, About("Papers", workspace.changed_at())
    elif workspace.has_papers():
        with workspace.reading() as library:
            yield library.papers(), About("Library", workspace.changed_at())
    else:
        held = workspace.store.current().papers
        about = About(
            "Bundled sample" if manifest and manifest.is_sample else "Build", workspace.changed_at()
        )
        yield (held.paper(row) for row in range(len(held))), about


def _write(file: Path, pieces: Iterable[str]) -> None:
    """Write a file beside its place and rename it, so that there is never half of one.

    What is there and is no file, a device or a pipe, is written to: a file in its place would end it.

    Raises:
        UnwritableError: It cannot be written.
    """
    if file.exists() and not file.is_file():
        with file.open("w", encoding="utf-8", newline="") as opened:
            opened.writelines(pieces)
        return
    beside = file.with_name(f".{file.name}.{os.getpid()}.partial")
    try:
        with beside.open("w", encoding="utf-8", newline="") as opened:
            opened.writelines(pieces)
        beside.replace(file)
    except OSError as problem:
        raise UnwritableError(file, problem) from problem
    finally:
        beside.unlink(missing_ok=True)
