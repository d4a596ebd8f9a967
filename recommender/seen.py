"""Files that were read in full once need not be read again while nobody has touched them.

Remembered are size, times and number of every file. Whoever writes to a file changes its times; a time that
was fresh when it was remembered proves nothing, since the next write may bear the same.
"""

import json
import os
import time
from collections.abc import Iterable
from pathlib import Path

FRESH = 2_000_000_000  # nanoseconds; more than any file system rounds its times by


def remember(files: Iterable[Path], note: Path) -> None:
    """Write down in `note` how files look that were just found to be whole.

    Raises:
        OSError: It cannot be written.
    """
    content = {"seen": time.time_ns(), "files": {str(path): _look(path) for path in files}}
    note.parent.mkdir(parents=True, exist_ok=True)
    aside = note.with_name(f".{note.name}.{os.getpid()}")
    aside.write_text(json.dumps(content, indent=1), encoding="utf-8")
    aside.replace(note)


def untouched(note: Path) -> frozenset[Path]:
    """Return the files that look as they did when `note` was written; none where there is no such note."""
    try:
        content = json.loads(note.read_text(encoding="utf-8"))
        return frozenset(
            Path(name)
            for name, look in content["files"].items()
            if max(look[2:]) < content["seen"] - FRESH and look == _look(Path(name))
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return frozenset()


def _look(path: Path) -> list[int]:
    found = path.stat()
    return [found.st_size, found.st_ino, found.st_mtime_ns, found.st_ctime_ns]
