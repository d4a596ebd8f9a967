"""What a question asks of many rows, compiled: words are added up, or looked up, while they are at hand.

What NumPy does in one pass over all rows for each word, and one more for each sum, is one pass in all, some
thousand rows at a time. What is added up is of single precision, half as much to be written; what is looked
up is to the last digit that of NumPy. Each pass over a block is a loop of its own, by place: so the compiler
does several at once.
"""

import numpy as np
from numpy.typing import NDArray

from recommender.compiling import compiled
from recommender.lexical.matches import BLOCK, Blocks
from recommender.lexical.postings import Lists, Stretches, Weights, runs_of
from recommender.vectors import Rows, Scores, Values

AT_ONCE = 64 * BLOCK  # rows: their values fit into the memory near the processor
HALVES: NDArray[np.float32] = np.arange(1 << 16, dtype=np.uint16).view(np.float16).astype(np.float32)
Weighted = tuple[NDArray[np.int64], NDArray[np.int64], Weights | Values]  # where words begin and end, weights
Numbers = tuple[NDArray[np.int32], NDArray[np.uint16], NDArray[np.float32]]  # rows, weights, see `HALVES`
ONES: NDArray[np.float32] = np.ones(1 << 16, dtype=np.float32)  # where a word counts whatever its weight is
WORDS = "Tuple((int64[::1], int64[::1], float32[::1]))"
SHARES = "Tuple((int64[::1], int64[::1], float64[::1]))"
LISTS = "Tuple((Array(int32, 1, 'C', readonly=True), Array(uint16, 1, 'C', readonly=True), float32[::1]))"
PIVOTS = "Array(float32, 1, 'C', readonly=True)"
RESULTS = "Tuple((float32[::1], float32[::1], float64[::1], float64[::1]))"
REORDERED = {"reassoc", "nnan", "nsz"}


