"""Every text as a sparse row of weighted terms: what a rebuild compares pairs of papers by."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from recommender.arrays import map_array
from recommender.lexical.counts import TermCounts
from recommender.lexical.index import FILES, POSTINGS, STARTS, WEIGHTS, read_usual
from recommender.lexical.sparse import SparseRows, Spool
from recommender.lexical.weighting import MOST_COUNTED, Terms, Usual, idf, pivots, saturated, usual_length
from recommender.vectors import Rows
from recommender.workers import HERE, THREADS, Workers

PAIRS_AT_ONCE = 4_096
FEWEST_TOGETHER = 16  # pairs with one left row, from which on a dense copy of that row pays


@dataclass(frozen=True, slots=True)
class TermMatrix:
    """The rows of a corpus (n_rows, n_terms) in unit length, its columns in the order of the terms' names.

    Attributes:
        terms: The name of each column, ascending.
        frequencies: In how many texts each term is, as the weights take it.
        usual: What else they go by.
        weights: The rows, in half precision, as the index keeps them.
        pivots: By what the cosine of a few words with each row is multiplied (n_rows,).
    """

    terms: Terms
    frequencies: NDArray[np.int64]
    usual: Usual
    weights: SparseRows
    pivots: NDArray[np.float64]

    @classmethod
    def of(cls, texts: Iterable[str], workers: Workers = HERE) -> Self:
        """Read a corpus. The same texts in the same order give the same matrix, bit for bit.

        Args:
            texts: Its texts.
            workers: Who counts their words.
        """
        return cls.weighted(TermCounts.of(texts, workers))

    @classmethod
    def weighted(
        cls,
        counts: TermCounts,
        folder: Path | None = None,
        *,
        frequencies: NDArray[np.int64] | None = None,
        usual: Usual | None = None,
    ) -> Self:
        """Return the matrix of a corpus whose words are counted.

        Args:
            counts: Of the words.
            folder: Where there is room for the weights; None: where the system keeps temporary files.
            frequencies: In how many texts each term is (n_terms,); None: in those that were counted.
            usual: What else the weights go by; None: what is usual among the texts that were counted.
        """
        frequencies = counts.frequencies if frequencies is None else frequencies
        n_texts = usual.n_texts if usual else len(counts)
        weights, lengths = _unit(counts.matrix, idf(frequencies, n_texts) * counts.parts, folder)
        usual = usual or Usual(n_texts, usual_length(lengths))
        return cls(counts.terms, frequencies, usual, weights, pivots(lengths, usual.length))

    @classmethod
    def read(cls, folder: Path, n_rows: int, room: Path | None = None) -> Self:
        """Read what the index of `n_rows` rows holds, turned into rows again.

        Args:
            folder: Of the build.
            n_rows: How many.
            room: The folder where there is room for the rows; None: where the system keeps temporary files.

        Raises:
            BuildError: A file is missing or damaged.
        """
        from recommender.lexical.turning import turned  # compiles

        terms, frequencies, starts, postings, weights, factors = (
            map_array(folder / name, kind, 1) for name, kind in FILES.items()
        )
        sizes, indices, data = Spool(np.int64, room), Spool(np.int32, room), Spool(np.float16, room)
        for of_each, columns, halves in turned(starts, postings, weights, n_rows):
            sizes.add(of_each)
            indices.add(columns)
            data.add(halves)
        indptr = np.concatenate([[0], np.cumsum(sizes.mapped())])
        rows = SparseRows(indptr, indices.mapped(), data.mapped(), len(terms))
        return cls(terms, frequencies.astype(np.int64), read_usual(folder), rows, factors.astype(np.float64))

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


def read_lists(folder: Path, n_rows: int) -> SparseRows:
    """Map the rows of each term (n_terms, n_rows) of the index of `n_rows` rows, and their weights.

    Raises:
        BuildError: A file is missing or damaged.
    """
    starts, rows, weights = (map_array(folder / name, FILES[name], 1) for name in (STARTS, POSTINGS, WEIGHTS))
    return SparseRows(starts, rows, weights, n_rows)


def _unit(
    matrix: SparseRows, rarity: NDArray[np.float64], folder: Path | None
) -> tuple[SparseRows, NDArray[np.float64]]:
    """Weight the counts of terms by their rarity and scale each row to unit length; an empty one stays so.

    With the rows come the lengths that they had.
    """
    worth = saturated(np.arange(MOST_COUNTED + 1))
    lengths = np.zeros(len(matrix))
    data = Spool(np.float16, folder)

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
