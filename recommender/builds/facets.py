"""What papers can be filtered by: `facets.db`, for every value of a facet the rows that have it.

Values are compared as texts are: without regard to case, width, or traditional and simplified characters.
"""

import difflib
import math
import sqlite3
import sys
from array import array
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

import numpy as np

from recommender.builds.database import created, opened
from recommender.errors import BuildError
from recommender.paper import Paper
from recommender.text.han import folded
from recommender.vectors import Rows

FILE = "facets.db"
SCHEMA = """
CREATE TABLE facets (
    facet TEXT NOT NULL, folded TEXT NOT NULL, name TEXT NOT NULL, rows BLOB NOT NULL,
    PRIMARY KEY (facet, folded)) WITHOUT ROWID;
"""
YEAR, VENUE, AUTHOR, SUBJECT, LANGUAGE = FACETS = ("year", "venue", "author", "subject", "language")
LAST = chr(sys.maxunicode)  # after whatever begins alike
ROW = np.dtype("<i4")
CLOSE = 3  # names that are offered for one that no paper has
ALIKE = 0.6  # the share of characters in common, in order, of a name that is offered
MANY = 20_000  # names; of more only those that begin alike are compared, in a tenth of a second


class FacetWriter:
    """Gathers which rows have which value of every facet, one row after the other."""

    def __init__(self) -> None:
        self._spelt: dict[tuple[str, str], array[int]] = {}
        self._n = 0

    def add(self, paper: Paper) -> None:
        """Add the next row."""
        for value in dict.fromkeys(_values(paper)):  # each once: an author may stand there twice
            self._rows_of(value).append(self._n)
        self._n += 1

    def extend(self, other: Self) -> None:
        """Add the rows of another one after the own."""
        for value, rows in other._spelt.items():
            self._rows_of(value).extend([self._n + row for row in rows])
        self._n += other._n

    def _rows_of(self, value: tuple[str, str]) -> "array[int]":
        if (rows := self._spelt.get(value)) is None:
            rows = self._spelt[value] = array("i")
        return rows

    def write(self, path: Path) -> None:
        """Write all of them."""
        spelt = self._spelt
        alike: dict[tuple[str, str], list[tuple[str, str]]] = {}  # spellings of one value, the earliest first
        for facet, name in spelt:
            if key := folded(name):
                alike.setdefault((facet, key), []).append((facet, name))
        entries = (
            (*key, values[0][1], _blob([spelt[value] for value in values]))
            for key, values in sorted(alike.items())
        )
        with created(path, SCHEMA) as connection:
            connection.executemany("INSERT INTO facets VALUES (?, ?, ?, ?)", entries)


class FacetTable:
    """The facets of a build whose file is known to be whole. Safe to share between threads."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with self._translated():
            self._connection = opened(path)
            self._connection.execute("SELECT 1 FROM facets LIMIT 1")

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def rows(self, facet: str, name: str) -> Rows:
        """Return the rows that have a value, ascending; none where no paper has it."""
        return _joined(
            self._all("SELECT rows FROM facets WHERE facet = ? AND folded = ?", facet, folded(name))
        )

    def values(self, facet: str) -> list[tuple[str, int]]:
        """Return every value of a facet with how many papers have it, in the order of their folded names."""
        found = self._all("SELECT name, length(rows) FROM facets WHERE facet = ? ORDER BY folded", facet)
        return [(name, size // ROW.itemsize) for name, size in found]

    def rows_of_years(self, first: int, last: int) -> Rows:
        """Return the rows published from one year to another, ascending."""
        return _joined(
            self._all(
                "SELECT rows FROM facets WHERE facet = ? AND folded BETWEEN ? AND ?",
                YEAR,
                f"{first:04}",
                f"{last:04}",
            )
        )

    def years(self, n_rows: int) -> Rows:
        """Return the year of each row (n_rows,), 0 where it is not known."""
        years = np.zeros(n_rows, dtype=np.int64)
        for year, rows in self._all("SELECT folded, rows FROM facets WHERE facet = ?", YEAR):
            years[np.frombuffer(rows, dtype=ROW)] = int(year)
        return years

    def close_to(self, facet: str, name: str) -> list[str]:
        """Return names that some papers have and that resemble one that none has, at most a few."""
        wanted = folded(name)
        if not wanted:
            return []
        known = self._as_long(facet, wanted)
        alike = [known[key] for key in difflib.get_close_matches(wanted, known, n=CLOSE, cutoff=ALIKE)]
        within = self._all(
            "SELECT name FROM facets WHERE facet = ? AND (instr(folded, ?) OR instr(?, folded))"
            " ORDER BY folded LIMIT ?",
            facet,
            wanted,
            wanted,
            CLOSE,
        )
        return [*dict.fromkeys([*alike, *(shown for (shown,) in within)])][:CLOSE]

    def _as_long(self, facet: str, wanted: str) -> dict[str, str]:
        """Return the names that are long enough to be like one, and not too long, by their folded forms."""
        question = "SELECT folded, name FROM facets WHERE facet = ? AND length(folded) BETWEEN ? AND ?"
        longer = (2 - ALIKE) / ALIKE  # at most, so that all of the shorter one is enough in common
        bounds = facet, math.ceil(len(wanted) / longer), math.floor(len(wanted) * longer)
        found = self._all(f"{question} LIMIT ?", *bounds, MANY + 1)
        if len(found) > MANY:
            first = wanted[0]
            found = self._all(f"{question} AND folded BETWEEN ? AND ?", *bounds, first, first + LAST)
        return dict(found)

    def _all(self, question: str, *values: str | int) -> list[tuple[Any, ...]]:
        with self._translated():
            found: list[tuple[Any, ...]] = self._connection.execute(question, values).fetchall()
            return found

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as problem:
            raise BuildError(f"{self._path} is damaged ({problem}); roll back, or rebuild") from problem


def _values(paper: Paper) -> Iterator[tuple[str, str]]:
    if paper.year is not None:
        yield YEAR, f"{paper.year:04}"
    yield VENUE, paper.venue
    yield SUBJECT, paper.subject
    yield LANGUAGE, paper.language
    for author in paper.authors:
        yield AUTHOR, author


def _blob(rows: "Sequence[array[int]]") -> bytes:
    """Return the rows of some spellings, each ascending, as they are stored."""
    alone, *others = rows
    found = np.unique(np.concatenate(rows)) if others else np.asarray(alone)
    return found.astype(ROW).tobytes()


def _joined(found: Iterable[tuple[Any, ...]]) -> Rows:
    parts = [np.frombuffer(rows, dtype=ROW) for (rows,) in found]
    return np.unique(np.concatenate(parts)).astype(np.int64) if parts else np.zeros(0, dtype=np.int64)
