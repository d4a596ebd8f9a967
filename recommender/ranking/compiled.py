"""The nearest of many rows among their candidates, compiled: as `uncompiled` does with NumPy.

One row's words lie in a small table while its candidates pass by, so that a candidate costs a walk along its
own words and vector. Most of these words the row does not have: they are sorted out first, without a branch
that the processor could guess wrong. Sums run in the same order as in `TermMatrix.similarities`. What two
candidates further on will be read is asked for ahead: most of the time would go by waiting for memory.
Rows that are near each other are compared with the same ones: laid side by side, what one of them needs is at
hand for the next, and less memory than all rows take is enough.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from recommender.compiling import compiled
from recommender.lexical import TermMatrix
from recommender.lexical.compiled import HALVES
from recommender.lexical.sparse import SparseRows, Spool
from recommender.ranking.ahead import LINE, fetch
from recommender.ranking.calibration import Calibration
from recommender.vectors import DECIMALS, Rows, Values, Vectors
from recommender.workers import THREADS

SMALLEST_TABLE = 4_096
ROOM = 4  # places of the table for each word of the longest row: words that share a place are walked past
ROWS_AT_ONCE = 16_384
MARKS = 8_192  # places where a word may be marked as one of the row's: they stay near the processor
AHEAD = 2  # candidates
A_LINE, HALF_LINE = LINE // 4, LINE // 2  # numbers of four bytes, and of two
EMPTY = -1
UNIT = 10.0**DECIMALS
Words = tuple[
    NDArray[np.int64], NDArray[np.int32], NDArray[np.uint16], NDArray[np.float32], bool
]  # starts, terms, weights, see `HALVES`; any?
Usual = tuple[Rows, Rows, NDArray[np.float32], Values, Values, Values]  # see `Corpus` and `_tables`
Table = tuple[NDArray[np.int32], Values, NDArray[np.uint8], NDArray[np.uint64]]  # see `_table`


@dataclass(frozen=True, slots=True)
class Corpus:
    """What pairs of rows are compared by.

    Attributes:
        places: Where each row lies in the next two (n,).
        vectors: (n, dim).
        words: Of each, in half precision.
        calibration: What is usual between the languages.
        same: For each row the first row with the same text (n,).
        group: For each row the group of its language (n,).
        longest: How many words a row has at most.
    """

    places: NDArray[np.int32]
    vectors: Vectors
    words: SparseRows
    calibration: Calibration
    same: Rows
    group: Rows
    longest: int

    @classmethod
    def of(cls, vectors: Vectors, matrix: TermMatrix, calibration: Calibration, same: Rows) -> "Corpus":
        """Prepare to compare the rows of a corpus where they are."""
        return cls._of(np.arange(len(vectors)), vectors, matrix.weights, calibration, same)

    @classmethod
    def arranged(
        cls,
        vectors: Vectors,
        matrix: TermMatrix,
        calibration: Calibration,
        same: Rows,
        order: Rows,
        folder: Path,
    ) -> "Corpus":
        """Prepare to compare the rows of a corpus laid in another order, in files without a name.

        Args:
            vectors: (n, dim).
            matrix: The words of each row.
            calibration: What is usual between the languages.
            same: For each row the first row with the same text (n,).
            order: The rows, those near each other together.
            folder: Where there is room for vectors and words once more.
        """
        laid = Spool(np.float32, folder)
        parts = (order[start : start + ROWS_AT_ONCE] for start in range(0, len(order), ROWS_AT_ONCE))
        for part in THREADS.map(vectors.__getitem__, parts):
            laid.add(part.ravel())
        words = matrix.weights.arranged(order, folder)
        return cls._of(order, laid.mapped().reshape(vectors.shape), words, calibration, same)

    @classmethod
    def _of(
        cls, order: Rows, vectors: Vectors, words: SparseRows, calibration: Calibration, same: Rows
    ) -> "Corpus":
        places = np.empty(len(order), dtype=np.int32)
        places[order] = np.arange(len(order))
        longest = int(np.diff(words.indptr).max(initial=0))
        return cls(places, vectors, words, calibration, same, calibration.groups.each(), longest)

    def vectors_of(self, rows: Rows) -> Vectors:
        """Return the vectors of some rows (b, dim): of those near each other from places side by side."""
        return self.vectors[self.places[rows]]

    def nearest(self, rows: Rows, candidates: Rows, k: int) -> tuple[Rows, Values]:
        """Return the `k` best candidates of each row, without its copies, and their scores.

        Args:
            rows: (b,).
            candidates: (b, m); -1 is none.
            k: How many.

        Returns:
            Twice (b, k); where there are fewer, the rows are -1.
        """
        words, calibration = self.words, self.calibration
        shape = (len(rows), k)
        found, scores = np.full(shape, EMPTY, dtype=np.int64), np.zeros(shape)
        _nearest(
            (rows, np.sort(candidates, axis=1)),  # so that equal scores fall by row
            (self.places, self.vectors),
            (
                words.indptr,
                words.indices,
                words.data.view(np.uint16),
                HALVES,
                bool(calibration.weights.any()),
            ),
            (self.same, self.group, *_tables(calibration)),
            _table(self.longest),
            (found, scores),
        )
        return found, scores


def _tables(calibration: Calibration) -> tuple[NDArray[np.float32], Values, Values, Values]:
    """Return the hubness of each row, and of every two groups what is usual, the weight and the stretch."""
    groups = np.arange(len(calibration.groups))
    usual = calibration.usual_between(groups[:, None], groups)
    return calibration.hubness, usual, calibration.weights, calibration.stretch


def _table(longest: int) -> Table:
    """Return an empty table of one row's terms: these, their weights, marks where there may be one.

    With them, room for the places of those words of another row that may be in it.
    """
    size = max(SMALLEST_TABLE, 1 << (ROOM * longest).bit_length())
    return (
        np.full(size, EMPTY, dtype=np.int32),
        np.zeros(size),
        np.zeros(MARKS, dtype=np.uint8),
        np.zeros(longest + 1, dtype=np.uint64),
    )


@compiled()
def _nearest(
    asked: tuple[Rows, Rows],
    laid: tuple[NDArray[np.int32], Vectors],
    words: Words,
    usual_of: Usual,
    table: Table,
    results: tuple[Rows, Values],
) -> None:
    """Fill in the results of every row; `asked` are rows and their candidates, `laid` as in `Corpus`."""
    rows, candidates = asked
    found, scores = results
    places, vectors = laid
    same, group, hubness, usual, weights, stretch = usual_of
    m, k = candidates.shape[1], found.shape[1]
    others, laid_at = np.empty(m, dtype=np.int64), np.empty(m, dtype=np.int64)
    score, cosine = np.empty(m), np.empty(m)
    for place in range(len(rows)):
        row = rows[place]
        own = group[row]
        n = 0
        for number in range(m):
            other = candidates[place, number]
            if other >= 0 and same[other] != same[row]:
                others[n], laid_at[n] = other, places[other]
                n += 1
        # one after the other, each of which knows what it will read
        _fill_in_cosines(places[row], laid_at[:n], vectors, cosine)
        _fill_in_shared(places[row], laid_at[:n], words, table, score)
        for number in range(n):
            other = others[number]
            theirs = group[other]
            hubs = 0.5 * (np.float64(hubness[row]) + np.float64(hubness[other]))
            fused = (1 - weights[own, theirs]) * cosine[number] + weights[own, theirs] * score[number]
            score[number] = (
                np.rint((fused - (usual[own, theirs] + hubs)) / stretch[own, theirs] * UNIT) / UNIT
            )
        order = np.argsort(-score[:n], kind="mergesort")
        for number in range(min(n, k)):
            best = order[number]
            found[place, number] = others[best]
            scores[place, number] = score[best]


@compiled()
def _fill_in_cosines(row: int, others: Rows, vectors: Vectors, cosine: Values) -> None:
    """Fill in the cosine of a row's vector with that of each other."""
    flat, dim = vectors.reshape(-1), vectors.shape[1]
    for number in range(len(others)):
        if number + AHEAD < len(others):
            start = others[number + AHEAD] * dim
            for place in range(start, start + dim, A_LINE):
                fetch(flat, place)
        near = np.rint(_dot(vectors[row], vectors[others[number]]) * UNIT) / UNIT
        cosine[number] = min(1.0, max(-1.0, near))


