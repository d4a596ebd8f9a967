"""The neighbours of every row of a corpus: the candidates of the vectors, put in order by both legs.

In batches that do not know of each other: several are computed at once.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import cached_property, partial
from typing import TYPE_CHECKING

import numpy as np

from recommender.ranking.calibration import Calibration
from recommender.ranking.ranked import Ranked
from recommender.ranking.search import DEPTH
from recommender.vectors import Rows, Values, Vectors, cosines
from recommender.workers import THREADS, Workers

if TYPE_CHECKING:
    from recommender.index import VectorIndex
    from recommender.lexical import TermMatrix
    from recommender.ranking.compiled import Corpus

ROWS_AT_ONCE = 256
USUAL_COPIES = 4  # a text with more copies than this is asked for on its own
COMPILED_FROM = 5_000  # rows; of fewer NumPy has compared all before the code is compiled
Best = tuple[Rows, Values, Values]  # (b, k) rows, -1 where there are no more, their scores and cosines


class Ranker:
    """Puts what the vectors of a corpus find in the order of both legs."""

    def __init__(
        self,
        index: "VectorIndex",
        vectors: Vectors,
        matrix: "TermMatrix",
        calibration: Calibration,
        copies: Sequence[int],
    ) -> None:
        """Take the parts of a build.

        Args:
            index: Finds the nearest vectors.
            vectors: (n, dim).
            matrix: The words of each row.
            calibration: What is usual between the languages.
            copies: For each row the first row with the same text.
        """
        self._index = index
        self._vectors = vectors
        self._matrix = matrix
        self._calibration = calibration
        self._group = calibration.groups.each()
        self._same = np.asarray(copies, dtype=np.int64)
        self._sizes = (
            np.bincount(self._same, minlength=len(copies))[self._same] if len(copies) else self._same
        )
        self.compiled_from = COMPILED_FROM

    def neighbours(
        self, k: int, on_progress: Callable[[int, int], None], workers: Workers = THREADS
    ) -> Iterator[Ranked]:
        """Yield the `k` best rows of every row, in order, without itself and its exact copies.

        Args:
            k: How many; fewer only where there are no more.
            on_progress: Told after each batch how many rows are done.
            workers: Who takes the batches.
        """
        done = 0
        for ranked in workers.map(partial(self.ranked, k=k), self.batches()):
            done += len(ranked)
            yield ranked
            on_progress(done, len(self._same))

    def batches(self) -> list[Rows]:
        """Return all rows in batches of one language each."""
        groups = self._calibration.groups
        found = []
        for group in range(len(groups)):
            rows = groups.rows(group)
            found += [rows[start : start + ROWS_AT_ONCE] for start in range(0, len(rows), ROWS_AT_ONCE)]
        return found

    def ranked(self, rows: Rows, k: int) -> Ranked:
        """Return the `k` best rows of a batch."""
        shape = (len(rows), k)
        best: Best = np.full(shape, -1, dtype=np.int64), np.zeros(shape), np.zeros(shape)
        usual = self._sizes[rows] <= USUAL_COPIES
        for part in (np.flatnonzero(usual), *np.flatnonzero(~usual)[:, None]):
            if len(part):
                n = DEPTH + k + int(self._sizes[rows[part]].max())
                for values, filled in zip(best, self._best(rows[part], n, k), strict=True):
                    values[part] = filled
        found, scores, cosine = best
        here = found >= 0
        own, others = int(self._group[rows[0]]), self._group[found[here]]
        shares, labels = np.zeros(shape), np.zeros(shape, dtype=np.int64)
        shares[here] = self._calibration.similarities(scores[here], own, others)
        labels[here] = self._calibration.labels(cosine[here], own, others)
        return Ranked(here.sum(axis=1), np.where(here, found, 0), scores, shares, labels)

    def _best(self, rows: Rows, n: int, k: int) -> Best:
        """Return the best of the `n` nearest of each language to some rows."""
        groups = self._calibration.groups
        queries = self._vectors[rows]
        parts = (self._index.candidates(queries, n, groups.stretch(group)) for group in range(len(groups)))
        candidates = np.hstack([*parts])
        if len(self._same) < self.compiled_from:
            return self._compared(rows, candidates, k)
        return self._compiled.nearest(rows, candidates, k)

    @cached_property
    def _compiled(self) -> "Corpus":
        from recommender.ranking.compiled import Corpus

        return Corpus.of(self._vectors, self._matrix, self._calibration, self._same)

    def _compared(self, rows: Rows, candidates: Rows, k: int) -> Best:
        """Return the best of some candidates (b, m) of each row, by NumPy."""
        calibration, group = self._calibration, self._group
        left, right = np.repeat(rows, candidates.shape[1]), candidates.ravel()
        kept = (right >= 0) & (self._same[left] != self._same[right])
        left, right = left[kept], right[kept]
        cosine = cosines(self._vectors, left, right)
        words = self._matrix.similarities(left, right) if calibration.weights.any() else np.zeros(len(left))
        fused = calibration.fused(cosine, words, group[left], group[right])
        usual = 0.5 * (
            calibration.usual[left, group[right]].astype(np.float64) + calibration.usual[right, group[left]]
        )
        scores = calibration.scores(fused, usual, group[left], group[right])
        order = np.lexsort((right, -scores, left))
        starts, ends = (np.searchsorted(left[order], rows, side=side) for side in ("left", "right"))
        shape = (len(rows), k)
        best: Best = np.full(shape, -1, dtype=np.int64), np.zeros(shape), np.zeros(shape)
        for place, (start, end) in enumerate(zip(starts.tolist(), ends.tolist(), strict=True)):
            chosen = order[start : min(end, start + k)]
            for values, of_all in zip(best, (right, scores, cosine), strict=True):
                values[place, : len(chosen)] = of_all[chosen]
        return best
