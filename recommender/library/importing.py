"""The import: papers of many sources into the library, all of them or none."""

import sqlite3
from collections import Counter
from collections.abc import Generator, Iterable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from recommender.errors import RecordError, SourceError
from recommender.library.database import check_ids
from recommender.library.incoming import Incoming
from recommender.library.records import ImportReport, OnError, Rejected, Source, SourceReport
from recommender.library.rows import OF_PAPER, OF_REJECTED, check_stamp, stamp, storable
from recommender.text.spellings import spellings

# Where every id of this import was first seen. On disk if it gets long: a corpus need not fit in memory.
SEEN = "CREATE TEMP TABLE seen (id TEXT PRIMARY KEY, source INTEGER, place TEXT) WITHOUT ROWID"
# The ids of records that were rejected: their papers are in the files, if not as they should be.
REFUSED = "CREATE TEMP TABLE refused (id TEXT PRIMARY KEY) WITHOUT ROWID"


def import_sources(
    connection: sqlite3.Connection,
    sources: Iterable[tuple[Source, Generator[Incoming | RecordError]]],
    *,
    path: Path,
    now: str,
    replace: bool,
    on_error: OnError,
) -> ImportReport:
    """Import within a transaction that the caller has begun and ends.

    With each source comes what it holds, see `incoming`.

    Raises:
        RecordError: A record is no paper, or its id is used twice, and the policy is to stop.
        SourceError: A source cannot be read or is named twice, or a replacement has no paper.
        LibraryError: What the library, at `path`, holds of a paper is damaged.
    """
    check_ids(connection, path)  # a paper that is there but not found would come twice
    connection.execute(SEEN)
    connection.execute(REFUSED)
    imported: dict[int, SourceReport] = {}
    for source, found in sources:
        number = _begin(connection, source, now)
        if number in imported:
            raise SourceError(f"{source.name} is named twice; name every file once")
        imported[number] = _SourceImport(connection, path, source, number, now, on_error).run(found)
    n_removed = _remove_others(connection, imported.keys()) if replace else 0
    (n_kept,) = connection.execute(
        "SELECT count(*) FROM refused JOIN papers USING (id) WHERE id NOT IN (SELECT id FROM seen)"
    ).fetchone()
    connection.execute("DROP TABLE seen")
    connection.execute("DROP TABLE refused")
    return ImportReport(sources=tuple(imported.values()), n_removed=n_removed, n_kept=n_kept)


def _begin(connection: sqlite3.Connection, source: Source, now: str) -> int:
    """Return the number of the source; what was rejected of it earlier is forgotten."""
    name = storable(source.name)
    connection.execute(
        "INSERT INTO sources (name, format, imported_at, stamp) VALUES (?, ?, ?, ?) ON CONFLICT (name) DO"
        " UPDATE SET format = excluded.format, imported_at = excluded.imported_at, stamp = excluded.stamp",
        (name, source.format, now, stamp(name, source.format, now)),
    )
    (number,) = connection.execute("SELECT number FROM sources WHERE name = ?", (name,)).fetchone()
    return int(number)


def _remove_others(connection: sqlite3.Connection, numbers: Iterable[int]) -> int:
    """Remove the papers and sources that this import did not see; a paper whose record it rejected stays."""
    if not connection.execute("SELECT 1 FROM seen LIMIT 1").fetchone():
        raise SourceError("the files hold no paper to replace the library with; it is as it was before")
    removed = connection.execute(
        "DELETE FROM papers WHERE id NOT IN (SELECT id FROM seen) AND id NOT IN (SELECT id FROM refused)"
    ).rowcount
    kept = ",".join(map(str, numbers))
    connection.execute(
        f"DELETE FROM sources WHERE number NOT IN ({kept}) AND number NOT IN (SELECT source FROM papers)"
    )
    return removed


