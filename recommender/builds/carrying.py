"""What a build takes over from the one before: the neighbours of papers that are in both, as candidates."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from recommender.builds.build import Build
from recommender.index.stored import read_vectors
from recommender.paper import Paper
from recommender.ranking import Graph, Ranker, carry
from recommender.ranking.graph import NONE, OFFERED
from recommender.vectors import Rows, Vectors
from recommender.workers import Workers

MOST_FRESH = 0.1  # of the papers; beyond it all are searched for
ROWS_AT_ONCE = 20_000


def carried_from(
    before: Build, papers: Sequence[Paper], vectors: Vectors, ranker: Ranker, workers: Workers
) -> Graph | None:
    """Return what is known of papers from a build of the same model; None: they had better be searched for.

    Args:
        before: The build before, compared with its digests.
        papers: Those of the new build, in the order of its rows.
        vectors: Theirs (n, dim).
        ranker: Of the new build.
        workers: Who searches for the new papers.
    """
    rows = _rows_in(before, papers, vectors)
    is_fresh = rows == NONE
    if is_fresh.mean() > MOST_FRESH:
        return None
    earlier = _neighbours_in(before, rows)
    graph = carry(earlier, is_fresh, lambda fresh: ranker.nearest_of_each(OFFERED, fresh), workers)
    return graph if ranker.is_enough(graph) else None


def _rows_in(before: Build, papers: Sequence[Paper], vectors: Vectors) -> Rows:
    """Return the row that each paper had (n,), -1 where it is new or has another text."""
    found = (before.papers.row_of(paper.id) for paper in papers)
    rows = np.array([NONE if row is None else row for row in found], dtype=np.int64)
    old = read_vectors(before.folder)
    for start in range(0, len(rows), ROWS_AT_ONCE):
        part = slice(start, start + ROWS_AT_ONCE)
        same = (old[rows[part]] == vectors[part]).all(axis=1)  # of row -1 as well, which stays -1
        rows[part][~same] = NONE
    return rows


def _neighbours_in(before: Build, rows: Rows) -> NDArray[np.int32]:
    """Return the neighbours that rows had, in rows of the new build, -1 where one is gone."""
    now = np.full(len(before.neighbours) + 1, NONE, dtype=np.int32)  # one more, for those that are none
    known = np.flatnonzero(rows != NONE)
    now[rows[known]] = known
    earlier = np.full((len(rows), before.neighbours.k), NONE, dtype=np.int32)
    for start in range(0, len(known), ROWS_AT_ONCE):
        part = known[start : start + ROWS_AT_ONCE]
        earlier[part] = now[before.neighbours.of_rows(rows[part])]
    return earlier
