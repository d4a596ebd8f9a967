"""Every text as a sparse row of weighted terms: what a rebuild compares pairs of papers by."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from recommender.lexical.counts import TermCounts
from recommender.lexical.sparse import SparseRows, Spool
from recommender.lexical.weighting import MOST_COUNTED, Terms, idf, saturated
from recommender.vectors import Rows
from recommender.workers import HERE, THREADS, Workers

PAIRS_AT_ONCE = 4_096
FEWEST_TOGETHER = 16  # pairs with one left row, from which on a dense copy of that row pays


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
    weights: SparseRows
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
    def weighted(cls, counts: TermCounts, folder: Path | None = None) -> Self:
        """Return the matrix of a corpus whose words are counted.

        Args:
            counts: Of the words.
            folder: Where there is room for the weights; None: where the system keeps temporary files.
        """
        rarity = idf(counts.frequencies, len(counts)) * counts.parts
        weights, lengths = _unit(counts.matrix, rarity, folder)
        return cls(counts.terms, counts.frequencies, weights, lengths)

    def __len__(self) -> int:
        return len(self.weights)

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


def _unit(
    matrix: SparseRows, rarity: NDArray[np.float64], folder: Path | None
) -> tuple[SparseRows, NDArray[np.float64]]:
    """Weight the counts of terms by their rarity and scale each row to unit length; an empty one stays so.

    With the rows come the lengths that they had.
    """
    worth = saturated(np.arange(MOST_COUNTED + 1))
    lengths = np.zeros(len(matrix))
    data = Spool(np.float32, folder)

    def scaled(block: range) -> NDArray[np.float16]:
        part, starts = matrix.part(block), matrix.starts(block)
        values = worth[matrix.data[part]] * rarity[matrix.indices[part]]
        norms = np.sqrt(_sums(values**2, starts))
        lengths[block.start : block.stop] = norms
        halves: NDArray[np.float16] = (values / np.repeat(norms, np.diff(starts))).astype(np.float16)
        return halves

    for values in THREADS.map(scaled, matrix.blocks()):
        data.add(values)
    return replace(matrix, data=data.mapped()), lengths


def _sums(values: NDArray[np.float64], starts: NDArray[np.integer]) -> NDArray[np.float64]:
    """Return the sum of each run of `values` (an empty run gives 0), added one after the other."""
    lines = np.repeat(np.arange(len(starts) - 1), np.diff(starts))
    return np.bincount(lines, weights=values, minlength=len(starts) - 1).astype(np.float64, copy=False)