@dataclass(slots=True)
class _SourceImport:
    """The import of one source."""

    connection: sqlite3.Connection
    path: Path
    source: Source
    number: int
    now: str
    on_error: OnError
    counts: Counter[str] = field(default_factory=Counter)
    languages: Counter[str] = field(default_factory=Counter)
    blank: list[tuple[str, str]] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)

    def run(self, found: Generator[Incoming | RecordError]) -> SourceReport:
        self.connection.execute("DELETE FROM rejected WHERE source = ?", (self.number,))
        with closing(found):
            for one in found:
                if isinstance(one, RecordError):
                    self._reject(one)
                else:
                    self._add(one)
        return SourceReport(
            name=self.source.name,
            format=self.source.format,
            n_new=self.counts["new"],
            n_changed=self.counts["changed"],
            n_unchanged=self.counts["unchanged"],
            n_from_elsewhere=self.counts["from elsewhere"],
            blank=tuple(self.blank),
            rejected=tuple(self.rejected),
            languages=dict(self.languages.most_common()),
            notes=self.source.notes(),
        )

    def _add(self, paper: Incoming) -> None:
        held = self._held(paper.id)
        seen = self.connection.execute(
            "SELECT source, name, place FROM seen JOIN sources ON number = source WHERE id = ?", (paper.id,)
        ).fetchone()
        is_unchanged = held is not None and held.digest == paper.digest
        if seen and not (is_unchanged and seen[0] != self.number):
            self._reject(self._duplicate(paper, *seen[1:]))
            return
        if not seen:
            self.connection.execute("INSERT INTO seen VALUES (?, ?, ?)", (paper.id, self.number, paper.place))
        if held is None or held.digest != paper.digest:
            self._write(paper, added_at=held.added_at if held else self.now)
            self.counts["changed" if held else "new"] += 1
            if held and held.source != self.number:
                self.counts["from elsewhere"] += 1
        else:
            if not seen and (held.source, held.place) != (self.number, paper.place):
                self._move(paper, held)
            self.counts["unchanged"] += 1
        self.languages[paper.language] += 1
        if paper.is_blank:
            self.blank.append((paper.id, paper.place))

    def _duplicate(self, paper: Incoming, used_in: str, used_at: str) -> RecordError:
        reason = f"id {paper.id!r} is already used in {used_in}, {used_at}"
        return RecordError(Path(self.source.name), paper.place, reason, paper.id)

    def _held(self, paper_id: str) -> "_Held | None":
        """Return what the library holds under the id of a paper, which is given this form of Unicode."""
        for spelling in spellings(paper_id):
            row = self.connection.execute(
                f"SELECT {OF_PAPER}, stamp FROM papers WHERE id = ?",
                (spelling,),
            ).fetchone()
            if row is None:
                continue
            check_stamp(self.path, f"paper {spelling!r}", *row)
            if spelling != paper_id:
                self.connection.execute(
                    "UPDATE papers SET id = ?, stamp = ? WHERE id = ?",
                    (paper_id, stamp(paper_id, *row[1:-1]), spelling),
                )
            return _Held(*row[1:6])
        return None

    def _move(self, paper: Incoming, held: "_Held") -> None:
        """Note where an unchanged paper was seen last."""
        row = paper.id, held.digest, self.number, paper.place, held.added_at, held.imported_at
        self.connection.execute(
            "UPDATE papers SET source = ?, place = ?, stamp = ? WHERE id = ?",
            (self.number, paper.place, stamp(*row, paper.language, int(paper.is_blank)), paper.id),
        )

    def _write(self, paper: Incoming, *, added_at: str) -> None:
        """Insert the paper at the end, or put it in the place of the one with its id."""
        origin = self.number, paper.place, added_at, self.now
        row = paper.id, paper.digest, *origin, paper.language, int(paper.is_blank)
        self.connection.execute(
            f"INSERT INTO papers ({OF_PAPER}, record, stamp) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (id) DO UPDATE SET digest = excluded.digest, source = excluded.source,"
            " place = excluded.place, imported_at = excluded.imported_at, language = excluded.language,"
            " blank = excluded.blank, record = excluded.record, stamp = excluded.stamp",
            (*row, paper.record, stamp(*row)),
        )

    def _reject(self, error: RecordError) -> None:
        if self.on_error == "stop":
            raise error
        rejected = Rejected(
            source=storable(self.source.name),
            place=storable(error.place),
            reason=storable(error.reason),
            paper_id=None if error.paper_id is None else storable(error.paper_id),
        )
        self.rejected.append(rejected)
        row = self.number, rejected.place, rejected.reason, rejected.paper_id
        self.connection.execute(
            f"INSERT INTO rejected ({OF_REJECTED}, stamp) VALUES (?, ?, ?, ?, ?)",
            (*row, stamp(*row)),
        )
        if rejected.paper_id is not None:
            self.connection.execute("INSERT OR IGNORE INTO refused VALUES (?)", (rejected.paper_id,))


class _Held(NamedTuple):
    """A row of the library, as far as an import needs it."""

    digest: bytes
    source: int
    place: str
    added_at: str
    imported_at: str
