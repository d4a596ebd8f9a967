"""The neighbours of every row of a corpus: the candidates of the vectors, put in order by both legs."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from recommender.neighbour import Neighbour
from recommender.ranking.calibration import Calibration
from recommender.ranking.search import DEPTH, neighbours
from recommender.vectors import DECIMALS, Rows, Values, Vectors

if TYPE_CHECKING:
    from recommender.index import VectorIndex
    from recommender.lexical import TermMatrix

QUERIES_AT_ONCE = 256
USUAL_COPIES = 4  # a text with more copies than this is asked for on its own


class Ranker:
    """Puts what the vectors of a corpus find in the order of both legs."""

    def __init__(
        self, index: "VectorIndex", vectors: Vectors, matrix: "TermMatrix", calibration: Calibration
    ) -> None:
        self._index = index
        self._vectors = vectors
        self._matrix = matrix
        self._calibration = calibration
        self._group = calibration.groups.each()
        self._usual = calibration.usual.astype(np.float64)

    def neighbours(
        self, copies: Sequence[int], k: int, on_progress: Callable[[int, int], None]
    ) -> list[list[Neighbour]]:
        """Return the `k` best rows of every row, without itself and its exact copies.

        Args:
            copies: For each row the first row with the same text.
            k: How many; fewer only where there are no more.
            on_progress: Told after each batch how many rows are done.
        """
        same = np.asarray(copies, dtype=np.int64)
        sizes = np.bincount(same, minlength=len(same))[same] if len(same) else same
        lists: list[list[Neighbour]] = [[] for _ in copies]
        usual = np.flatnonzero(sizes <= USUAL_COPIES)
        batches = [usual[i : i + QUERIES_AT_ONCE] for i in range(0, len(usual), QUERIES_AT_ONCE)]
        batches += [*np.flatnonzero(sizes > USUAL_COPIES)[:, None]]
        done = 0
        for rows in batches:
            self._rank(rows, same, k, DEPTH + k + int(sizes[rows].max()), lists)
            done += len(rows)
            on_progress(done, len(copies))
        return lists

    def _rank(self, rows: Rows, same: Rows, k: int, n: int, lists: list[list[Neighbour]]) -> None:
        """Fill in the lists of some rows, from the `n` nearest of each language."""
        left, right, cosine = self._candidates(rows, n)
        kept = same[left] != same[right]
        left, right, cosine = left[kept], right[kept], cosine[kept]
        calibration, group = self._calibration, self._group
        words = self._matrix.similarities(left, right) if calibration.weights.any() else np.zeros(len(left))
        fused = calibration.fused(cosine, words, group[left], group[right])
        usual = 0.5 * (self._usual[left, group[right]] + self._usual[right, group[left]])
        scores = calibration.scores(fused, usual, group[left], group[right])
        order = np.lexsort((right, -scores, left))
        ends = np.searchsorted(left[order], rows, side="right")
        for row, start, end in zip(rows.tolist(), np.searchsorted(left[order], rows), ends, strict=True):
            best = order[start : min(end, start + k)]
            own, others = int(group[row]), group[right[best]]
            shares = calibration.similarities(scores[best], own, others)
            labels = calibration.labels(cosine[best], own, others)
            lists[row] = neighbours(right[best], scores[best], shares, labels)

    def _candidates(self, rows: Rows, n: int) -> tuple[Rows, Rows, Values]:
        """Return pairs (row, candidate) and their cosines."""
        found = []
        for number in range(len(self._calibration.groups)):
            allowed = None if len(self._calibration.groups) == 1 else self._calibration.groups.rows(number)
            hits = self._index.search(self._vectors[rows], n, allowed)
            left = np.repeat(rows, hits.rows.shape[1])
            scores = np.round(hits.scores.ravel().astype(np.float64), DECIMALS)
            found.append((left, hits.rows.ravel(), scores))
        left, right, cosine = (np.concatenate(part) for part in zip(*found, strict=True))
        return left, right, cosine
