"""What papers can be filtered by: `facets.db`, every spelling of a value; its rows are beside it by number.

Of several spellings of a value that of the earliest row is shown. Values are compared as texts
are: without regard to case, width, or traditional and simplified characters.
"""

import difflib
import json
import math
import sqlite3
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommender.arrays import map_array
from recommender.builds.database import opened
from recommender.builds.facet_rows import ROW, ROWS, STARTS
from recommender.errors import BuildError
from recommender.text.han import folded
from recommender.vectors import Rows, distinct

FILE = "facets.db"
FILES = (FILE, STARTS, ROWS)
YEAR, VENUE, AUTHOR, SUBJECT, LANGUAGE = FACETS = ("year", "venue", "author", "subject", "language")
LAST = chr(sys.maxunicode)  # after whatever begins alike
CLOSE = 3  # names that are offered for one that no paper has
ALIKE = 0.6  # the share of characters in common, in order, of a name that is offered
MANY = 20_000  # names; of more only those that begin alike are compared, in a tenth of a second


class FacetTable:
    """The facets of a build whose files are known to be whole. Safe to share between threads."""

    def __init__(self, folder: Path) -> None:
        """Open the files in the folder of a build.

        Raises:
            BuildError: One is damaged, or they do not fit each other.
        """
        self._path = folder / FILE
        self._starts = map_array(folder / STARTS, np.int64, 1)
        self._rows = map_array(folder / ROWS, ROW, 1)
        if not len(self._starts) or self._starts[-1] != len(self._rows):
            raise BuildError(f"{folder / ROWS} does not fit {STARTS}; roll back, or rebuild")
        with self._translated():
            self._connection = opened(self._path)
            self._connection.execute("SELECT 1 FROM spellings LIMIT 1")

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def rows(self, facet: str, name: str) -> Rows:
        """Return the rows that have a value, ascending; none where no paper has it."""
        return self._joined(
            self._all("SELECT number FROM spellings WHERE facet = ? AND folded = ?", facet, folded(name))
        )

    def rows_of_each(self, facet: str, keys: Sequence[str]) -> dict[str, Rows]:
        """Return the rows of those of some folded names that are values, ascending."""
        found = self._all(
            "SELECT folded, number FROM spellings"
            " WHERE facet = ? AND folded IN (SELECT value FROM json_each(?)) ORDER BY folded",
            facet,
            json.dumps(keys),
        )
        by_key = groupby(found, itemgetter(0))
        return {key: self._joined(spelling[1:] for spelling in spellings) for key, spellings in by_key}

    def values(self, facet: str) -> list[tuple[str, int]]:
        """Return every value of a facet with how many papers have it, in the order of their folded names."""
        found = self._all(
            "SELECT folded, name, number FROM spellings WHERE facet = ? ORDER BY folded, name", facet
        )
        return [self._shown([*spellings]) for _, spellings in groupby(found, itemgetter(0))]

    def rows_of_years(self, first: int, last: int) -> Rows:
        """Return the rows published from one year to another, ascending."""
        return self._joined(
            self._all(
                "SELECT number FROM spellings WHERE facet = ? AND folded BETWEEN ? AND ?",
                YEAR,
                f"{first:04}",
                f"{last:04}",
            )
        )

    def years(self, n_rows: int) -> Rows:
        """Return the year of each row (n_rows,), 0 where it is not known."""
        years = np.zeros(n_rows, dtype=np.int64)
        for year, number in self._all("SELECT folded, number FROM spellings WHERE facet = ?", YEAR):
            years[self._of(number)] = int(year)
        return years

    def close_to(self, facet: str, name: str) -> list[str]:
        """Return names that some papers have and that resemble one that none has, at most a few."""
        wanted = folded(name)
        if not wanted:
            return []
        known = self._as_long(facet, wanted)
        alike = difflib.get_close_matches(wanted, known, n=CLOSE, cutoff=ALIKE)
        within = self._all(
            "SELECT DISTINCT folded FROM spellings"
            " WHERE facet = ? AND (instr(folded, ?) OR instr(?, folded)) ORDER BY folded LIMIT ?",
            facet,
            wanted,
            wanted,
            CLOSE,
        )
        close = [*dict.fromkeys([*alike, *(key for (key,) in within)])][:CLOSE]
        return [self._shown_of(facet, key) for key in close]

    def _as_long(self, facet: str, wanted: str) -> list[str]:
        """Return the folded names that are long enough to be like one, and not too long."""
        question = "SELECT DISTINCT folded FROM spellings WHERE facet = ? AND length(folded) BETWEEN ? AND ?"
        longer = (2 - ALIKE) / ALIKE  # at most, so that all of the shorter one is enough in common
        bounds = facet, math.ceil(len(wanted) / longer), math.floor(len(wanted) * longer)
        found = self._all(f"{question} LIMIT ?", *bounds, MANY + 1)
        if len(found) > MANY:
            first = wanted[0]
            found = self._all(f"{question} AND folded BETWEEN ? AND ?", *bounds, first, first + LAST)
        return [key for (key,) in found]

    def _shown_of(self, facet: str, key: str) -> str:
        """Return how a value is shown, of which the folded name is given."""
        question = "SELECT folded, name, number FROM spellings WHERE facet = ? AND folded = ? ORDER BY name"
        name, _ = self._shown(self._all(question, facet, key))
        return name

    def _shown(self, spellings: list[tuple[Any, ...]]) -> tuple[str, int]:
        """Return how a value is shown, given folded form, name and number of each spelling; and its count."""
        if len(spellings) == 1:
            _, name, number = spellings[0]
            return name, len(self._of(number))
        _, shown, _ = min(spellings, key=lambda spelling: self._of(spelling[2])[0])
        return shown, len(self._joined(spelling[2:] for spelling in spellings))

    def _joined(self, numbers: Iterable[tuple[Any, ...]]) -> Rows:
        """Return the rows of some spellings, ascending, each once."""
        parts = [self._of(number) for (number,) in numbers]
        if len(parts) == 1:
            return parts[0].astype(np.int64)
        return distinct(np.concatenate([*parts, np.zeros(0, dtype=ROW)])).astype(np.int64)

    def _of(self, number: int) -> NDArray[np.int32]:
        """Return the rows of a spelling, of which there is one at least.

        Raises:
            BuildError: There is none.
        """
        bounds = self._starts[number : number + 2]
        if len(bounds) < 2 or bounds[0] == bounds[1]:
            raise BuildError(f"{self._path} does not fit {STARTS}; roll back, or rebuild")
        rows: NDArray[np.int32] = self._rows[bounds[0] : bounds[1]]
        return rows

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
