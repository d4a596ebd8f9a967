"""Sparse rows of numbers that may be longer than the memory: written once, one after the other, then mapped.

What is not to last lies in files without a name, which are gone with whoever opened them.
"""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from tempfile import SpooledTemporaryFile, TemporaryFile
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from recommender.vectors import Rows
from recommender.workers import THREADS

ROWS_AT_ONCE = 16_384
SORTED_AT_ONCE = 4_000_000  # numbers, with what is beside them a dozen bytes
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

    def arranged(self, order: Rows, kind: type[np.generic], folder: Path | None) -> Self:
        """Return the rows in another order, in files of their own, their numbers as another kind."""
        indices, data = Spool(np.int32, folder), Spool(kind, folder)
        for part in THREADS.map(lambda block: self[order[block.start : block.stop]], self.blocks()):
            indices.add(part.indices)
            data.add(part.data)
        starts = np.concatenate([[0], np.cumsum(np.diff(self.indptr)[order])])
        return type(self)(starts, indices.mapped(), data.mapped(), self.n_columns)

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


def transposed(
    matrix: SparseRows, values: Sequence[Numbers], starts: Starts, folder: Path | None
) -> Iterator[tuple[Numbers, ...]]:
    """Yield the numbers of some rows column by column, some columns at a time.

    Rows are turned a block at a time, and what is in a stretch of columns is put on a heap, on the disk: in
    memory lie some blocks, and then some heaps.

    Args:
        matrix: The rows; their own numbers are not looked at.
        values: What there is beside each of its `indices` (n,).
        starts: How many numbers are in the columns before each (n_columns + 1,).
        folder: Where there is room for all of them; None: where the system keeps temporary files.

    Yields:
        The rows that the numbers are in, ascending in a column, and beside them what each of `values` has.
    """
    columns = [*stretches(starts)]
    kinds = [np.dtype(np.int32), *(value.dtype for value in values)]
    place = str(folder) if folder else None

    def turned(block: range) -> tuple[Numbers, list[Numbers]]:
        part = matrix.part(block)
        indices = matrix.indices[part]
        order = np.arange(len(indices), dtype=np.int32)
        shape = (len(block), matrix.n_columns)
        turned = csr_matrix((order, indices, matrix.starts(block).astype(np.int32)), shape=shape).tocsc()
        rows = turned.indices + np.int32(block.start)
        return turned.indptr, [rows, *(value[part][turned.data] for value in values)]

    def in_order(filled: tuple[range, SpooledTemporaryFile[bytes]]) -> tuple[Numbers, ...]:
        own, heap = filled
        heap.seek(0)
        with heap:
            return _in_order(heap.read(), starts[own.start : own.stop + 1] - starts[own.start], kinds)

    with ExitStack() as stack:
        heaps = [stack.enter_context(SpooledTemporaryFile(SMALL, dir=place)) for _ in columns]
        for ends, beside in THREADS.map(turned, matrix.blocks()):
            for own, heap in zip(columns, heaps, strict=True):
                _put_on_heap(heap, ends[own.start : own.stop + 1], beside)
        yield from THREADS.map(in_order, zip(columns, heaps, strict=True))


def _put_on_heap(heap: Any, ends: Numbers, beside: Sequence[Numbers]) -> None:
    """Write what a block has in a stretch of columns: which of them, how much in each, and that."""
    sizes = np.diff(ends)
    here = np.flatnonzero(sizes)
    heap.write(np.int64(len(here)).tobytes())
    heap.write(here.astype(np.int32).tobytes())
    heap.write(sizes[here].astype(np.int32).tobytes())
    for value in beside:
        heap.write(value[ends[0] : ends[-1]].tobytes())


def _in_order(heap: bytes, starts: Starts, kinds: Sequence[np.dtype[Any]]) -> tuple[Numbers, ...]:
    """Return what lies on a heap, column by column; of one column in the order of the blocks."""
    found = tuple(np.empty(starts[-1], dtype=kind) for kind in kinds)
    filled = starts[:-1].copy()
    end = 0

    def read(kind: Any, n: int) -> Numbers:
        nonlocal end
        start, end = end, end + n * np.dtype(kind).itemsize
        return np.frombuffer(heap, dtype=kind, count=n, offset=start)

    while end < len(heap):
        (n,) = read(np.int64, 1)
        here, sizes = read(np.int32, n), read(np.int32, n)
        ends = np.cumsum(sizes, dtype=np.int64)
        n_numbers = int(ends[-1]) if n else 0
        places = np.repeat(filled[here] - (ends - sizes), sizes) + np.arange(n_numbers)
        filled[here] += sizes
        for values in found:
            values[places] = read(values.dtype, n_numbers)
    return found


def stretches(starts: Starts) -> Iterator[range]:
    """Yield all columns in stretches of so many numbers as are put in order at once, or one column more."""
    ends = np.searchsorted(starts, np.arange(SORTED_AT_ONCE, starts[-1], SORTED_AT_ONCE))
    bounds = np.unique(np.concatenate([[0], ends, [len(starts) - 1]])).tolist()
    for start, end in pairwise(bounds):
        yield range(start, end)
