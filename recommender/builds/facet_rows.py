"""Which rows have which spelling: two arrays by the number of the spelling, written in parts.

`facets.starts.npy` tells where the rows of each number begin in `facets.rows.npy`, ascending for each. A
number that no spelling has at present has none.
"""

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from recommender.arrays import ArrayWriter, map_array, write_array
from recommender.digests import NONE
from recommender.vectors import Rows

STARTS, ROWS = "facets.starts.npy", "facets.rows.npy"
ROW = np.int32
AT_ONCE = 100_000  # numbers whose rows are in memory at once
BITS = 32  # of a row
Keys = NDArray[np.int64]  # the number of a spelling, shifted by BITS, and one of its rows


def keys_of(numbers: Rows, rows: Rows) -> Keys:
    """Return pairs of a number and a row, which sort by both, as one value each."""
    keys: Keys = numbers << BITS | rows
    return keys


class FacetRows:
    """The rows of the spellings of one build, as far as they are in another one."""

    def __init__(self, starts: NDArray[np.int64], rows: NDArray[np.int32], now: Rows) -> None:
        """Take both arrays, and the row of each row in the other build, -1 where it is gone."""
        self._starts, self._rows, self._row_now = starts, rows, now

    @classmethod
    def none(cls) -> Self:
        """Return those of no build at all."""
        return cls(np.zeros(1, dtype=np.int64), np.zeros(0, dtype=ROW), np.zeros(0, dtype=np.int64))

    @classmethod
    def of(cls, folder: Path, now: Rows) -> Self:
        """Map those of a build whose files were compared with their digests.

        Raises:
            BuildError: A file is missing.
        """
        return cls(map_array(folder / STARTS, np.int64, 1), map_array(folder / ROWS, ROW, 1), now)

    def __len__(self) -> int:
        """Return how many numbers there are, used or not."""
        return len(self._starts) - 1

    @property
    def before(self) -> Rows:
        """How many rows each number had (n,)."""
        counts: Rows = np.diff(self._starts)
        return counts

    @cached_property
    def now(self) -> Rows:
        """How many of them it has in the other build (n,)."""
        counts = np.zeros(len(self), dtype=np.int64)
        for first, last in _parts(len(self)):
            counts[first:last] = _counts(self._keys(first, last), first, last)
        return counts

    def write_with(self, keys: Keys, n_numbers: int, folder: Path) -> None:
        """Write the rows of the other build, and wait until they are on the disk.

        Args:
            keys: What comes to those that are known (m,), ascending.
            n_numbers: How many numbers there are then.
            folder: Of the other build.
        """
        starts = np.zeros(n_numbers + 1, dtype=np.int64)
        with ArrayWriter(folder / ROWS, ROW, int(self.now.sum()) + len(keys)) as file:
            for first, last in _parts(n_numbers):
                more = keys[slice(*np.searchsorted(keys, np.array([first, last]) << BITS))]
                # two runs, each in order unless a language has changed its place: merged, not sorted
                part = np.sort(np.concatenate([self._keys(first, last), more]), kind="stable")
                starts[first + 1 : last + 1] = _counts(part, first, last)
                file.add(part & (1 << BITS) - 1)
        write_array(np.cumsum(starts), folder / STARTS)

    def _keys(self, first: int, last: int) -> Keys:
        """Return the keys in the other build of the numbers from one to before another."""
        starts = self._starts[first : last + 1]
        if not len(starts):
            return np.zeros(0, dtype=np.int64)
        rows = self._row_now[self._rows[starts[0] : starts[-1]]]
        numbers = np.repeat(np.arange(first, first + len(starts) - 1), np.diff(starts))
        keys: Keys = keys_of(numbers, rows)[rows != NONE]
        return keys


def _parts(n: int) -> Iterator[tuple[int, int]]:
    for first in range(0, n, AT_ONCE):
        yield first, min(first + AT_ONCE, n)


def _counts(keys: Keys, first: int, last: int) -> Rows:
    """Return how many keys the numbers from one to before another have."""
    counts: Rows = np.bincount((keys >> BITS) - first, minlength=last - first)
    return counts
