"""Every text as a sparse row of weighted terms: what a rebuild compares pairs of papers by."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from recommender.lexical.counts import TermCounts
from recommender.lexical.weighting import MOST_COUNTED, Terms, idf, saturated
from recommender.vectors import Rows
from recommender.workers import HERE, THREADS, Workers

PAIRS_AT_ONCE = 4_096
FEWEST_TOGETHER = 16  # pairs with one left row, from which on a dense copy of that row pays
ROWS_AT_ONCE = 16_384


@dataclass(frozen=True, slots=True)
class TermMatrix:
    """The rows of a corpus (n_rows, n_terms) in unit length, its columns in the order of the terms' names.

    Attributes:
        terms: The name of each column, ascending.
        frequencies: In how many rows each term occurs.
        weights: The rows; float32 that half precision can hold, as the index keeps them.
        lengths: How long each row was before it was scaled (n_rows,); 0: it has no term.
    """

    terms: Terms
    frequencies: NDArray[np.int64]
    weights: csr_matrix
    lengths: NDArray[np.float64]

    @classmethod
    def of(cls, texts: Iterable[str], workers: Workers = HERE) -> Self:
        """Read a corpus. The same texts in the same order give the same matrix, bit for bit.

        Args:
            texts: Its texts.
            workers: Who counts their words.
        """
        return cls.weighted(TermCounts.of(texts, workers))

    @classmethod
    def weighted(cls, counts: TermCounts) -> Self:
        """Return the matrix of a corpus whose words are counted."""
        matrix = counts.matrix
        frequencies = np.bincount(matrix.indices, minlength=len(counts.terms)).astype(np.int64)
        weights, lengths = _unit(matrix, idf(frequencies, len(counts)) * counts.parts)
        return cls(counts.terms, frequencies, weights, lengths)

    def __len__(self) -> int:
        return int(self.weights.shape[0])

    def similarities(self, left: Rows, right: Rows) -> NDArray[np.float64]:
        """Return the cosine of `left[i]` and `right[i]` for every i.

        The sum runs over the terms in their order, in float64, so that it is the same whatever the batch.
        Many pairs with the same left row cost less.
        """
        found = np.zeros(len(left))
        order = np.argsort(left, kind="stable")
        starts = np.flatnonzero(np.diff(left[order], prepend=-1))
        lengths = np.diff(starts, append=len(left))
        together = lengths >= FEWEST_TOGETHER
        dense = np.zeros(len(self.terms))
        for start, length in zip(starts[together].tolist(), lengths[together].tolist(), strict=True):
            pairs = order[start : start + length]
            found[pairs] = self._with_row(int(left[pairs[0]]), right[pairs], dense)
        single = order[np.repeat(~together, lengths)]
        for start in range(0, len(single), PAIRS_AT_ONCE):
            pairs = single[start : start + PAIRS_AT_ONCE]
            shared = self.weights[left[pairs]].multiply(self.weights[right[pairs]]).tocsr()
            shared.sort_indices()
            found[pairs] = _sums(shared.data.astype(np.float64), shared.indptr)
        return found

    def _with_row(self, row: int, others: Rows, dense: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the cosine of one row with others; `dense` (n_terms,) is all 0, and is so again.

        The others' terms that the row lacks are multiplied by 0, which leaves every sum as it is.
        """
        own = slice(self.weights.indptr[row], self.weights.indptr[row + 1])
        terms = self.weights.indices[own]
        dense[terms] = self.weights.data[own]
        found = np.asarray(self.weights[others] @ dense)
        dense[terms] = 0.0
        return found

    def centre(self, rows: Rows) -> NDArray[np.float64]:
        """Return the mean of some rows, dense (n_terms,)."""
        return np.asarray(self.weights[rows].mean(axis=0, dtype=np.float64)).ravel()

    def have_terms(self) -> NDArray[np.bool_]:
        """Tell which rows have any term (n_rows,); they have unit length."""
        return np.asarray(np.diff(self.weights.indptr) > 0)

    def products(self, dense: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the product (n_rows,) of every row with a dense one (n_terms,)."""
        return _sums(self.weights.data * dense[self.weights.indices], self.weights.indptr)


def _unit(matrix: csr_matrix, rarity: NDArray[np.float64]) -> tuple[csr_matrix, NDArray[np.float64]]:
    """Weight the counts of terms by their rarity and scale each row to unit length; an empty one stays so.

    With the rows come the lengths that they had.
    """
    worth = saturated(np.arange(MOST_COUNTED + 1))
    lengths = np.zeros(matrix.shape[0])
    data = np.empty(len(matrix.data), dtype=np.float32)

    def fill_in(start: int) -> None:
        starts = matrix.indptr[start : start + ROWS_AT_ONCE + 1]
        part = slice(starts[0], starts[-1])
        values = worth[matrix.data[part]] * rarity[matrix.indices[part]]
        norms = np.sqrt(_sums(values**2, starts))
        lengths[start : start + ROWS_AT_ONCE] = norms
        data[part] = (values / np.repeat(norms, np.diff(starts))).astype(np.float16)

    deque(THREADS.map(fill_in, range(0, matrix.shape[0], ROWS_AT_ONCE)), maxlen=0)
    return csr_matrix((data, matrix.indices, matrix.indptr), shape=matrix.shape), lengths


def _sums(values: NDArray[np.float64], starts: NDArray[np.integer]) -> NDArray[np.float64]:
    """Return the sum of each run of `values` (an empty run gives 0), added one after the other."""
    lines = np.repeat(np.arange(len(starts) - 1), np.diff(starts))
    return np.bincount(lines, weights=values, minlength=len(starts) - 1).astype(np.float64, copy=False)
