"""Adding up the words of a question, compiled: some thousand rows at a time, while they are at hand.

What NumPy does in one pass over all rows for each word, and one more for each sum, is one pass in all. Of ten
million rows that takes six tenths of the time that compiled passes of their own took; of up to a million,
whose values stay near the processor anyway, it takes the same. The values are to the last digit those of
NumPy; the sums over blocks may differ in the last one.
"""

import numba
import numpy as np
from numpy.typing import NDArray

from recommender.lexical.matches import BLOCK, Blocks
from recommender.vectors import Values

AT_ONCE = 64 * BLOCK  # rows: their values fit into the memory near the processor
STRIDE = 256  # postings that are passed over at once to find where the rows end
HALVES: NDArray[np.float32] = np.arange(1 << 16, dtype=np.uint16).view(np.float16).astype(np.float32)
SIGNATURE = (
    "(Tuple((int64[::1], int64[::1], float32[::1])),"
    " Tuple((Array(int32, 1, 'C', readonly=True), Array(uint16, 1, 'C', readonly=True), float32[::1])),"
    " Array(float32, 1, 'C', readonly=True), UniTuple(float64[::1], 4))"
)


def summed(
    n: int,
    stretches: tuple[NDArray[np.int64], NDArray[np.int64]],
    postings: tuple[NDArray[np.int32], NDArray[np.float16]],
    question: NDArray[np.float32],
    pivots: NDArray[np.float32],
) -> tuple[Values, Blocks]:
    """Return the value of every row, and what is known of blocks of them: as `lexical.index.summed`."""
    starts, ends = stretches
    rows, weights = postings
    values = np.empty(n)
    highest, sums, squares = np.empty((3, -(-n // BLOCK)))
    results = values, highest, sums, squares
    _sum((starts.copy(), ends, question), (rows, weights.view(np.uint16), HALVES), pivots, results)
    return values, Blocks(highest, sums, squares)


@numba.njit("UniTuple(float64, 3)(float64[::1])", nogil=True, fastmath={"reassoc", "nnan", "nsz"})
def _looked_at(values: Values) -> tuple[float, float, float]:
    """Return the highest of some values of 0 or more, their sum and that of their squares."""
    highest = total = squares = 0.0
    for value in values:
        highest = max(highest, value)
        total += value
        squares += value * value
    return highest, total, squares


@numba.njit("int64(int64, Array(int32, 1, 'C', readonly=True), int64, int64)", nogil=True)
def _first_from(least: int, rows: NDArray[np.int32], start: int, end: int) -> int:
    """Return the first place from `start` on of a row that is not below `least`; `end`: there is none."""
    while start + STRIDE < end and rows[start + STRIDE] < least:
        start += STRIDE
    end = min(start + STRIDE, end)
    while start < end:
        middle = (start + end) // 2
        if rows[middle] < least:
            start = middle + 1
        else:
            end = middle
    return start


@numba.njit(SIGNATURE, nogil=True)
def _sum(
    words: tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float32]],
    postings: tuple[NDArray[np.int32], NDArray[np.uint16], NDArray[np.float32]],
    pivots: NDArray[np.float32],
    results: tuple[Values, Values, Values, Values],
) -> None:
    """Fill in the results; `words` begin with the places where their rows begin, which move on."""
    places, ends, question = words
    rows, weights, halves = postings
    values, highest, sums, squares = results
    for first in range(0, len(values), AT_ONCE):
        last = min(first + AT_ONCE, len(values))
        values[first:last] = 0.0
        for word in range(len(places)):
            end, weight = _first_from(last, rows, places[word], ends[word]), question[word]
            for place in range(np.uint64(places[word]), np.uint64(end)):
                values[np.uint32(rows[place])] += np.float64(halves[weights[place]] * weight)
            places[word] = end
        if len(pivots):
            for row in range(first, last):
                values[row] *= np.float64(pivots[row])
        for block in range(first // BLOCK, (last + BLOCK - 1) // BLOCK):
            highest[block], sums[block], squares[block] = _looked_at(
                values[block * BLOCK : min((block + 1) * BLOCK, last)]
            )