def summed(
    n: int, stretches: Stretches, lists: Lists, question: Weights, pivots: Weights
) -> tuple[Scores, Blocks]:
    """Return the value of every row, and what is known of blocks of them: as `postings.summed`."""
    starts, ends = stretches
    values = np.empty(n, dtype=np.float32)
    highest = np.empty(-(-n // BLOCK), dtype=np.float32)
    sums, squares = np.empty((2, len(highest)))
    _sum(
        (starts.copy(), ends, question), _as_numbers(lists, HALVES), pivots, (values, highest, sums, squares)
    )
    return values, Blocks(highest, sums, squares)


def looked_up(stretches: Stretches, lists: Lists, question: Weights, asked: Rows) -> Values:
    """Return what words add to some rows alone: as `postings.looked_up`."""
    values = np.zeros(len(asked))
    _look_up((*stretches, question), _as_numbers(lists, HALVES), runs_of(asked), values)
    return values


def had(stretches: Stretches, lists: Lists, shares: Values, asked: Rows) -> Values:
    """Return the shares of the words that some rows have: as `postings.had`."""
    values = np.zeros(len(asked))
    _look_up((*stretches, shares), _as_numbers(lists, ONES), runs_of(asked), values)
    return values


def _as_numbers(lists: Lists, worth: Scores) -> Numbers:
    rows, weights = lists
    return rows, weights.view(np.uint16), worth


@compiled("float32(float32[::1])", reordered=REORDERED)
def _total(values: Scores) -> np.float32:
    total = np.float32(0)
    for place in range(len(values)):
        total += values[place]
    return total


@compiled("float32(float32[::1])", reordered=REORDERED)
def _squares(values: Scores) -> np.float32:
    total = np.float32(0)
    for place in range(len(values)):
        total += values[place] * values[place]
    return total


@compiled(f"(float32[::1], {PIVOTS})")
def _multiply(values: Scores, factors: Scores) -> None:
    for place in range(len(values)):
        values[place] *= factors[place]


@compiled("int32(int32[::1])")
def _highest(bits: NDArray[np.int32]) -> np.int32:
    """Return the highest of some values of 0 or more: their bits are in the order that they are in."""
    highest = np.int32(0)
    for place in range(len(bits)):
        highest = max(highest, bits[place])
    return highest


@compiled("int64(int64, Array(int32, 1, 'C', readonly=True), int64, int64)")
def _first_from(least: int, rows: NDArray[np.int32], start: int, end: int) -> int:
    """Return the first place from `start` on of a row that is not below `least`; `end`: there is none.

    Places are passed over first one, then two, then four at once.
    """
    step = 1
    while start + step < end and rows[start + step] < least:
        start += step
        step *= 2
    end = min(start + step, end)
    while start < end:
        middle = (start + end) // 2
        if rows[middle] < least:
            start = middle + 1
        else:
            end = middle
    return start


@compiled("int64(int64, Array(int32, 1, 'C', readonly=True), int64, int64)")
def first_near(least: int, rows: NDArray[np.int32], start: int, end: int) -> int:
    """Return the same as `_first_from`, looked for where it lies if the rows are evenly spread.

    From there outwards one place, then two, then four at once: what is far from memory is seldom touched.
    """
    if start == end or rows[end - 1] < least:
        return end
    if rows[start] >= least:
        return start
    place = start + (least - rows[start]) * (end - 1 - start) // (rows[end - 1] - rows[start])
    if rows[place] < least:
        return _first_from(least, rows, place, end)
    step = 1
    while place - step > start and rows[place - step] >= least:
        place -= step
        step *= 2
    return _first_from(least, rows, max(place - step, start), place)


@compiled(f"({WORDS}, {LISTS}, {PIVOTS}, {RESULTS})")
def _sum(
    words: Weighted,
    lists: Numbers,
    pivots: NDArray[np.float32],
    results: tuple[Scores, Scores, Values, Values],
) -> None:
    """Fill in the results; `words` begin with the places where their rows begin, which move on."""
    places, ends, question = words
    rows, weights, halves = lists
    values, highest, sums, squares = results
    bits, bits_of_highest = values.view(np.int32), highest.view(np.int32)
    for first in range(0, len(values), AT_ONCE):
        last = min(first + AT_ONCE, len(values))
        values[first:last] = np.float32(0)
        for word in range(len(places)):
            end, weight = _first_from(last, rows, places[word], ends[word]), question[word]
            for place in range(np.uint64(places[word]), np.uint64(end)):
                values[np.uint32(rows[place])] += halves[weights[place]] * weight
            places[word] = end
        if len(pivots):
            _multiply(values[first:last], pivots[first:last])
        for block in range(first // BLOCK, (last + BLOCK - 1) // BLOCK):
            start, end = block * BLOCK, min((block + 1) * BLOCK, last)
            bits_of_highest[block] = _highest(bits[start:end])
            sums[block], squares[block] = _total(values[start:end]), _squares(values[start:end])


@compiled("(int64[::1], Array(int32, 1, 'C', readonly=True), int64, int64, int64[::1])")
def _begin(least: Rows, rows: NDArray[np.int32], start: int, end: int, places: Rows) -> None:
    """Fill in the first place from `start` on, before `end`, of a row that is not below each of some rows.

    All are looked for at once, by halves: while one waits for memory, what the others wait for comes too, and
    no branch has to be guessed.
    """
    n = end - start
    places[:] = start
    while n > 1:
        half = n >> 1
        for number in range(len(least)):
            place = places[number]
            places[number] = place + half if rows[place + half - 1] < least[number] else place
        n -= half
    for number in range(len(least)):
        places[number] += rows[places[number]] < least[number]


@compiled(
    f"({WORDS}, {LISTS}, UniTuple(int64[::1], 3), float64[::1])",
    f"({SHARES}, {LISTS}, UniTuple(int64[::1], 3), float64[::1])",
)
def _look_up(words: Weighted, lists: Numbers, runs: tuple[Rows, Rows, Rows], values: Values) -> None:
    """Add to the values, which are all 0; `runs` are those of `runs_of`, and each word has a row."""
    starts, ends, question = words
    rows, weights, halves = lists
    firsts, lasts, numbers = runs
    places = np.empty(len(firsts), dtype=np.int64)
    for word in range(len(starts)):
        end, weight = ends[word], question[word]
        _begin(firsts, rows, starts[word], end, places)
        for run in range(len(firsts)):
            place, last, shift = places[run], lasts[run], numbers[run] - firsts[run]
            while place < end and rows[place] < last:
                values[shift + rows[place]] += np.float64(halves[weights[place]] * weight)
                place += 1
