"""What rows gain by neighbours in common, compiled: as `shared_neighbours.shared` computes it with NumPy.

A row's own list lies in a small table: in it the lists of its nearest, and the nearest of those in its list,
are looked up.
"""

import numpy as np
from numpy.typing import NDArray

from recommender.compiling import compiled
from recommender.ranking.ahead import LINE, fetch

ROOM = 4  # places of the table for each row in a list
EMPTY = -1
A_LINE = LINE // 4  # numbers of four bytes
Lists = tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int32]]  # see `fill_in`
Table = tuple[NDArray[np.int32], NDArray[np.int64]]  # rows, and where they stand in the list


@compiled()
def fill_in(
    asked: NDArray[np.int32], lists: Lists, n_asked: int, depth: int, gained: NDArray[np.int64]
) -> None:
    """Fill in what the rows of some lists gain.

    Args:
        asked: Whose lists (b,).
        lists: Rows and scores of all lists, best first (n, k), and how many each has (n,).
        n_asked: How many of each are asked for theirs.
        depth: How many of each count.
        gained: Of each row of the lists asked for (b, k), zeros so far.
    """
    rows, scores, counts = lists
    k = rows.shape[1]
    size = 1
    while size < ROOM * (k + 1):
        size *= 2
    table = (np.empty(size, dtype=np.int32), np.zeros(size, dtype=np.int64))
    worth = np.zeros(k + 1, dtype=np.int64)
    for number in range(len(asked)):
        own = asked[number]
        n = counts[own]
        _ask_ahead(rows[own, :n], lists, n_asked)
        table[0][:] = EMPTY
        for place in range(n):
            _enter(rows[own, place], place, table)
            worth[place] = _worth(scores[own], place, n, depth)
        _enter(own, k, table)
        worth[k] = worth[0]  # itself
        _ask_nearest(rows[own, : min(n, n_asked)], lists, depth, table, gained[number])
        for place in range(n):
            near = rows[own, place]
            for rank in range(min(counts[near], n_asked)):
                there = _place_of(rows[near, rank], table)
                if there != EMPTY:
                    gained[number, place] += worth[there]


@compiled()
def _ask_ahead(near: NDArray[np.int32], lists: Lists, n_asked: int) -> None:
    """Have the lists of rows come, which lie far apart: of the nearest all, of the others the first line."""
    rows, scores, counts = lists
    k, flat, flat_scores = rows.shape[1], rows.reshape(-1), scores.reshape(-1)
    for place in range(len(near)):
        fetch(counts, near[place])
        start = np.int64(near[place]) * k
        fetch(flat, start)
        if place < n_asked:
            for line in range(start, start + k, A_LINE):
                fetch(flat, line)
                fetch(flat_scores, line)


@compiled()
def _ask_nearest(
    nearest: NDArray[np.int32], lists: Lists, depth: int, table: Table, gained: NDArray[np.int64]
) -> None:
    """Add what the nearest say of the rows in the table."""
    rows, scores, counts = lists
    for place in range(len(nearest)):
        near = nearest[place]
        n = counts[near]
        gained[place] += _worth(scores[near], 0, n, depth)
        for rank in range(min(n, depth)):
            there = _place_of(rows[near, rank], table)
            if there != EMPTY and there < len(gained):
                gained[there] += _worth(scores[near], rank, n, depth)


@compiled()
def _worth(scores: NDArray[np.int32], rank: int, n: int, depth: int) -> int:
    """Return e of a rank in a list of `n`, see `shared_neighbours`."""
    if n == 0:
        return 0
    one: int = scores[rank]  # of 32 bits, as is the last: a difference has 64
    last: int = scores[min(n, depth) - 1]
    return max(one - last, 0)


@compiled()
def _enter(row: int, place: int, table: Table) -> None:
    keys, places = table
    slot = row & (len(keys) - 1)
    while keys[slot] != EMPTY:
        slot = (slot + 1) & (len(keys) - 1)
    keys[slot], places[slot] = row, place


@compiled()
def _place_of(row: int, table: Table) -> int:
    """Return where a row stands, -1 if it was not entered."""
    keys, places = table
    slot = row & (len(keys) - 1)
    while keys[slot] != EMPTY:
        if keys[slot] == row:
            place: int = places[slot]
            return place
        slot = (slot + 1) & (len(keys) - 1)
    return EMPTY
