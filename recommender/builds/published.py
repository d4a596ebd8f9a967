"""Which builds were published, in that order: where a rollback goes, and what is spared for it.

One id a line. A look at it never fails: where it is missing, as in homes of programs before, or damaged,
the verdicts of the builds have to tell.
"""

import logging
import re
from collections.abc import Iterable
from pathlib import Path

from recommender.files import write_durably

FILE = "PUBLISHED"
log = logging.getLogger(__name__)


def read(root: Path, build_id: re.Pattern[str]) -> list[str] | None:
    """Return the ids as they were noted, the last one last; None where there is no note that could be read.

    Args:
        root: The folder of the builds.
        build_id: What an id looks like.
    """
    try:
        noted = (root / FILE).read_text(encoding="utf-8").split()
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as problem:
        log.warning("%s cannot be read: %s", root / FILE, problem)
        return None
    if not noted or not all(map(build_id.fullmatch, noted)):
        log.warning("%s is damaged", root / FILE)
        return None
    return noted


def write(root: Path, build_ids: Iterable[str]) -> None:
    """Note which builds were published; what cannot be written is said, and keeps no build from answering."""
    try:
        write_durably(root / FILE, "".join(f"{build_id}\n" for build_id in build_ids).encode())
    except OSError as problem:
        log.warning("%s cannot be written: %s", root / FILE, problem)
