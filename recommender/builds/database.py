"""The SQLite files of a build: written once and to the disk, then only read."""

import errno
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def created(path: Path, schema: str) -> Iterator[sqlite3.Connection]:
    """Yield a new database to fill; it is committed, closed and on the disk when the block ends.

    Raises:
        OSError: It cannot be written, whatever SQLite calls that.
    """
    with changed(path) as connection:
        connection.executescript(schema)
        yield connection


@contextmanager
def changed(path: Path) -> Iterator[sqlite3.Connection]:
    """Yield a database of a build that is being made, to be changed, as `created` does.

    Raises:
        OSError: It cannot be written, whatever SQLite calls that.
    """
    connection = sqlite3.connect(path)
    try:
        connection.execute("PRAGMA journal_mode=OFF")
        yield connection
        connection.commit()
    except sqlite3.OperationalError as problem:
        raise OSError(errno.EIO, str(problem), str(path)) from problem
    finally:
        connection.close()
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def opened(path: Path) -> sqlite3.Connection:
    """Return a connection for reading a file that never changes, from any thread.

    Raises:
        sqlite3.Error: It cannot be opened.
    """
    address = f"{path.absolute().as_uri()}?mode=ro&immutable=1"
    return sqlite3.connect(address, uri=True, check_same_thread=False)
