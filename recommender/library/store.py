"""Library: the source of truth of the records. One file, one writer, any number of readers."""

import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from types import TracebackType
from typing import Self

from recommender.errors import NotAnswerableError
from recommender.library.database import one_view, open_for_writing, open_read_only, transaction
from recommender.library.failures import translated
from recommender.library.importing import import_sources
from recommender.library.records import (
    ImportReport,
    LibrarySummary,
    OnError,
    Rejected,
    Source,
    SourceSummary,
    Stored,
)
from recommender.library.rows import decoded, moment, timestamp
from recommender.paper import Paper

WAIT_SECONDS = 5.0  # for another process to finish its transaction
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

        Raises:
            RecordError: A record is no paper, or its id is used twice.
            SourceError: A source cannot be read or is named twice, or a replacement has no paper.
        """
        at = timestamp(now)
        with translated(self._path), transaction(self._connection):
            return import_sources(self._connection, sources, now=at, replace=replace, on_error=on_error)

    def remove(self, ids: Iterable[str]) -> int:
        """Remove papers, all or none, and return how many.

        Raises:
            NotAnswerableError: The library does not hold one of the ids.
        """
        wanted = dict.fromkeys(ids)
        with translated(self._path), transaction(self._connection):
            unknown = [paper_id for paper_id in wanted if not self._removed(paper_id)]
            if unknown:
                named = ", ".join(map(repr, unknown[:NAMED_IDS]))
                more = f" and {len(unknown) - NAMED_IDS} more" if len(unknown) > NAMED_IDS else ""
                raise NotAnswerableError(
                    f"no paper {named}{more} in library {self._path}; nothing was removed"
                )
        return len(wanted)

    def get(self, paper_id: str) -> Stored | None:
        """Return the paper with this id, None where there is none."""
        with translated(self._path):
            row = self._connection.execute(
                "SELECT id, record, digest, name, place, added_at, papers.imported_at"
                " FROM papers JOIN sources ON number = source WHERE id = CAST(? AS TEXT)",
                (_id_bytes(paper_id),),
            ).fetchone()
        if row is None:
            return None
        return Stored(
            paper=decoded(self._path, *row[:3]),
            source=row[3],
            place=row[4],
            added_at=moment(self._path, row[5]),
            imported_at=moment(self._path, row[6]),
        )

    def added_since(self, time: datetime) -> set[str]:
        """Return the ids that came into the library at a moment or later."""
        with translated(self._path):
            rows = self._connection.execute("SELECT id, added_at FROM papers").fetchall()
        return {paper_id for paper_id, added_at in rows if moment(self._path, added_at) >= time}

    def papers(self) -> Iterator[Paper]:
        """Yield every paper in order, the blank ones included, as of the moment of the first one."""
        with translated(self._path):
            for row in self._connection.execute("SELECT id, record, digest FROM papers ORDER BY ordinal"):
                yield decoded(self._path, *row)

    def rejected(self) -> list[Rejected]:
        """Return the records that are no papers, by source in order."""
        with translated(self._path):
            rows = self._connection.execute(
                "SELECT name, place, reason, paper_id FROM rejected JOIN sources"
                " ON sources.number = source ORDER BY source, rejected.number"
            ).fetchall()
        return [
            Rejected(source=source, place=place, reason=reason, paper_id=paper_id)
            for source, place, reason, paper_id in rows
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
            sources = self._connection.execute(
                "SELECT number, name, format, imported_at FROM sources ORDER BY number"
            ).fetchall()
        by_source, languages = Counter[int](), Counter[str]()
        for number, language, _, count in counts:
            by_source[number] += count
            languages[language] += count
        return LibrarySummary(
            n_papers=by_source.total(),
            n_blank=sum(count for _, _, blank, count in counts if blank),
            n_rejected=sum(rejected.values()),
            languages=dict(languages.most_common()),
            sources=tuple(
                SourceSummary(
                    name=name,
                    format=source_format,
                    imported_at=moment(self._path, imported_at),
                    n_papers=by_source[number],
                    n_rejected=rejected.get(number, 0),
                )
                for number, name, source_format, imported_at in sources
            ),
            imported_at=max((moment(self._path, at) for _, _, _, at in sources), default=None),
        )

    def corpus_digest(self) -> str:
        """Return the SHA-256 over every id and record in order: equal if, and only if, nothing changed."""
        digest = sha256()
        with translated(self._path):
            for paper_id, record_digest in self._connection.execute(
                "SELECT id, digest FROM papers ORDER BY ordinal"
            ):
                digest.update(f"{paper_id}\n{record_digest.hex()}\n".encode())
        return digest.hexdigest()

    def _removed(self, paper_id: str) -> bool:
        found = self._connection.execute(
            "DELETE FROM papers WHERE id = CAST(? AS TEXT)", (_id_bytes(paper_id),)
        )
        return found.rowcount == 1


def _id_bytes(paper_id: str) -> bytes:
    """Return an id to look for; one that no paper can have, with a lone surrogate, finds none."""
    return paper_id.encode(errors="surrogatepass")
