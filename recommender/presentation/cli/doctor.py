"""`recommend doctor`: the state of an installation and a home folder on one page, to paste into a report."""

import os
import platform
import shutil
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import typer

from recommender.builds.needs import told
from recommender.errors import BuildError, LockedError, RecommenderError
from recommender.presentation import terminal
from recommender.presentation.cli import options as o
from recommender.presentation.grid import hanging
from recommender.settings import Settings
from recommender.workspace import Workspace

LIBRARIES = ("numpy", "faiss-cpu", "sentence-transformers", "torch", "tokenizers", "scikit-learn", "fastapi")
LOW = 1 << 30  # bytes; a rebuild of a large corpus needs more
LISTED = 10  # builds of a kind, one a line
UNWELL = 4  # exit code
END_OF_LOG = 1 << 14  # bytes; longer than any line of it
Finding = tuple[bool, str, str]  # all is well, what was looked at, what was found


def doctor(home: o.Home = None) -> None:
    """Check versions, model, builds, library, disk, permissions and the last night, on one page.

    Nothing of any paper is shown. The exit code is 4 if anything is not well.
    """
    workspace = Workspace(Settings.read(os.environ, home=home))
    findings = [*_versions(), *(finding for look in LOOKS for finding in look(workspace))]
    for is_well, name, found in findings:
        said = " ".join(found.split())
        typer.echo(hanging(f"{'ok ' if is_well else 'BAD'} {name:<10} ", said, terminal.room()))
    if not all(is_well for is_well, _, _ in findings):
        raise typer.Exit(UNWELL)


def _versions() -> Iterator[Finding]:
    yield True, "version", f"recommender {version('recommender')}, Python {platform.python_version()}"
    yield True, "system", f"{platform.platform()}, {os.cpu_count()} processors, {sys.byteorder}-endian"
    yield True, "libraries", ", ".join(f"{name} {_version(name)}" for name in LIBRARIES)


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "-"


def _home(workspace: Workspace) -> Iterator[Finding]:
    home = workspace.settings.home
    existing = next(path for path in (home, *home.parents) if path.exists())
    is_writable = existing.is_dir() and os.access(existing, os.W_OK | os.X_OK)
    yield is_writable, "home", f"{home}, {'may be written' if is_writable else 'may not be written'}"
    free = shutil.disk_usage(existing).free
    yield free > LOW, "disk", f"{told(free)} free"
    if home.exists() and is_writable:
        try:
            with workspace.writing():
                yield True, "writers", "none"
        except LockedError:
            yield True, "writers", "somebody is writing"


def _library(workspace: Workspace) -> Iterator[Finding]:
    if not workspace.settings.library.exists():
        yield True, "library", "none"
        return
    with workspace.reading() as library:
        summary = library.summary()
        n_read = sum(1 for _ in library.papers())
    at = summary.imported_at
    yield (
        n_read == summary.n_papers,
        "library",
        f"{n_read:,} papers read, {summary.n_papers:,} counted, {summary.n_rejected:,} rejected,"
        f" last import {f'{at:%Y-%m-%d %H:%M} UTC' if at else 'none'}",
    )


def _builds(workspace: Workspace) -> Iterator[Finding]:
    builds = workspace.store.builds()
    current = workspace.store.current_id()
    yield current in builds or not builds, "builds", f"{len(builds)}, current: {current or 'none'}"
    n_of = Counter[bool]()
    for build_id in reversed(builds):
        found = _build(workspace, build_id)
        is_well = found[0]
        n_of[is_well] += 1
        if n_of[is_well] <= LISTED:
            yield found
    for is_well, state in ((True, "whole"), (False, "damaged")):
        if (more := n_of[is_well] - LISTED) > 0:
            yield is_well, "build", f"{more:,} older ones are {state} too"


def _build(workspace: Workspace, build_id: str) -> Finding:
    """Read a build in full."""
    try:
        build = workspace.store.open(build_id)
        build.verify()
    except BuildError as problem:
        return False, "build", str(problem)
    about = build.manifest
    verdict = about.verdict.summary if about.verdict else "not judged"
    build.close()
    return (
        True,
        "build",
        f"{build_id} is whole: {about.n_papers:,} papers, model {Path(about.model).name}"
        f" {about.model_fingerprint[:12]}, engine {about.engine}, gate: {verdict}",
    )


def _model(workspace: Workspace) -> Iterator[Finding]:
    if workspace.store.current_id() is None:
        folder = workspace.model_folder(workspace.choices().model)
        yield True, "model", f"{folder.name} is there"
        return
    embedder = workspace.recommender().embedder
    yield True, "model", f"the one of the current build, {embedder.dim} dimensions"


def _night(workspace: Workspace) -> Iterator[Finding]:
    failed, log = (workspace.settings.home / f"nightly.{ending}" for ending in ("failed", "log"))
    if failed.exists():
        yield False, "night", failed.read_text(encoding="utf-8", errors="replace").strip()
    elif log.exists():
        yield True, "night", _last_line(log)
    else:
        yield True, "night", "no nightly job has run"


def _last_line(path: Path) -> str:
    """Return the last line of a log, which grows for years, from its last kilobytes."""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - END_OF_LOG))
        return file.read().decode("utf-8", "replace").strip().rpartition("\n")[2]


def _surely(look: Callable[[Workspace], Iterator[Finding]]) -> Callable[[Workspace], Iterator[Finding]]:
    """Return what looks, and takes an error for a finding: the page goes on below it."""

    def looked(workspace: Workspace) -> Iterator[Finding]:
        try:
            yield from look(workspace)
        except (RecommenderError, OSError) as problem:
            yield False, look.__name__.strip("_"), str(problem)

    return looked


LOOKS = [_surely(look) for look in (_home, _library, _builds, _model, _night)]
