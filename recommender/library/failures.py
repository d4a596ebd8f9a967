"""The one place where an error of SQLite becomes one that the user can act on."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from recommender.errors import LibraryError, LockedError, RecommenderError

UNWRITABLE = frozenset({sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM, sqlite3.SQLITE_READONLY})
NO_ROOM = frozenset({sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR})  # for what lies beside the file
BUSY = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
PRIMARY = 0xFF  # an extended result code carries its kind in the lowest byte


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Turn whatever SQLite raises about the library at `path` into an error of the package.

    Raises:
        LibraryError: The file is damaged, cannot be opened or written, or the disk is full.
        LockedError: Another process kept it locked for longer than the connection waits.
        ValueError: The library was closed before.
    """
    try:
        yield
    except sqlite3.ProgrammingError as mistake:
        raise ValueError(f"library {path}: {mistake}") from mistake
    except sqlite3.Error as problem:
        raise _error(path, problem) from problem


def result_code(problem: sqlite3.Error) -> int:
    """Return the primary result code of SQLite, 0 where the error is of Python's binding alone."""
    return getattr(problem, "sqlite_errorcode", 0) & PRIMARY


def damaged(path: Path, what: str) -> LibraryError:
    """Return the error for content that is not what was written."""
    return LibraryError(
        f"library {path} is damaged: {what}; restore a copy, or save what can be saved:"
        " recommend library --recover"
    )


def _error(path: Path, problem: sqlite3.Error) -> RecommenderError:
    code = result_code(problem)
    if code in BUSY:
        return LockedError(f"library {path} is in use by another process; try again when that has finished")
    if code in UNWRITABLE:
        return LibraryError(f"library {path} cannot be opened or written ({problem}); check its permissions")
    if code == sqlite3.SQLITE_FULL:
        return LibraryError(f"the disk is full: library {path} is as it was before; free some space")
    if code == sqlite3.SQLITE_IOERR:
        return LibraryError(f"library {path} cannot be read or written ({problem}); check the disk")
    if code == sqlite3.SQLITE_NOTADB:
        return LibraryError(f"{path} is not a library of recommender; name another file or move it away")
    if code == sqlite3.SQLITE_TOOBIG:
        return LibraryError(f"a record is too big for library {path}; shorten it")
    return damaged(path, str(problem))
