"""Rows that share the rarest words of a row: who is near to it by words, as far as few words tell.

To add up all words of a paper takes a look at most of the corpus, since common words are everywhere. What
tells papers apart is in the rare ones, whose lists are short: these are added up, the rarest first, until so
many entries are read. What is found are candidates: they are scored by all their words.
"""

import numpy as np
from numpy.typing import NDArray

from recommender.compiling import compiled
from recommender.lexical.compiled import HALVES, first_near
from recommender.lexical.sparse import SparseRows
from recommender.vectors import Rows, Scores

READ = 40.0  # entries of lists for the root of the number of rows: 22,000 of 300,000 rows
EMPTY = -1
STEPS = 16  # bits of a sum that do not tell its step: 128 steps from one power of two to the next
LOWEST = 112 << 7  # the step of 2 ** -15: whatever is lower is there too
N_STEPS = (128 << 7) - LOWEST  # up to 2; the cosine of rows of unit length in half precision may pass 1
Entries = tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.uint16]]  # starts, rows or terms, weights


class TermCandidates:
    """The rows of each term beside the terms of each row. Safe to share between threads."""

    def __init__(self, rows: SparseRows, lists: SparseRows) -> None:
        """Take the words of a corpus.

        Args:
            rows: Of each row the terms (n_rows, n_terms), in half precision.
            lists: The same turned: of each term the rows, ascending.
        """
        self._rows, self._lists = rows, lists

    def nearest(self, asked: Rows, n: int, effort: float = 1.0) -> Rows:
        """Return up to `n` rows that share the rarest words of each of some rows (b, n), in no order.

        Args:
            asked: The rows (b,); none is found for itself.
            n: How many, of those whose words in common weigh most.
            effort: What part of the usual entries is read.

        Returns:
            Rows of any language, -1 where there are no more.
        """
        most = max(1, round(effort * READ * len(self._rows) ** 0.5))
        found = np.full((len(asked), n), EMPTY, dtype=np.int64)
        sums, touched = np.zeros(len(self._rows), dtype=np.float32), np.empty(most + 1, dtype=np.uint32)
        _nearest(asked, _entries(self._rows), _entries(self._lists), HALVES, (sums, touched), found)
        return found

    def cosines(self, asked: Rows, block: range) -> Scores:
        """Return the lexical cosine, in single precision, of rows with those of a block (b, len(block))."""
        sums = np.zeros((len(asked), len(block)), dtype=np.float32)
        _sum(asked, _entries(self._rows), _entries(self._lists), HALVES, block.start, sums)
        return sums


def _entries(rows: SparseRows) -> Entries:
    return rows.indptr, rows.indices, rows.data.view(np.uint16)


@compiled()
def _nearest(
    asked: Rows,
    rows: Entries,
    lists: Entries,
    halves: NDArray[np.float32],
    room: tuple[Scores, NDArray[np.uint32]],
    found: Rows,
) -> None:
    """Fill in what is found; all sums are 0, and are so again, `room` has one place more than are read."""
    starts, terms, _ = rows
    begins, _, _ = lists
    sums, touched = room
    counts = np.zeros(N_STEPS, dtype=np.int64)
    for number in range(len(asked)):
        row = asked[number]
        first, last = starts[row], starts[row + 1]
        rarest = np.empty(last - first, dtype=np.int64)
        for place in range(first, last):
            term = terms[place]
            rarest[place - first] = ((begins[term + 1] - begins[term]) << 32) | (place - first)
        rarest.sort()
        n = _add(first, rarest, rows, lists, halves, room)
        sums[row] = 0.0
        _choose(touched[:n], sums, counts, found[number])


@compiled()
def _add(
    first: int,
    rarest: NDArray[np.int64],
    rows: Entries,
    lists: Entries,
    halves: NDArray[np.float32],
    room: tuple[Scores, NDArray[np.uint32]],
) -> int:
    """Add up the rarest words, return how many rows have any: these are the first that are touched."""
    _, terms, own = rows
    begins, others, theirs = lists
    sums, touched = room
    left, n = len(touched) - 1, np.uint64(0)
    for key in rarest:
        size, place = key >> 32, first + (key & 0xFFFFFFFF)
        if size > left:
            break
        left -= size
        weight, begin = halves[own[place]], begins[terms[place]]
        for entry in range(np.uint64(begin), np.uint64(begin + size)):
            other = np.uint32(others[entry])
            before = sums[other]
            touched[n] = other
            n += np.uint64(before == 0)
            sums[other] = before + weight * halves[theirs[entry]]
    return int(n)


@compiled()
def _choose(touched: NDArray[np.uint32], sums: Scores, counts: NDArray[np.int64], found: Rows) -> None:
    """Fill in the rows of the highest sums; all of those touched are then 0.

    By steps: of those on the lowest one that has room left, the first are taken.
    """
    bits = sums.view(np.int32)
    counts[:] = 0
    for row in touched:
        counts[_step(bits[row])] += 1
    step, left = N_STEPS, len(found)
    while step and counts[step - 1] <= left:
        step -= 1
        left -= counts[step]
    n = 0
    for row in touched:
        if bits[row]:
            own = _step(bits[row])
            if own >= step or (own == step - 1 and left):
                left -= own < step
                found[n] = row
                n += 1
            bits[row] = 0


@compiled()
def _step(bits: int) -> int:
    """Return the step of a sum above 0, given its bits, which are in the order of what they stand for."""
    return min(max((bits >> STEPS) - LOWEST, 0), N_STEPS - 1)


@compiled()
def _sum(
    asked: Rows, rows: Entries, lists: Entries, halves: NDArray[np.float32], first: int, sums: Scores
) -> None:
    """Add up all words that some rows share with those of a block, which begins with the first."""
    starts, terms, own = rows
    begins, others, theirs = lists
    last = first + sums.shape[1]
    for number in range(len(asked)):
        row, values = asked[number], sums[number]
        for place in range(starts[row], starts[row + 1]):
            weight, term = halves[own[place]], terms[place]
            begin = first_near(first, others, begins[term], begins[term + 1])
            end = first_near(last, others, begin, begins[term + 1])
            for entry in range(np.uint64(begin), np.uint64(end)):
                values[np.uint32(others[entry] - first)] += weight * halves[theirs[entry]]
