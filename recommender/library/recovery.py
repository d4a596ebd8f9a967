"""What can be saved of a damaged library: every record that fits its checksum, under its own id and place."""

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from recommender.errors import LibraryError
from recommender.files import sync_folder
from recommender.library.database import FORMAT, open_for_writing, stamp_column, transaction
from recommender.library.failures import translated
from recommender.library.rows import (
    OF_PAPER,
    OF_REJECTED,
    OF_SOURCE,
    check_stamp,
    decoded,
    stamp,
    timestamp,
)

HEADER = 100  # bytes, of SQLite's file format
MOST_GROWN = 100  # times; a damaged header may name any length
SHORTEST = 100  # bytes of a row, its checksum and its times among them
UNKNOWN = "(recovered)"  # source of papers whose own is lost
Row = tuple[Any, ...]


class Saved(NamedTuple):
    """A row with its paper: number in the order, what the stamp is of, record."""

    ordinal: int
    of_paper: Row
    record: bytes

    @property
    def paper_id(self) -> str:
        return str(self.of_paper[0])

    @property
    def source(self) -> int | None:
        """Number of the source; None: it is lost."""
        number = self.of_paper[2]
        return None if number is None else int(number)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovered:
    """What a recovery did.

    Attributes:
        n_saved: Papers that the new library holds.
        lost: Ids of the papers whose records are damaged.
        n_nameless: Papers that are lost with their ids; None: some are, nothing tells how many.
        n_undated: Papers saved of which it is lost when and whence they came; they count as added now.
        rejected_lost: Whether the list of rejected records is lost; the next import makes it anew.
        damaged: Where the damaged file now is.
    """

    n_saved: int
    lost: tuple[str, ...]
    n_nameless: int | None
    n_undated: int
    rejected_lost: bool
    damaged: Path


