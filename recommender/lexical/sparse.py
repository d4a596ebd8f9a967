"""Sparse rows of numbers that may be longer than the memory: written once, one after the other, then mapped.

What is not to last lies in files without a name, which are gone with whoever opened them.
"""

from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from tempfile import SpooledTemporaryFile, TemporaryFile
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from recommender.vectors import Rows

ROWS_AT_ONCE = 16_384
SORTED_AT_ONCE = 8_000_000  # entries, of a dozen bytes
SMALL = 1 << 20  # bytes that are held in memory instead of a file
Numbers = NDArray[Any]
Starts = NDArray[np.int64]


class Spool:
    """An array that grows at its end, in a file; mapped when it is whole."""

    def __init__(self, kind: type[np.generic], folder: Path | None) -> None:
        """Begin an empty one.

        Args:
            kind: Of its values.
            folder: Where there is room for it; None: where the system keeps temporary files.
        """
        self._kind = np.dtype(kind)
        self._file = TemporaryFile(dir=folder)  # noqa: SIM115 - until it is mapped
        self._n = 0

    def add(self, values: Numbers) -> None:
        """Put values at the end."""
        self._file.write(np.ascontiguousarray(values, dtype=self._kind).data)
        self._n += len(values)

    def mapped(self) -> Numbers:
        """Return all values (n,), read-only; nothing can be added any more."""
        self._file.flush()
        with self._file:
            if not self._n:
                return np.zeros(0, dtype=self._kind)
            return np.asarray(np.memmap(self._file, dtype=self._kind, mode="r", shape=(self._n,)))


@dataclass(frozen=True, slots=True)
class SparseRows:
    """Rows of which most numbers are 0, as `scipy.sparse.csr_matrix` names its parts.

    Attributes:
        indptr: Where each row begins among the next two (n_rows + 1,).
        indices: The columns that are not 0, ascending in a row.
        data: The numbers there.
        n_columns: How many columns there are.
    """

    indptr: Starts
    indices: NDArray[np.int32]
    data: Numbers
    n_columns: int

    def __len__(self) -> int:
        return len(self.indptr) - 1

    @property
    def shape(self) -> tuple[int, int]:
        """How many rows and columns."""
        return len(self), self.n_columns

    def __getitem__(self, rows: Rows) -> csr_matrix:
        """Return some rows as a matrix of their own."""
        rows = np.asarray(rows, dtype=np.int64)
        starts = self.indptr[rows]
        lengths = self.indptr[rows + 1] - starts
        indptr = np.concatenate([[0], np.cumsum(lengths)])
        places = np.repeat(starts - indptr[:-1], lengths) + np.arange(indptr[-1])
        return csr_matrix(
            (self.data[places], self.indices[places], indptr), shape=(len(rows), self.n_columns)
        )

    def blocks(self, stretch: range | None = None) -> Iterator[range]:
        """Yield a stretch of rows, None: all, in stretches that do not take much memory."""
        stretch = range(len(self)) if stretch is None else stretch
        for start in range(stretch.start, stretch.stop, ROWS_AT_ONCE):
            yield range(start, min(start + ROWS_AT_ONCE, stretch.stop))

    def part(self, rows: range) -> slice:
        """Return where a stretch of rows lies in `indices` and `data`."""
        return slice(int(self.indptr[rows.start]), int(self.indptr[rows.stop]))

    def starts(self, rows: range) -> Starts:
        """Return where each row of a stretch begins in its part, and where the last one ends."""
        found = self.indptr[rows.start : rows.stop + 1]
        return found - found[:1]


def sorted_entries(entries: Iterable[Numbers], starts: Starts, folder: Path | None) -> Iterator[Numbers]:
    """Put entries in the order of their keys; those of one key stay in the order in which they came.

    Args:
        entries: Structured arrays with a field `key`, each of any length.
        starts: How many entries have lower keys, for every key and one more (n_keys + 1,).
        folder: Where there is room for all of them; None: where the system keeps temporary files.

    Yields:
        Them, some keys at a time.
    """
    keys = [*stretches(starts)]
    kind = np.dtype([("key", np.int32)])
    with ExitStack() as stack:
        heaps = [
            stack.enter_context(SpooledTemporaryFile(SMALL, dir=str(folder) if folder else None))
            for _ in keys
        ]
        for part in entries:
            kind = part.dtype
            _put_on_heaps(part, keys, heaps)
        for heap, own in zip(heaps, keys, strict=True):
            heap.seek(0)
            with heap:
                found = np.frombuffer(heap.read(), dtype=kind)
            yield found[_order(found["key"] - own.start, len(own))]


def stretches(starts: Starts) -> Iterator[range]:
    """Yield all keys in stretches of so many entries as are sorted at once, or one key more."""
    ends = np.searchsorted(starts, np.arange(SORTED_AT_ONCE, starts[-1], SORTED_AT_ONCE))
    bounds = np.unique(np.concatenate([[0], ends, [len(starts) - 1]])).tolist()
    for start, end in pairwise(bounds):
        yield range(start, end)


def _put_on_heaps(part: Numbers, keys: list[range], heaps: list[Any]) -> None:
    """Write entries to the files of the stretches of keys that they lie in."""
    if len(heaps) == 1:
        heaps[0].write(part.tobytes())
        return
    numbers = np.searchsorted([own.stop for own in keys], part["key"], side="right").astype(np.uint16)
    ordered = part[np.argsort(numbers, kind="stable")]
    end = 0
    for heap, size in zip(heaps, np.bincount(numbers, minlength=len(heaps)).tolist(), strict=True):
        start, end = end, end + size
        heap.write(ordered[start:end].tobytes())


def _order(keys: Numbers, n_keys: int) -> NDArray[np.int32]:
    """Return the order of keys below `n_keys`, by counting them: a sort would take several times as long."""
    lines = csr_matrix(
        (np.ones(len(keys), dtype=np.uint8), keys.astype(np.int32), np.arange(len(keys) + 1, dtype=np.int32)),
        shape=(len(keys), n_keys),
    )
    order: NDArray[np.int32] = lines.tocsc().indices
    return order
