"""What is known of files that were once read in full and found whole, so that less has to be read again.

Two promises of different strength. `unchanged` reads every byte and compares a CRC-32, which takes less than
half the time of a SHA-256: whatever has happened to the bytes is seen. `untouched` reads nothing and compares
size, times and number of a file: whoever writes to it is seen, a disk that forgets is not.
"""

import json
import os
import time
import zlib
from collections.abc import Iterable
from pathlib import Path

FRESH = 2_000_000_000  # nanoseconds; more than any file system rounds its times by
AT_ONCE = 1 << 20  # bytes


def remember(files: Iterable[Path], note: Path) -> None:
    """Write down in `note` how files look that were just found to be whole, and what they hold.

    Raises:
        OSError: It cannot be written.
    """
    looks = {str(path): [*_look(path), _crc(path)] for path in files}
    content = {"seen": time.time_ns(), "files": looks}
    note.parent.mkdir(parents=True, exist_ok=True)
    aside = note.with_name(f".{note.name}.{os.getpid()}")
    try:
        aside.write_text(json.dumps(content, indent=1), encoding="utf-8")
        aside.replace(note)
    finally:
        aside.unlink(missing_ok=True)


def unchanged(note: Path, files: Iterable[Path]) -> frozenset[Path]:
    """Return those of `files` whose every byte is as it was when `note` was written."""
    try:
        content = json.loads(note.read_text(encoding="utf-8"))
        sums = {Path(name): look[-1] for name, look in content["files"].items()}
        return frozenset(path for path in files if path in sums and _crc(path) == sums[path])
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


def _crc(path: Path) -> int:
    """Return the CRC-32 of a whole file."""
    found, buffer = 0, bytearray(AT_ONCE)
    with path.open("rb", buffering=0) as file:
        while size := file.readinto(buffer):
            found = zlib.crc32(memoryview(buffer)[:size], found)
    return found
