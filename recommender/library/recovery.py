"""What can be saved of a damaged library: every record that fits its checksum, under its own id and place."""

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from recommender.errors import LibraryError
from recommender.library.database import FORMAT, open_for_writing, transaction
from recommender.library.failures import translated
from recommender.library.rows import decoded, timestamp

COLUMNS = "ordinal, id, digest, source, place, added_at, imported_at, language, blank, record"
ID, DIGEST, SOURCE, PLACE, ADDED, IMPORTED, RECORD = 1, 2, 3, 4, 5, 6, 9
HEADER = 100  # bytes, of SQLite's file format
MOST_GROWN = 100  # times; a damaged header may name any length
SHORTEST = 100  # bytes of a row, its checksum and its times among them
UNKNOWN = "(recovered)"  # source of papers whose own is lost
Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovered:
    """What a recovery did.

    Attributes:
        n_saved: Papers that the new library holds.
        lost: Ids of the papers whose records are damaged.
        n_nameless: Papers that are lost with their ids; None: some are, nothing tells how many.
        rejected_lost: Whether the list of rejected records is lost; the next import makes it anew.
        damaged: Where the damaged file now is.
    """

    n_saved: int
    lost: tuple[str, ...]
    n_nameless: int | None
    rejected_lost: bool
    damaged: Path


def recover(path: Path, *, now: datetime) -> Recovered:
    """Put a whole library in the place of a damaged one, which is moved aside; hold the writer's lock.

    Raises:
        LibraryError: There is none, or nothing can be read of it; it stays as it was.
    """
    if not path.exists():
        raise LibraryError(f"there is no library at {path}")
    aside = path.with_name(f".{path.name}.recovered")
    copy = path.with_name(f".{path.name}.copy")
    damaged = path.with_name(f"{path.stem}.damaged-{now:%Y%m%dT%H%M%SZ}{path.suffix}")
    try:
        _copy(path, copy)
        with translated(path), closing(_opened(copy, path)) as old:
            saved, lost, n_nameless = _rows(old, path)
            if not saved:
                raise LibraryError(
                    f"nothing can be saved of library {path}; import your files into a new one"
                )
            sources, rejected = _all(old, "SELECT * FROM sources"), _all(old, "SELECT * FROM rejected")
        with closing(open_for_writing(aside, create=True, wait=0)) as new, transaction(new):
            _write(new, saved, sources or [], rejected or [], timestamp(now))
        for ending in ("", "-wal", "-shm"):
            with suppress(FileNotFoundError):
                path.with_name(path.name + ending).replace(damaged.with_name(damaged.name + ending))
        aside.replace(path)
    except OSError as problem:
        raise LibraryError(f"the library cannot be recovered to {path} ({problem.strerror})") from problem
    finally:
        _remove(aside)
        _remove(copy)
    return Recovered(
        n_saved=len(saved),
        lost=tuple(sorted(lost)),
        n_nameless=n_nameless,
        rejected_lost=rejected is None,
        damaged=damaged,
    )


def _copy(path: Path, copy: Path) -> None:
    """Copy a library with its log, and give one that was cut off its length again: SQLite insists on it."""
    _remove(copy)
    shutil.copyfile(path, copy)
    with suppress(FileNotFoundError):
        shutil.copyfile(path.with_name(f"{path.name}-wal"), copy.with_name(f"{copy.name}-wal"))
    with copy.open("r+b") as file:
        header = file.read(HEADER)
        if len(header) == HEADER and header.startswith(b"SQLite format 3"):
            page, pages = int.from_bytes(header[16:18]), int.from_bytes(header[28:32])
            length = min((page if page > 1 else 65536) * pages, MOST_GROWN * copy.stat().st_size)
            file.truncate(max(length, copy.stat().st_size))


