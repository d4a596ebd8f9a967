"""Rows put into lists that are in order, compiled."""

from recommender.compiling import compiled
from recommender.vectors import Flags, Rows, Values

Columns = tuple[Rows, Values, Flags]  # see `Ranked.columns`


@compiled()
def insert(counts: Rows, columns: Columns, places: Rows, added: Columns) -> None:
    """Put entries into lists, whose last ones fall out where there is no room.

    Args:
        counts: How many each list has (n,); they are changed.
        columns: The lists, best first, of equal scores the lower row first (n, k); they are changed.
        places: The list of each entry (m,).
        added: The entries (m,).
    """
    rows, scores, flags = columns
    new_rows, new_scores, new_flags = added
    k = rows.shape[1]
    for number in range(len(places)):
        own = places[number]
        row, score = new_rows[number], new_scores[number]
        rank = counts[own]
        if rank == k and _is_before(scores[own, k - 1], rows[own, k - 1], score, row):
            continue
        rank = min(rank, k - 1)
        counts[own] = rank + 1
        while rank and not _is_before(scores[own, rank - 1], rows[own, rank - 1], score, row):
            rows[own, rank], scores[own, rank] = rows[own, rank - 1], scores[own, rank - 1]
            flags[own, rank] = flags[own, rank - 1]
            rank -= 1
        rows[own, rank], scores[own, rank], flags[own, rank] = row, score, new_flags[number]


@compiled()
def _is_before(score: float, row: int, other_score: float, other_row: int) -> bool:
    return score > other_score or (score == other_score and row < other_row)
