"""The nearest of many rows among their candidates, compiled: as `nearest` computes it with NumPy.

One row's words lie in a small table while its candidates pass by, so that a candidate costs a walk along its
own words and vector. Sums run in the same order as in `TermMatrix.similarities`.
"""

from dataclasses import dataclass

import numba
import numpy as np
from numpy.typing import NDArray

from recommender.lexical import TermMatrix
from recommender.ranking.calibration import Calibration
from recommender.vectors import DECIMALS, Rows, Values, Vectors

SMALLEST_TABLE = 4_096
ROOM = 4  # places of the table for each word of the longest row: words that share a place are walked past
EMPTY = -1
UNIT = 10.0**DECIMALS
Words = tuple[
    NDArray[np.integer], NDArray[np.int32], NDArray[np.float32], bool
]  # starts, terms, weights; any?
Usual = tuple[Rows, Rows, NDArray[np.float32], Values, Values]  # see `Corpus` and `Calibration`
Table = tuple[NDArray[np.int32], Values]  # terms and their weights


@dataclass(frozen=True, slots=True)
class Corpus:
    """What pairs of rows are compared by.

    Attributes:
        vectors: (n, dim).
        matrix: The words of each row.
        calibration: What is usual between the languages.
        same: For each row the first row with the same text (n,).
        group: For each row the group of its language (n,).
        table_size: Places for the words of one row, a power of two.
    """

    vectors: Vectors
    matrix: TermMatrix
    calibration: Calibration
    same: Rows
    group: Rows
    table_size: int

    @classmethod
    def of(cls, vectors: Vectors, matrix: TermMatrix, calibration: Calibration, same: Rows) -> "Corpus":
        """Prepare to compare the rows of a corpus."""
        longest = int(np.diff(matrix.weights.indptr).max(initial=0))
        size = max(SMALLEST_TABLE, 1 << (ROOM * longest).bit_length())
        return cls(vectors, matrix, calibration, same, calibration.groups.each(), size)

    def nearest(self, rows: Rows, candidates: Rows, k: int) -> tuple[Rows, Values, Values]:
        """Return the `k` best candidates of each row, without its copies, their scores and cosines.

        Args:
            rows: (b,).
            candidates: (b, m); -1 is none.
            k: How many.

        Returns:
            Three times (b, k); where there are fewer, the rows are -1.
        """
        words, calibration, size = self.matrix.weights, self.calibration, self.table_size
        shape = (len(rows), k)
        found, scores, cosines = np.full(shape, EMPTY, dtype=np.int64), np.zeros(shape), np.zeros(shape)
        _nearest(
            (rows, np.sort(candidates, axis=1)),  # so that equal scores fall by row
            self.vectors,
            (words.indptr, words.indices, words.data, bool(calibration.weights.any())),
            (self.same, self.group, calibration.usual, calibration.weights, calibration.stretch),
            (np.full(size, EMPTY, dtype=np.int32), np.zeros(size)),
            (found, scores, cosines),
        )
        return found, scores, cosines


@numba.njit(nogil=True)
def _nearest(
    asked: tuple[Rows, Rows],
    vectors: Vectors,
    words: Words,
    usual_of: Usual,
    table: Table,
    results: tuple[Rows, Values, Values],
) -> None:
    """Fill in the results of every row; `asked` are the rows and their candidates."""
    rows, candidates = asked
    found, scores, cosines = results
    same, group, usual, weights, stretch = usual_of
    has_words = words[3]
    m, k = candidates.shape[1], found.shape[1]
    score, cosine = np.empty(m), np.empty(m)
    for place in range(len(rows)):
        row = rows[place]
        own = group[row]
        _enter(row, words, table)
        n = 0
        for number in range(m):
            other = candidates[place, number]
            if other < 0 or same[other] == same[row]:
                score[number] = -np.inf
                continue
            theirs = group[other]
            weight = weights[own, theirs]
            near = min(1.0, max(-1.0, np.rint(_dot(vectors[row], vectors[other]) * UNIT) / UNIT))
            shared = _shared(other, words, table) if has_words else 0.0
            fused = (1 - weight) * near + weight * shared
            hub = 0.5 * (np.float64(usual[row, theirs]) + np.float64(usual[other, own]))
            score[number] = np.rint((fused - hub) / stretch[own, theirs] * UNIT) / UNIT
            cosine[number] = near
            n += 1
        order = np.argsort(-score, kind="mergesort")
        for number in range(min(n, k)):
            best = order[number]
            found[place, number] = candidates[place, best]
            scores[place, number] = score[best]
            cosines[place, number] = cosine[best]
        _clear(row, words, table[0])


@numba.njit(nogil=True, fastmath={"reassoc"})
def _dot(left: Vectors, right: Vectors) -> float:
    total = 0.0
    for place in range(len(left)):
        total += np.float64(left[place]) * np.float64(right[place])
    return total


@numba.njit(nogil=True)
def _enter(row: int, words: Words, table: Table) -> None:
    """Enter the words of a row into the empty table."""
    starts, terms, values, _ = words
    keys, held = table
    last = len(keys) - 1
    for place in range(starts[row], starts[row + 1]):
        slot = terms[place] & last
        while keys[slot] != EMPTY:
            slot = (slot + 1) & last
        keys[slot] = terms[place]
        held[slot] = values[place]


@numba.njit(nogil=True)
def _clear(row: int, words: Words, keys: NDArray[np.int32]) -> None:
    starts, terms, _, _ = words
    last = len(keys) - 1
    for place in range(starts[row], starts[row + 1]):
        slot = terms[place] & last
        while keys[slot] != EMPTY:
            keys[slot] = EMPTY
            slot = (slot + 1) & last


@numba.njit(nogil=True)
def _shared(other: int, words: Words, table: Table) -> float:
    """Return the lexical cosine of a row with the one in the table."""
    starts, terms, values, _ = words
    keys, held = table
    last = len(keys) - 1
    total = 0.0
    for place in range(starts[other], starts[other + 1]):
        term = terms[place]
        slot = term & last
        while keys[slot] != EMPTY:
            if keys[slot] == term:
                total += np.float64(values[place]) * held[slot]
                break
            slot = (slot + 1) & last
    return total
