"""The reference engine: every vector is compared. Exact, and what the others are compared with."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from recommender.index.engine import Before, Hits, VectorIndex
from recommender.index.stored import (
    ROUNDING,
    best_first,
    checked_question,
    exact_scores,
    read_vectors,
    rows_of,
)
from recommender.vectors import Rows, Scores, Vectors

QUERIES_AT_ONCE = 64
BLOCK = 32  # candidates of which only the greatest score is put in order
FEWEST_BLOCKS = 4  # for each of the `k`; with fewer several of the best share a block


class FlatIndex:
    """Exact search in memory-mapped vectors with NumPy."""

    def __init__(self, vectors: Vectors) -> None:
        self._vectors = vectors

    def __len__(self) -> int:
        return len(self._vectors)

    @property
    def recall(self) -> None:
        """None: it compares all."""

    def candidates(self, queries: Vectors, n: int, rows: range, effort: float = 1.0) -> Rows:
        """Return exactly the `n` nearest, of which only those are scored that may be the last."""
        n = min(n, len(rows))
        queries = checked_question(queries, n, self._vectors)
        vectors = self._vectors[rows.start : rows.stop]
        chosen = np.empty((len(queries), n), dtype=np.int64)
        for place, (found, near) in enumerate(_near(queries, vectors, n)):
            last = np.partition(near, len(near) - n)[len(near) - n]
            is_sure = near > last + ROUNDING
            sure, doubtful = found[is_sure], found[~is_sure & (near >= last - ROUNDING)]
            scores = exact_scores(vectors, doubtful, queries[place])
            others, _ = best_first(doubtful, scores, n - len(sure))
            chosen[place] = np.concatenate([sure, others])
        return chosen + rows.start

    def gathered(self, rows: range) -> Rows:
        return np.asarray(rows, dtype=np.int64)

    def search(self, queries: Vectors, k: int, allowed: Rows | range | None = None) -> Hits:
        queries = checked_question(queries, k, self._vectors)
        rows = rows_of(allowed, len(self))
        vectors = self._vectors_of(rows)
        k = min(k, len(rows))
        hits = Hits.blank(len(queries), k)
        if k == 0:
            return hits
        for place, (found, _) in enumerate(_near(queries, vectors, k)):
            scores = exact_scores(vectors, found, queries[place])
            near = found + rows.start if isinstance(rows, range) else rows[found]
            hits.rows[place], hits.scores[place] = best_first(near, scores, k)
        return hits

    def _vectors_of(self, rows: Rows | range) -> Vectors:
        """Return the vectors of rows; of a stretch no copy is made."""
        return self._vectors[rows.start : rows.stop] if isinstance(rows, range) else self._vectors[rows]


def _near(queries: Vectors, vectors: Vectors, k: int) -> Iterator[tuple[Rows, Scores]]:
    """Yield for each query the places of the vectors that may be its `k` best, and their rough scores."""
    for start in range(0, len(queries), QUERIES_AT_ONCE):
        rough = queries[start : start + QUERIES_AT_ONCE] @ vectors.T
        for values, limit in zip(rough, _limits(rough, k), strict=True):
            found = np.flatnonzero(values >= limit - ROUNDING)
            yield found, values[found]


def _limits(scores: Scores, k: int) -> Scores:
    """Return for each query (queries,) a score that at least its `k` best candidates reach.

    Of scores (queries, candidates). The candidates are cut into blocks: the k-th greatest of the blocks'
    greatest scores is reached by `k` candidates at least, hardly ever by many more, and ordering one score
    a block takes a fraction of the time of ordering all.
    """
    n = scores.shape[1]
    if n < FEWEST_BLOCKS * k * BLOCK:
        limits: Scores = np.partition(scores, n - k, axis=1)[:, n - k]
        return limits
    whole = n - n % BLOCK
    best = scores[:, :whole].reshape(len(scores), -1, BLOCK).max(axis=2)
    limits = np.partition(best, best.shape[1] - k, axis=1)[:, best.shape[1] - k]
    return limits


class FlatEngine:
    """Keeps nothing but the vectors themselves."""

    name = "flat"

    def build(self, folder: Path, sizes: Sequence[int] = (), before: Before | None = None) -> None:
        """Do nothing: the vectors are there."""

    def open(self, folder: Path) -> VectorIndex:
        return FlatIndex(read_vectors(folder))

    def drop(self, folder: Path) -> None:
        """Do nothing: all there is lies in the folder."""
