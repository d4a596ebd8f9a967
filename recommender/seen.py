"""What is known of files that were once read in full and found whole, so that less has to be read again.

Two promises of different strength. `unchanged` reads every byte and compares a checksum, which takes
a seventh of the time of a SHA-256: whatever happens to bytes by accident is seen. `untouched` reads nothing
and compares size, times and number of a file: whoever writes to it is seen, a disk that forgets is not.
"""

import json
import time
import zlib
from collections.abc import Iterable
from pathlib import Path

from recommender.files import write_durably

FRESH = 2_000_000_000  # nanoseconds; more than any file system rounds its times by
PAGE = 4096  # bytes
AT_ONCE = 256 * PAGE


def remember(files: Iterable[Path], note: Path) -> None:
    """Write down in `note` how files look that were just found to be whole, and what they hold.

    Raises:
        OSError: It cannot be written.
    """
    looks = {str(path): [*_look(path), _checksum(path)] for path in files}
    content = {"seen": time.time_ns(), "files": looks}
    note.parent.mkdir(parents=True, exist_ok=True)
    write_durably(note, json.dumps(content, indent=1).encode())


def unchanged(note: Path, files: Iterable[Path]) -> frozenset[Path]:
    """Return those of `files` whose every byte is as it was when `note` was written."""
    try:
        content = json.loads(note.read_text(encoding="utf-8"))
        sums = {Path(name): look[-1] for name, look in content["files"].items()}
        return frozenset(path for path in files if path in sums and _checksum(path) == sums[path])
    except (OSError, ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError):
        return frozenset()


def untouched(note: Path) -> frozenset[Path]:
    """Return the files that look as they did when `note` was written; none where there is no such note.

    A time that was fresh then proves nothing, since the next write may bear the same.
    """
    try:
        content = json.loads(note.read_text(encoding="utf-8"))
        return frozenset(
            Path(name)
            for name, (*look, _) in content["files"].items()
            if max(look[2:]) < content["seen"] - FRESH and look == _look(Path(name))
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return frozenset()


def _look(path: Path) -> list[int]:
    found = path.stat()
    return [found.st_size, found.st_ino, found.st_mtime_ns, found.st_ctime_ns]


def _checksum(path: Path) -> int:
    """Return the CRC-32 of the sums of a file's words of eight bytes, and of the bytes after the last page.

    Words are added up page by page and, in every 256 pages, by their place in the page: a word that differs
    changes a sum of either kind, words that changed places at least one. It is bound by reading alone.
    """
    import numpy as np  # whoever only looks whether a build is there does without

    found, buffer = 0, bytearray(AT_ONCE)
    with path.open("rb") as file:
        while size := file.readinto(buffer):
            end = size - size % PAGE
            words = np.frombuffer(buffer, dtype="<u8", count=end // 8).reshape(-1, PAGE // 8)
            for axis in (0, 1):
                found = zlib.crc32(words.sum(axis=axis), found)
            found = zlib.crc32(memoryview(buffer)[end:size], found)
    return found