def recover(path: Path, *, now: datetime) -> Recovered:
    """Put a whole library in the place of a damaged one, which is kept beside it; hold the writer's lock.

    Whenever it is ended, one of the two has the library's name, and it can be run again.

    Raises:
        LibraryError: There is none, or nothing can be read of it; it stays as it was.
    """
    if not path.exists():
        raise LibraryError(f"there is no library at {path}")
    aside = path.with_name(f".{path.name}.recovered")
    copy = path.with_name(f".{path.name}.copy")
    damaged = path.with_name(f"{path.stem}.damaged-{now:%Y%m%dT%H%M%SZ}{path.suffix}")
    try:
        _remove(aside)  # by a recovery that was killed
        _copy(path, copy)
        with translated(path), closing(_opened(copy, path)) as old:
            saved, lost, n_nameless = _rows(old, path)
            if not saved:
                raise LibraryError(
                    f"nothing can be saved of library {path}; import your files into a new one"
                )
            sources = _whole(old, path, "sources", OF_SOURCE)
            rejected = _whole(old, path, "rejected", OF_REJECTED)
        with closing(open_for_writing(aside, create=True, wait=0)) as new, transaction(new):
            _write(new, saved, sources or [], rejected or [], timestamp(now))
        _keep(path, damaged, copy)
        for ending in ("-wal", "-shm"):  # before the whole one has their name: they are not its own
            with suppress(FileNotFoundError):
                path.with_name(path.name + ending).replace(damaged.with_name(damaged.name + ending))
        aside.replace(path)
        sync_folder(path.parent)
    except OSError as problem:
        raise LibraryError(f"the library cannot be recovered to {path} ({problem.strerror})") from problem
    finally:
        _remove(aside)
        _remove(copy)
    return Recovered(
        n_saved=len(saved),
        lost=tuple(sorted(lost)),
        n_nameless=n_nameless,
        n_undated=sum(row.source is None for row in saved),
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


def _keep(path: Path, damaged: Path, copy: Path) -> None:
    """Give a damaged library a second name, or that to a copy of it where a file has but one."""
    damaged.unlink(missing_ok=True)
    try:
        damaged.hardlink_to(path)
    except (OSError, NotImplementedError):
        shutil.copyfile(path, copy)
        copy.replace(damaged)


def _opened(copy: Path, path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(f"{copy.absolute().as_uri()}?mode=rw", uri=True, isolation_level=None)
    (found,) = connection.execute("PRAGMA user_version").fetchone()
    if found > FORMAT:
        connection.close()
        raise LibraryError(f"library {path} has format {found}, which is newer than this program; update it")
    connection.execute("PRAGMA query_only = ON")
    return connection


def _rows(connection: sqlite3.Connection, path: Path) -> tuple[list[Saved], set[str], int | None]:
    """Return the whole rows, the ids of the others, and how many of these have no id any more.

    A scan ends at the first damaged page, so every row is asked for by itself: by the ids, which SQLite
    keeps a second time in an index, by what a scan gives up to there from either end, and by every number
    up to that of the rows that a file of this size can hold. Beyond these only known numbers are asked for:
    damage may name any.
    """
    named = {ordinal: paper_id for paper_id, ordinal in _scanned(connection)}
    counted = _all(connection, "SELECT max(ordinal) FROM papers")
    most = path.stat().st_size // SHORTEST
    usual = range(1, (min(counted[0][0] or 0, most) if counted else most) + 1)
    others = {*named, *_numbers(connection)}.difference(usual)
    saved, lost, nameless = [], set[str](), 0
    question = f"SELECT {OF_PAPER}, {stamp_column(connection)}, record FROM papers WHERE ordinal = ?"
    for ordinal in sorted(others.union(usual)):
        try:
            row = connection.execute(question, (ordinal,)).fetchone()
        except sqlite3.Error:
            if ordinal not in named:
                nameless += 1
            row = None
        if row is not None and (found := _saved(ordinal, row, path)):
            saved.append(found)
        elif ordinal in named:
            lost.add(named[ordinal])
    return saved, lost - {row.paper_id for row in saved}, nameless if counted else None


def _scanned(connection: sqlite3.Connection) -> Iterator[tuple[str, int]]:
    """Yield id and number of all papers that the index of ids still knows, from either end."""
    for order in ("ASC", "DESC"):
        with suppress(sqlite3.Error):
            found = connection.execute(f"SELECT id, ordinal FROM papers ORDER BY id {order}")
            yield from ((entry[0], entry[1]) for entry in found if isinstance(entry[0], str))


def _numbers(connection: sqlite3.Connection) -> Iterator[int]:
    """Yield the numbers of papers that the table itself still gives, from either end."""
    for order in ("ASC", "DESC"):
        with suppress(sqlite3.Error):
            for (ordinal,) in connection.execute(
                f"SELECT ordinal FROM papers NOT INDEXED ORDER BY ordinal {order}"
            ):
                yield ordinal


def _saved(ordinal: int, row: Row, path: Path) -> Saved | None:
    """Return what is whole of a row: all of it, the record alone, or nothing."""
    *stamped, record = row
    *of_paper, _ = stamped
    paper_id, digest = of_paper[:2]
    try:
        paper = decoded(path, paper_id, record, digest)
    except (LibraryError, TypeError):
        return None
    try:
        check_stamp(path, "", *stamped)
        for moment in of_paper[4:6]:
            datetime.fromisoformat(moment)
    except (LibraryError, TypeError, ValueError):
        of_paper[2:] = None, "", None, None, paper.language, int(paper.is_blank)
    return Saved(ordinal, tuple(of_paper), record)


def _whole(connection: sqlite3.Connection, path: Path, table: str, columns: str) -> list[Row] | None:
    """Return the rows of a table that are as they were written, behind their numbers; None: all are lost."""
    rows = _all(connection, f"SELECT number, {columns}, {stamp_column(connection)} FROM {table}")
    if rows is None:
        return None
    found = []
    for row in rows:
        with suppress(LibraryError):
            check_stamp(path, "", *row[1:])
            found.append(row[:-1])
    return found


def _all(connection: sqlite3.Connection, question: str) -> list[Row] | None:
    """Return all rows, or None where they cannot be read."""
    try:
        return connection.execute(question).fetchall()
    except sqlite3.Error:
        return None


def _write(
    connection: sqlite3.Connection, papers: list[Saved], sources: list[Row], rejected: list[Row], now: str
) -> None:
    known = [row for row in sources if _is_source(row)]
    numbers = {row[0] for row in known}
    missing = sorted({row.source for row in papers if row.source is not None} - numbers)
    if any(row.source is None for row in papers):
        missing.append(max([0, *numbers, *missing]) + 1)  # one for all whose source is lost
    known += [(number, f"{UNKNOWN} {number}", "unknown", now) for number in missing]
    for table, columns, rows in (
        ("sources", OF_SOURCE, known),
        ("rejected", OF_REJECTED, [row for row in rejected if row[1] in numbers]),
    ):
        marks = ", ".join("?" * len(columns.split(", ")))
        connection.executemany(
            f"INSERT OR IGNORE INTO {table} (number, {columns}, stamp) VALUES (?, {marks}, ?)",
            ((*row, stamp(*row[1:])) for row in rows),
        )
    for ordinal, of_paper, record in papers:
        paper_id, digest, number, place, added_at, imported_at, *rest = of_paper
        if number is None:
            number, added_at, imported_at = missing[-1], now, now
        row = (paper_id, digest, number, place, added_at, imported_at, *rest)
        connection.execute(
            f"INSERT INTO papers (ordinal, {OF_PAPER}, record, stamp)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (ordinal, *row, record, stamp(*row)),
        )


def _is_source(row: Row) -> bool:
    try:
        return bool(datetime.fromisoformat(str(row[3])))
    except ValueError:
        return False


def _remove(path: Path) -> None:
    for ending in ("", "-wal", "-shm", "-journal"):
        with suppress(FileNotFoundError):
            os.unlink(path.with_name(path.name + ending))  # noqa: PTH108
