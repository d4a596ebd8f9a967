"""The records of one build: `papers.db`, read-only once written, each row with its own checksum.

The checksum starts from the build's id, so that the file of another build is refused too.
"""

import json
import sqlite3
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from recommender.builds.database import created, opened
from recommender.errors import BuildError
from recommender.paper import Paper

FILE = "papers.db"
SCHEMA = """
CREATE TABLE papers (
    row INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, first_copy INTEGER NOT NULL,
    checksum INTEGER NOT NULL, record TEXT NOT NULL);
CREATE TABLE unanswerable (
    id TEXT PRIMARY KEY, checksum INTEGER NOT NULL, reason TEXT NOT NULL) WITHOUT ROWID;
"""


def write_papers(papers: Sequence[Paper], unanswerable: Mapping[str, str], build_id: str, path: Path) -> None:
    """Write the papers, one a row in this order, and why other known ids cannot be answered."""
    copies = first_copies(papers)
    rows = []
    for row, (paper, copy) in enumerate(zip(papers, copies, strict=True)):
        record = json.dumps(paper.as_dict(), ensure_ascii=False, separators=(",", ":"))
        rows.append((row, paper.id, copy, _checksum(build_id, row, paper.id, copy, record), record))
    reasons = [
        (paper_id, _checksum(build_id, paper_id, reason), reason) for paper_id, reason in unanswerable.items()
    ]
    with created(path, SCHEMA) as connection:
        connection.executemany("INSERT INTO papers VALUES (?, ?, ?, ?, ?)", rows)
        connection.executemany("INSERT INTO unanswerable VALUES (?, ?, ?)", reasons)


def first_copies(papers: Sequence[Paper]) -> list[int]:
    """Return for each paper the row of the first one with the same text: itself, if there is no other."""
    first: dict[str, int] = {}
    return [first.setdefault(paper.digest, row) for row, paper in enumerate(papers)]


class PaperTable:
    """The records of a published build. Opened at the first question; safe to share between threads."""

    def __init__(self, path: Path, build_id: str) -> None:
        self._path = path
        self._build_id = build_id
        with self._translated():
            self._connection = opened(path)
            self._connection.execute("SELECT 1 FROM papers LIMIT 1")  # opens the file: it is a build's

    def __len__(self) -> int:
        with self._translated():
            return int(self._connection.execute("SELECT count(*) FROM papers").fetchone()[0])

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def row_of(self, paper_id: str) -> int | None:
        """Return the row of a paper, or None: no row has this id."""
        found = self._one("SELECT row, id, first_copy, checksum, record FROM papers WHERE id = ?", paper_id)
        return None if found is None else int(self._checked(found)[0])

    def paper(self, row: int) -> Paper:
        """Return the paper of a row.

        Raises:
            BuildError: The row is damaged or missing.
        """
        found = self._one("SELECT row, id, first_copy, checksum, record FROM papers WHERE row = ?", row)
        if found is None:
            raise self._damaged(f"row {row} is missing")
        return Paper.from_dict(json.loads(str(self._checked(found)[4])))

    def reason(self, paper_id: str) -> str | None:
        """Return why a known id cannot be answered, or None: the id is not among those."""
        found = self._one("SELECT id, checksum, reason FROM unanswerable WHERE id = ?", paper_id)
        if found is None:
            return None
        if _checksum(self._build_id, found[0], found[2]) != found[1]:
            raise self._damaged(f"the entry of {paper_id!r} does not fit its checksum")
        return str(found[2])

    def reasons(self) -> dict[str, str | None]:
        """Return every id that is known but cannot be answered, with the reason."""
        with self._translated():
            found = self._connection.execute("SELECT id FROM unanswerable").fetchall()
        return {paper_id: self.reason(paper_id) for (paper_id,) in found}

    def copies_of(self, row: int) -> frozenset[int]:
        """Return the rows with exactly the text of `row`, itself among them."""
        with self._translated():
            copies = self._connection.execute(
                "SELECT row, id, first_copy, checksum, record FROM papers"
                " WHERE first_copy = (SELECT first_copy FROM papers WHERE row = ?)",
                (row,),
            ).fetchall()
        return frozenset(int(self._checked(found)[0]) for found in copies)

    def ids(self) -> Iterator[str]:
        """Yield every id in the order of the rows."""
        with self._translated():
            for (paper_id,) in self._connection.execute("SELECT id FROM papers ORDER BY row"):
                yield paper_id

    def all(self) -> Iterator[Paper]:
        """Yield every paper in the order of the rows."""
        with self._translated():
            for found in self._connection.execute(
                "SELECT row, id, first_copy, checksum, record FROM papers ORDER BY row"
            ):
                yield Paper.from_dict(json.loads(str(self._checked(found)[4])))

    def check(self) -> None:
        """Have SQLite check its own structure.

        Raises:
            BuildError: It found a fault.
        """
        with self._translated():
            answer = self._connection.execute("PRAGMA integrity_check").fetchone()[0]
        if answer != "ok":
            raise self._damaged(str(answer))

    def _one(self, question: str, value: str | int) -> tuple[int | str, ...] | None:
        if isinstance(value, str) and not _is_writable(value):
            return None  # no record has such an id, and SQLite cannot be asked for it
        with self._translated():
            found: tuple[int | str, ...] | None = self._connection.execute(question, (value,)).fetchone()
            return found

    def _checked(self, found: Sequence[int | str]) -> Sequence[int | str]:
        row, paper_id, copy, checksum, record = found
        if _checksum(self._build_id, row, paper_id, copy, record) != checksum:
            raise self._damaged(f"row {row} does not fit its checksum")
        return found

    def _damaged(self, what: str) -> BuildError:
        return BuildError(f"{self._path} is damaged ({what}); roll back to another build, or rebuild")

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, UnicodeDecodeError) as problem:
            raise self._damaged(str(problem)) from problem


def _is_writable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _checksum(*parts: int | str) -> int:
    return zlib.crc32("\0".join(map(str, parts)).encode())
