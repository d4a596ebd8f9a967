"""Sparse rows of numbers that may be longer than the memory: written once, one after the other, then mapped.

What is not to last lies in files without a name, which are gone with whoever opened them.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from recommender.vectors import Rows
from recommender.workers import THREADS

ROWS_AT_ONCE = 16_384
SORTED_AT_ONCE = 4_000_000  # numbers, with what is beside them a dozen bytes
TURNED_AT_ONCE = 2_000_000  # of them, or as many as there are columns
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
        """Return some rows as a matrix of their own, in single precision if they are kept in half of it."""
        rows = np.asarray(rows, dtype=np.int64)
        starts = self.indptr[rows]
        lengths = self.indptr[rows + 1] - starts
        indptr = np.concatenate([[0], np.cumsum(lengths)])
        places = np.repeat(starts - indptr[:-1], lengths) + np.arange(indptr[-1])
        data = self.data[places]
        if data.dtype == np.float16:  # which SciPy does not know
            data = data.astype(np.float32)
        return csr_matrix((data, self.indices[places], indptr), shape=(len(rows), self.n_columns))

    def arranged(self, order: Rows, folder: Path | None) -> Self:
        """Return the rows in another order, in files of their own."""
        indices, data = Spool(np.int32, folder), Spool(self.data.dtype.type, folder)
        for part in THREADS.map(lambda block: self[order[block.start : block.stop]], self.blocks()):
            indices.add(part.indices)
            data.add(part.data)
        starts = np.concatenate([[0], np.cumsum(np.diff(self.indptr)[order])])
        return type(self)(starts, indices.mapped(), data.mapped(), self.n_columns)

    def column_starts(self) -> Starts:
        """Return how many numbers are in the columns before each, and in all (n_columns + 1,)."""
        sizes = np.zeros(self.n_columns, dtype=np.int64)
        step = max(SORTED_AT_ONCE, self.n_columns)  # counting takes time for every column too
        for start in range(0, len(self.indices), step):
            sizes += np.bincount(self.indices[start : start + step], minlength=self.n_columns)
        return np.concatenate([[0], np.cumsum(sizes)])

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

    Rows are turned a block at a time, which is cut into stretches of columns and put on the disk, all in one
    file: in memory lie some blocks, and then some stretches.

    Args:
        matrix: The rows; their own numbers are not looked at.
        values: What there is beside each of its `indices` (n,).
        starts: How many numbers are in the columns before each (n_columns + 1,).
        folder: Where there is room for all of them; None: where the system keeps temporary files.

    Yields:
        The rows that the numbers are in, ascending in a column, and beside them what each of `values` has.
    """
    columns = [*stretches(starts, SORTED_AT_ONCE)]
    kinds = [np.dtype(np.int32), *(value.dtype for value in values)]

    def turned(block: range) -> list[bytes]:
        part = matrix.part(block)
        indices = matrix.indices[part]
        order = np.arange(len(indices), dtype=np.int32)
        shape = (len(block), matrix.n_columns)
        turned = csr_matrix((order, indices, matrix.starts(block).astype(np.int32)), shape=shape).tocsc()
        beside = [turned.indices + np.int32(block.start), *(value[part][turned.data] for value in values)]
        return [_piece(turned.indptr[own.start : own.stop + 1], beside) for own in columns]

    pieces, ends = Spool(np.uint8, folder), [0]
    # turning a block takes time for every column, so that it had better have about as many numbers
    for block in THREADS.map(turned, stretches(matrix.indptr, max(TURNED_AT_ONCE, matrix.n_columns))):
        for piece in block:
            pieces.add(np.frombuffer(piece, dtype=np.uint8))
            ends.append(ends[-1] + len(piece))
    whole = pieces.mapped()

    def in_order(place: int) -> tuple[Numbers, ...]:
        own = columns[place]
        of_blocks = range(place, len(ends) - 1, len(columns))
        found = (whole[ends[number] : ends[number + 1]] for number in of_blocks)
        return _in_order(found, starts[own.start : own.stop + 1] - starts[own.start], kinds)

    yield from THREADS.map(in_order, range(len(columns)))


def _piece(ends: Numbers, beside: Sequence[Numbers]) -> bytes:
    """Return what a block has in a stretch of columns: which of them, how much in each, and that."""
    sizes = np.diff(ends)
    here = np.flatnonzero(sizes)
    parts = [here.astype(np.int32), sizes[here].astype(np.int32)]
    parts += [value[ends[0] : ends[-1]] for value in beside]
    return b"".join([np.int64(len(here)).tobytes(), *(part.tobytes() for part in parts)])


def _in_order(
    pieces: Iterable[Numbers], starts: Starts, kinds: Sequence[np.dtype[Any]]
) -> tuple[Numbers, ...]:
    """Return what all pieces of a stretch hold, column by column; of one column in their order."""
    found = tuple(np.empty(starts[-1], dtype=kind) for kind in kinds)
    filled = starts[:-1].copy()
    for piece in pieces:
        (n,) = np.frombuffer(piece, dtype=np.int64, count=1)
        here, sizes = np.frombuffer(piece, dtype=np.int32, count=2 * n, offset=8).reshape(2, n)
        ends = np.cumsum(sizes, dtype=np.int64)
        n_numbers = int(ends[-1]) if n else 0
        places = np.repeat(filled[here] - (ends - sizes), sizes) + np.arange(n_numbers)
        filled[here] += sizes
        start = 8 + 8 * int(n)
        for values in found:
            values[places] = np.frombuffer(piece, dtype=values.dtype, count=n_numbers, offset=start)
            start += n_numbers * values.itemsize
    return found


def stretches(starts: Starts, at_once: int) -> Iterator[range]:
    """Yield all columns, or rows, in stretches of so many numbers, or of one column more.

    Args:
        starts: How many numbers are before each, and in all (n + 1,).
        at_once: How many numbers.
    """
    ends = np.searchsorted(starts, np.arange(at_once, starts[-1], at_once))
    bounds = np.unique(np.concatenate([[0], ends, [len(starts) - 1]])).tolist()
    for start, end in pairwise(bounds):
        yield range(start, end)