@compiled()
def _fill_in_shared(row: int, others: Rows, words: Words, table: Table, shared: Values) -> None:
    """Fill in the lexical cosine of a row with each other, 0 where words do not count."""
    starts, terms, values, _, do_count = words
    shared[: len(others)] = 0.0
    if not do_count:
        return
    _enter(row, words, table)
    for number in range(len(others)):
        if number + AHEAD < len(others):
            ahead = others[number + AHEAD]
            for place in range(starts[ahead], starts[ahead + 1], A_LINE):
                fetch(terms, place)
            for place in range(starts[ahead], starts[ahead + 1], HALF_LINE):
                fetch(values, place)
        shared[number] = _shared(others[number], words, table)
    _clear(row, words, table)


@compiled(reordered={"reassoc"})
def _dot(left: Vectors, right: Vectors) -> float:
    total = 0.0
    for place in range(len(left)):
        total += np.float64(left[place]) * np.float64(right[place])
    return total


@compiled()
def _enter(row: int, words: Words, table: Table) -> None:
    """Enter the words of a row into the empty table."""
    starts, terms, values, halves, _ = words
    keys, held, marks, _ = table
    last = np.uint32(len(keys) - 1)
    for place in range(starts[row], starts[row + 1]):
        slot = np.uint32(terms[place]) & last
        while keys[slot] != EMPTY:
            slot = (slot + np.uint32(1)) & last
        keys[slot] = terms[place]
        held[slot] = halves[values[place]]
        marks[np.uint32(terms[place]) & np.uint32(MARKS - 1)] = 1


@compiled()
def _clear(row: int, words: Words, table: Table) -> None:
    starts, terms, _, _, _ = words
    keys, _, marks, _ = table
    last = np.uint32(len(keys) - 1)
    for place in range(starts[row], starts[row + 1]):
        marks[np.uint32(terms[place]) & np.uint32(MARKS - 1)] = 0
        slot = np.uint32(terms[place]) & last
        while keys[slot] != EMPTY:
            keys[slot] = EMPTY
            slot = (slot + np.uint32(1)) & last


@compiled()
def _shared(other: int, words: Words, table: Table) -> float:
    """Return the lexical cosine of a row with the one in the table."""
    starts, terms, values, halves, _ = words
    keys, held, marks, places = table
    n = np.uint64(0)
    for place in range(np.uint64(starts[other]), np.uint64(starts[other + 1])):
        places[n] = place
        n += np.uint64(marks[np.uint32(terms[place]) & np.uint32(MARKS - 1)])
    last = np.uint32(len(keys) - 1)
    total = 0.0
    for number in range(n):
        term = terms[places[number]]
        slot = np.uint32(term) & last
        while keys[slot] != EMPTY:
            if keys[slot] == term:
                total += np.float64(halves[values[places[number]]]) * held[slot]
                break
            slot = (slot + np.uint32(1)) & last
    return total