def _opened(copy: Path, path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(f"{copy.absolute().as_uri()}?mode=rw", uri=True, isolation_level=None)
    (found,) = connection.execute("PRAGMA user_version").fetchone()
    if found > FORMAT:
        connection.close()
        raise LibraryError(f"library {path} has format {found}, which is newer than this program; update it")
    connection.execute("PRAGMA query_only = ON")
    return connection


def _rows(connection: sqlite3.Connection, path: Path) -> tuple[list[Row], set[str], int | None]:
    """Return the whole rows, the ids of the others, and how many of these have no id any more.

    A scan ends at the first damaged page, so every row is asked for by itself: by the ids, which SQLite
    keeps a second time in an index, and by every number up to the highest that there can be.
    """
    named = {ordinal: paper_id for paper_id, ordinal in _scanned(connection)}
    counted = _all(connection, "SELECT max(ordinal) FROM papers")
    highest = counted[0][0] or 0 if counted else path.stat().st_size // SHORTEST
    saved, lost, nameless = [], set[str](), 0
    for ordinal in range(1, max([*named, highest]) + 1):
        try:
            row = connection.execute(
                f"SELECT {COLUMNS} FROM papers WHERE ordinal = ?",  # noqa: S608 - a constant
                (ordinal,),
            ).fetchone()
        except sqlite3.Error:
            if ordinal not in named:
                nameless += 1
            row = None
        if row is not None and _is_whole(row, path):
            saved.append(row)
        elif ordinal in named:
            lost.add(named[ordinal])
    return saved, lost - {str(row[ID]) for row in saved}, nameless if counted else None


def _scanned(connection: sqlite3.Connection) -> Iterator[tuple[str, int]]:
    """Yield id and number of all papers that the index of ids still knows, from either end."""
    for order in ("ASC", "DESC"):
        with suppress(sqlite3.Error):
            found = connection.execute(f"SELECT id, ordinal FROM papers ORDER BY id {order}")  # noqa: S608
            yield from ((entry[0], entry[1]) for entry in found if isinstance(entry[0], str))


def _is_whole(row: Row, path: Path) -> bool:
    """Tell whether a row is as it was written, as far as a new library needs it."""
    try:
        decoded(path, row[ID], row[RECORD], row[DIGEST])
        return all(datetime.fromisoformat(str(row[place])) for place in (ADDED, IMPORTED))
    except (LibraryError, TypeError, ValueError):
        return False


def _all(connection: sqlite3.Connection, question: str) -> list[Row] | None:
    """Return all rows, or None where they cannot be read."""
    try:
        return connection.execute(question).fetchall()
    except sqlite3.Error:
        return None


def _write(
    connection: sqlite3.Connection, papers: list[Row], sources: list[Row], rejected: list[Row], now: str
) -> None:
    connection.executemany(
        "INSERT OR IGNORE INTO sources VALUES (?, ?, ?, ?)", [row for row in sources if _is_source(row)]
    )
    known = {number for (number,) in connection.execute("SELECT number FROM sources")}
    if missing := {row[SOURCE] for row in papers} - known:
        names = [(number, f"{UNKNOWN} {number}", "unknown", now) for number in missing]
        connection.executemany("INSERT INTO sources VALUES (?, ?, ?, ?)", names)
    marks = ",".join("?" * len(papers[0]))
    connection.executemany(f"INSERT INTO papers ({COLUMNS}) VALUES ({marks})", papers)  # noqa: S608
    kept = [entry for entry in rejected if entry[1] in known]
    connection.executemany("INSERT OR IGNORE INTO rejected VALUES (?, ?, ?, ?, ?)", kept)


def _is_source(row: Row) -> bool:
    try:
        return bool(datetime.fromisoformat(str(row[3])))
    except ValueError:
        return False


def _remove(path: Path) -> None:
    for ending in ("", "-wal", "-shm", "-journal"):
        with suppress(FileNotFoundError):
            os.unlink(path.with_name(path.name + ending))  # noqa: PTH108
