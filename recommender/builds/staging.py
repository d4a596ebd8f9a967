"""Folders of builds that nobody may read: being written, left by a killed writer, or being deleted."""

import logging
import shutil
from pathlib import Path

from recommender.errors import BuildError, RecommenderError

log = logging.getLogger(__name__)
PARTIAL = ".partial"


def folder_of(root: Path, build_id: str) -> Path:
    """Return where a build below a root lies while it is not to be read."""
    return root / f".{build_id}{PARTIAL}"


def id_of(folder: Path) -> str:
    """Return the id of the build that `folder_of` is of."""
    return folder.name.removeprefix(".").removesuffix(PARTIAL)


def staged(root: Path) -> list[Path]:
    """Return all such folders below a root, the oldest first."""
    return sorted(root.glob(f".*{PARTIAL}"))


def delete(folder: Path) -> None:
    """Delete an unfinished build, and what it keeps on a server.

    That the server cannot be reached is no reason to stop: what names it there stays until it can.

    Raises:
        OSError: The folder cannot be deleted.
    """
    from recommender.index import OUTSIDE, give_up

    try:
        give_up(folder)
    except BuildError as problem:
        log.warning("of an unfinished build something stays behind: %s", problem)
    except RecommenderError as problem:
        log.warning("of an unfinished build something stays behind for now, see %s: %s", folder, problem)
        for path in folder.iterdir():
            if path.name not in OUTSIDE:
                path.unlink()
        return
    shutil.rmtree(folder)
