"""Library: the source of truth of the records. One file, one writer, any number of readers."""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from operator import itemgetter
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

from recommender.errors import NotAnswerableError
from recommender.library.database import (
    STAMPED,
    check_ids,
    check_whole,
    one_view,
    open_for_writing,
    open_read_only,
    stamp_column,
    transaction,
)
from recommender.library.failures import damaged, translated
from recommender.library.importing import import_sources
from recommender.library.incoming import incoming
from recommender.library.listing import listing_of
from recommender.library.records import (
    ImportReport,
    Listing,
    OnError,
    Rejected,
    Source,
    Stored,
)
from recommender.library.rows import (
    OF_PAPER,
    check_stamp,
    decoded,
    moment,
    timestamp,
)
from recommender.library.summary import LibrarySummary
from recommender.paper import Paper
from recommender.text.spellings import spellings
from recommender.workers import HERE, Workers

WAIT_SECONDS = 5.0  # for another process to finish its transaction
LISTED_AT_ONCE = 500  # papers; more do not stay near the processor, and take half as long again
AT_ONCE = 500  # ordinals in one question, within SQLite's limit on parameters
NAMED_IDS = 5  # of those that are unknown, in an error


class Library:
    """The papers of every import, in the order in which their ids first came.

    What a record is: valid, with the ISO 639-1 code of its language, unchanged since it was written. All
    methods raise `LibraryError` if the file is damaged or cannot be read or written, and `LockedError` if
    another process keeps it locked; nothing is ever half written.
    """

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self._connection = connection
        self._path = path
        with translated(path):
            self._stamp = stamp_column(connection)

    @classmethod
    def open(cls, path: Path, *, create: bool = False, wait: float = WAIT_SECONDS) -> Self:
        """Open the library at `path` for reading and writing.

        Args:
            path: The file.
            create: Make it, and its folder, if there is none.
            wait: Seconds to wait for another process.

        Raises:
            LibraryError: There is none, it is none, or it is one of another version.
        """
        return cls(open_for_writing(path, create=create, wait=wait), path)

    @classmethod
    def open_read_only(cls, path: Path, *, wait: float = WAIT_SECONDS) -> Self:
        """Open the library at `path` for reading, also where the user may not write.

        Raises:
            LibraryError: There is none, it is none, or it is one of another version.
        """
        return cls(open_read_only(path, wait=wait), path)

    def close(self) -> None:
        """Close the file."""
        with translated(self._path):
            self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def import_papers(
        self,
        sources: Iterable[Source],
        *,
        now: datetime,
        replace: bool = False,
        on_error: OnError = "stop",
        workers: Workers = HERE,
    ) -> ImportReport:
        """Add the papers of `sources`, or put them in the place of those with their ids, all or none.

        A paper keeps its place in the order for ever. An id may occur once, or again in another of the
        sources with the very same record.

        Args:
            sources: Read one after the other, record by record.
            now: The time of the import.
            replace: Remove what is in none of the sources.
            on_error: `stop` ends the import at the first bad record, with nothing changed; `report` keeps
                it as rejected and goes on.
            workers: Who makes the records ready to be kept.

        Raises:
            RecordError: A record is no paper, or its id is used twice.
            SourceError: A source cannot be read or is named twice, or a replacement has no paper.
        """
        at = timestamp(now)
        with translated(self._path), transaction(self._connection):
            found = ((source, incoming(source, workers)) for source in sources)
            return import_sources(
                self._connection, found, path=self._path, now=at, replace=replace, on_error=on_error
            )

    def remove(self, ids: Iterable[str]) -> int:
        """Remove papers, all or none, and return how many.

        Raises:
            NotAnswerableError: The library does not hold one of the ids.
        """
        with translated(self._path), transaction(self._connection):
            wanted = {paper_id: self._known_as(paper_id) for paper_id in ids}
            if unknown := [paper_id for paper_id, known in wanted.items() if known is None]:
                check_ids(self._connection, self._path)
                named = ", ".join(map(repr, unknown[:NAMED_IDS]))
                more = f" and {len(unknown) - NAMED_IDS} more" if len(unknown) > NAMED_IDS else ""
                raise NotAnswerableError(
                    f"no paper {named}{more} in library {self._path}; nothing was removed"
                )
            return self._remove(wanted.values())

    def remove_known(self, ids: Iterable[str]) -> int:
        """Remove those of some papers that the library holds, all or none, and return how many."""
        with translated(self._path), transaction(self._connection):
            check_ids(self._connection, self._path)  # what is there but not found would stay
            return self._remove(map(self._known_as, ids))

    def get(self, paper_id: str) -> Stored | None:
        """Return the paper with this id, None where there is none."""
        with translated(self._path), one_view(self._connection):
            known = self._known_as(paper_id)
            row = self._connection.execute(
                f"SELECT {OF_PAPER}, {self._stamp}, record FROM papers WHERE id = ?", (known,)
            ).fetchone()
            if row is None:
                check_ids(self._connection, self._path)
                return None
            *stamped, record = row
            check_stamp(self._path, _name_of("papers", stamped), *stamped)
            _, digest, number, place, added_at, imported_at, *_ = stamped
            sources = self._sources()  # all: that the table is whole tells a log of another library
        return Stored(
            paper=decoded(self._path, stamped[0], record, digest),
            source=sources[number].name,
            place=place,
            added_at=moment(self._path, added_at),
            imported_at=moment(self._path, imported_at),
        )

    def added_since(self, time: datetime) -> set[str]:
        """Return the ids that came into the library at a moment or later."""
        with translated(self._path), one_view(self._connection):
            return {
                paper_id
                for paper_id, _, _, _, added_at, *_ in self._rows("papers", "ordinal")
                if moment(self._path, added_at) >= time
            }

    def papers(self) -> Iterator[Paper]:
        """Yield every paper in order, the blank ones included, as of the moment of the first one."""
        with translated(self._path), one_view(self._connection):
            for paper_id, digest, *_, record in self._rows("papers", "ordinal", "record"):
                yield decoded(self._path, paper_id, record, digest)

    def listed(self) -> Iterator[Listing]:
        """Yield all papers in order, some at a time, as of the moment of the first; no record is read."""
        n_rows = stamps = 0
        with translated(self._path), one_view(self._connection):
            found = self._connection.execute(
                f"SELECT {OF_PAPER}, {self._stamp}, ordinal FROM papers ORDER BY ordinal"
            )
            while rows := found.fetchmany(LISTED_AT_ONCE):
                yield listing_of(self._path, rows)
                n_rows += len(rows)
                stamps += sum(filter(None, map(itemgetter(-2), rows)))
            check_whole(self._connection, self._path, "papers", n_rows, stamps)

    def at(self, ordinals: Sequence[int]) -> Iterator[tuple[bytes, Paper]]:
        """Yield the papers of some entries, as they are asked for, each after the digest of its record."""
        with translated(self._path), one_view(self._connection):
            for start in range(0, len(ordinals), AT_ONCE):
                part = ordinals[start : start + AT_ONCE]
                found = {
                    ordinal: row
                    for *row, ordinal in self._connection.execute(
                        f"SELECT {OF_PAPER}, {self._stamp}, record, ordinal FROM papers"
                        f" WHERE ordinal IN ({','.join('?' * len(part))})",
                        part,
                    )
                }
                for ordinal in part:
                    if ordinal not in found:
                        raise damaged(self._path, f"paper number {ordinal} is not there")
                    *stamped, record = found[ordinal]
                    check_stamp(self._path, _name_of("papers", stamped), *stamped)
                    yield stamped[1], decoded(self._path, stamped[0], record, stamped[1])

    def rejected(self) -> list[Rejected]:
        """Return the records that are no papers, by source in order."""
        with translated(self._path), one_view(self._connection):
            sources = self._sources()
            return [
                Rejected(source=sources[number].name, place=place, reason=reason, paper_id=paper_id)
                for number, place, reason, paper_id, *_ in self._rows("rejected", "source, number")
            ]

    def summary(self) -> LibrarySummary:
        """Count what the library holds."""
        with translated(self._path), one_view(self._connection):
            counts = self._connection.execute(
                "SELECT source, language, blank, count(*) FROM papers GROUP BY source, language, blank"
            ).fetchall()
            rejected = dict(
                self._connection.execute("SELECT source, count(*) FROM rejected GROUP BY source").fetchall()
            )
            sources = self._sources()
            check_whole(self._connection, self._path, "papers", sum(count for *_, count in counts))
            check_whole(self._connection, self._path, "rejected", sum(rejected.values()))
        seen = {
            number: (source.name, source.format, moment(self._path, source.imported_at))
            for number, source in sources.items()
        }
        return LibrarySummary.of(counts, rejected, seen)

    def _rows(self, table: str, order: str, more: str = "NULL") -> Iterator[tuple[Any, ...]]:
        """Yield what the stamps of a table are of, its stamp and one column more; read it in one view.

        Raises:
            LibraryError: A row is not as it was written, or, at the end, not all are there.
        """
        columns = STAMPED[table]
        n_stamped = columns.count(",") + 2
        n_rows = stamps = 0
        for row in self._connection.execute(
            f"SELECT {columns}, {self._stamp}, {more} FROM {table} ORDER BY {order}"
        ):
            *stamped, stamp = row[:n_stamped]
            check_stamp(self._path, _name_of(table, stamped), *stamped, stamp)
            n_rows += 1
            stamps += stamp or 0
            yield row
        check_whole(self._connection, self._path, table, n_rows, stamps)

    def _sources(self) -> "_Sources":
        """Return all sources by their numbers, in order."""
        found = _Sources(self._path)
        for *values, _, number in self._rows("sources", "number", "number"):
            found[number] = _SourceRow(*values)
        return found

    def _known_as(self, paper_id: str) -> str | None:
        """Return an id in the form of Unicode in which the library has it, None where it does not."""
        for spelling in spellings(paper_id):
            found = self._connection.execute(
                "SELECT id FROM papers WHERE id = CAST(? AS TEXT)", (_id_bytes(spelling),)
            ).fetchone()
            if found:
                return str(found[0])
        return None

    def _remove(self, known: Iterable[str | None]) -> int:
        """Remove papers by the ids that the library has them under, and return how many."""
        gone = dict.fromkeys(paper_id for paper_id in known if paper_id is not None)
        self._connection.executemany("DELETE FROM papers WHERE id = ?", ((paper_id,) for paper_id in gone))
        return len(gone)


class _SourceRow(NamedTuple):
    name: str
    format: str
    imported_at: str


class _Sources(dict[int, _SourceRow]):
    """The sources of a library by their numbers."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path

    def __missing__(self, number: int) -> _SourceRow:
        raise damaged(self._path, f"source {number} is not there")


def _name_of(table: str, values: Sequence[Any]) -> str:
    """Return how a row is named when it is damaged."""
    if table == "rejected":
        return "a record that was rejected"
    return f"{'paper' if table == 'papers' else 'source'} {values[0]!r}"


def _id_bytes(paper_id: str) -> bytes:
    """Return an id to look for; one that no paper can have, with a lone surrogate, finds none."""
    return paper_id.encode(errors="surrogatepass")
