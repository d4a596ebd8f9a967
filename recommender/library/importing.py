"""The import: papers of many sources into the library, all of them or none."""

import sqlite3
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from recommender.errors import RecordError, SourceError
from recommender.library.records import Entry, ImportReport, OnError, Rejected, Source, SourceReport
from recommender.library.rows import encoded, storable, with_language
from recommender.paper import Paper

# Where every id of this import was first seen. On disk if it gets long: a corpus need not fit in memory.
SEEN = "CREATE TEMP TABLE seen (id TEXT PRIMARY KEY, source INTEGER, place TEXT) WITHOUT ROWID"


def import_sources(
    connection: sqlite3.Connection,
    sources: Iterable[Source],
    *,
    now: str,
    replace: bool,
    on_error: OnError,
) -> ImportReport:
    """Import within a transaction that the caller has begun and ends.

    Raises:
        RecordError: A record is no paper, or its id is used twice, and the policy is to stop.
        SourceError: A source cannot be read or is named twice, or a replacement has no paper.
    """
    connection.execute(SEEN)
    imported: dict[int, SourceReport] = {}
    for source in sources:
        number = _begin(connection, source, now)
        if number in imported:
            raise SourceError(f"{source.name} is named twice; name every file once")
        imported[number] = _SourceImport(connection, source, number, now, on_error).run()
    n_removed = _remove_others(connection, imported.keys()) if replace else 0
    connection.execute("DROP TABLE seen")
    return ImportReport(sources=tuple(imported.values()), n_removed=n_removed)


def _begin(connection: sqlite3.Connection, source: Source, now: str) -> int:
    """Return the number of the source; what was rejected of it earlier is forgotten."""
    name = storable(source.name)
    connection.execute(
        "INSERT INTO sources (name, format, imported_at) VALUES (?, ?, ?)"
        " ON CONFLICT (name) DO UPDATE SET format = excluded.format, imported_at = excluded.imported_at",
        (name, source.format, now),
    )
    (number,) = connection.execute("SELECT number FROM sources WHERE name = ?", (name,)).fetchone()
    return int(number)


def _remove_others(connection: sqlite3.Connection, numbers: Iterable[int]) -> int:
    """Remove the papers and sources that this import did not see."""
    if not connection.execute("SELECT 1 FROM seen LIMIT 1").fetchone():
        raise SourceError("the files hold no paper to replace the library with; it is as it was before")
    removed = connection.execute("DELETE FROM papers WHERE id NOT IN (SELECT id FROM seen)").rowcount
    kept = ",".join(map(str, numbers))
    connection.execute(f"DELETE FROM sources WHERE number NOT IN ({kept})")  # noqa: S608 - integers
    return removed


@dataclass(slots=True)
class _SourceImport:
    """The import of one source."""

    connection: sqlite3.Connection
    source: Source
    number: int
    now: str
    on_error: OnError
    counts: Counter[str] = field(default_factory=Counter)
    languages: Counter[str] = field(default_factory=Counter)
    blank: list[tuple[str, str]] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)

    def run(self) -> SourceReport:
        self.connection.execute("DELETE FROM rejected WHERE source = ?", (self.number,))
        for entry in self.source.read(self._reject):
            self._add(entry)
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
        )

    def _add(self, entry: Entry) -> None:
        paper, place = with_language(entry.paper), storable(entry.place)
        record, digest = encoded(paper)
        held = self.connection.execute(
            "SELECT digest, source FROM papers WHERE id = ?", (paper.id,)
        ).fetchone()
        seen = self.connection.execute(
            "SELECT source, name, place FROM seen JOIN sources ON number = source WHERE id = ?", (paper.id,)
        ).fetchone()
        is_unchanged = held is not None and held[0] == digest
        if seen and not (is_unchanged and seen[0] != self.number):
            self._reject(self._duplicate(paper, place, *seen[1:]))
            return
        if not seen:
            self._remember(paper, place, is_new=held is None)
        if is_unchanged:
            self.counts["unchanged"] += 1
        else:
            self._write(paper, place, record, digest)
            self.counts["changed" if held else "new"] += 1
            if held and held[1] != self.number:
                self.counts["from elsewhere"] += 1
        self.languages[paper.language] += 1
        if paper.is_blank:
            self.blank.append((paper.id, place))

    def _duplicate(self, paper: Paper, place: str, used_in: str, used_at: str) -> RecordError:
        reason = f"id {paper.id!r} is already used in {used_in}, {used_at}"
        return RecordError(Path(self.source.name), place, reason, paper.id)

    def _remember(self, paper: Paper, place: str, *, is_new: bool) -> None:
        self.connection.execute("INSERT INTO seen VALUES (?, ?, ?)", (paper.id, self.number, place))
        if not is_new:
            self.connection.execute(
                "UPDATE papers SET source = ?, place = ? WHERE id = ? AND (source, place) != (?, ?)",
                (self.number, place, paper.id, self.number, place),
            )

    def _write(self, paper: Paper, place: str, record: bytes, digest: bytes) -> None:
        """Insert the paper at the end, or put it in the place of the one with its id."""
        self.connection.execute(
            "INSERT INTO papers (id, digest, source, place, added_at, imported_at, language, blank, record)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (id) DO UPDATE SET digest = excluded.digest, imported_at = excluded.imported_at,"
            " language = excluded.language, blank = excluded.blank, record = excluded.record",
            (
                *(paper.id, digest, self.number, place, self.now, self.now),
                *(paper.language, paper.is_blank, record),
            ),
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
        self.connection.execute(
            "INSERT INTO rejected (source, place, reason, paper_id) VALUES (?, ?, ?, ?)",
            (self.number, rejected.place, rejected.reason, rejected.paper_id),
        )
