"""What is done with the lists of all terms, compiled: turned into rows, and new rows put among old ones."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from recommender.compiling import compiled
from recommender.lexical.sparse import Starts
from recommender.workers import THREADS

ROWS_AT_ONCE = 32_768  # each stretch of rows looks for itself in every list; 50 MB of long texts
Columns = NDArray[np.int32]
Halves = NDArray[np.uint16]  # what half precision looks like to compiled code, which does not know it
Counts = NDArray[np.uint8]
Entries = tuple[Columns, Halves, Counts]  # of lists one after the other: rows, weights, counts
Lists = tuple[Starts, Columns, Halves, Counts]  # with where each list begins, and where the last one ends


def turned(
    starts: Starts, postings: Columns, weights: NDArray[np.float16], n_rows: int
) -> Iterator[tuple[NDArray[np.int64], Columns, NDArray[np.float16]]]:
    """Yield the rows that are in some lists, some rows at a time, so that what is filled stays near.

    A stretch of rows is a stretch of every list, as the rows of a list ascend. Where it begins is looked for,
    so that stretches do not wait for each other.

    Args:
        starts: Where the list of each term begins, and where the last one ends (n_terms + 1,).
        postings: The rows of each, ascending.
        weights: Beside them.
        n_rows: How many rows there are.

    Yields:
        How many terms each row has, then the terms of each, ascending, and their weights.
    """

    def stretch(first: int) -> tuple[NDArray[np.int64], Columns, NDArray[np.float16]]:
        last = min(first + ROWS_AT_ONCE, n_rows)
        sizes, begins = _sizes(starts, postings, first, last)
        columns, halves = np.empty(sizes.sum(), dtype=np.int32), np.empty(sizes.sum(), dtype=np.uint16)
        fill = np.cumsum(sizes) - sizes
        lists = begins, starts[1:], postings, weights.view(np.uint16)
        _fill(lists, (first, last), fill, (columns, halves))
        return sizes, columns, halves.view(np.float16)

    return THREADS.map(stretch, range(0, n_rows, ROWS_AT_ONCE))


@compiled()
def _sizes(starts: Starts, postings: Columns, first: int, last: int) -> tuple[Starts, Starts]:
    """Return how many terms each row of a stretch has, and where it begins in each list."""
    sizes = np.zeros(last - first, dtype=np.int64)
    begins = np.empty(len(starts) - 1, dtype=np.int64)
    for term in range(len(starts) - 1):
        low, high = starts[term], starts[term + 1]
        while low < high:
            middle = (low + high) >> 1
            if postings[middle] < first:
                low = middle + 1
            else:
                high = middle
        begins[term] = low
        while low < starts[term + 1] and postings[low] < last:
            sizes[postings[low] - first] += 1
            low += 1
    return sizes, begins


@compiled()
def _fill(
    lists: tuple[Starts, Starts, Columns, Halves],
    bounds: tuple[int, int],
    fill: Starts,
    filled: tuple[Columns, Halves],
) -> None:
    """Fill in the terms and weights of a stretch of rows.

    Args:
        lists: Where the stretch begins in each list, where each list ends, rows and weights.
        bounds: The first row, and the first one that is not meant.
        fill: Where those of each row begin; changed.
        filled: The terms, and their weights.
    """
    begins, ends, postings, weights = lists
    columns, halves = filled
    first, last = bounds
    for term in range(len(begins)):
        place = begins[term]
        while place < ends[term] and postings[place] < last:
            row = postings[place] - first
            columns[fill[row]] = term
            halves[fill[row]] = weights[place]
            fill[row] += 1
            place += 1


@compiled()
def count_kept(starts: Starts, rows: Columns, now: Columns) -> Starts:
    """Return how many rows of each list are still there: `now` says where each is, -1 if nowhere."""
    sizes = np.zeros(len(starts) - 1, dtype=np.int64)
    for term in range(len(sizes)):
        for place in range(starts[term], starts[term + 1]):
            sizes[term] += now[rows[place]] >= 0
    return sizes


@compiled()
def join(old: Lists, now: Columns, new: Lists, terms: tuple[int, int], joined: Entries) -> None:
    """Put the new rows of some lists among the old ones.

    Args:
        old: The lists as they were.
        now: Where each row of them is, -1 if nowhere; else ascending.
        new: The lists of new rows.
        terms: The first term, and the first one that is not meant.
        joined: What is filled in, list after list, each ascending.
    """
    starts, rows, weights, counts = old
    new_starts, new_rows, new_weights, new_counts = new
    to_rows, to_weights, to_counts = joined
    n = 0
    for term in range(terms[0], terms[1]):
        other, end = new_starts[term], new_starts[term + 1]
        for place in range(starts[term], starts[term + 1]):
            row = now[rows[place]]
            if row < 0:
                continue
            while other < end and new_rows[other] < row:
                to_rows[n], to_weights[n], to_counts[n] = (
                    new_rows[other],
                    new_weights[other],
                    new_counts[other],
                )
                other += 1
                n += 1
            to_rows[n], to_weights[n], to_counts[n] = row, weights[place], counts[place]
            n += 1
        while other < end:
            to_rows[n], to_weights[n], to_counts[n] = new_rows[other], new_weights[other], new_counts[other]
            other += 1
            n += 1
