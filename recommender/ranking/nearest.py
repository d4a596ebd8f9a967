"""The neighbours of every row of a corpus: the candidates of the vectors, put in order by both legs.

In batches that do not know of each other: several are computed at once.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import cached_property, partial
from typing import TYPE_CHECKING

import numpy as np

from recommender.ranking.calibration import Calibration
from recommender.ranking.carried import Carried, share_kept
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
EXAMINED = 400  # rows by which it is judged whether what is carried is as good as searching
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
        self,
        k: int,
        on_progress: Callable[[int, int], None],
        workers: Workers = THREADS,
        carried: Carried | None = None,
    ) -> Iterator[Ranked]:
        """Yield the `k` best rows of every row, in order, without itself and its exact copies.

        Args:
            k: How many; fewer only where there are no more.
            on_progress: Told after each batch how many rows are done.
            workers: Who takes the batches.
            carried: Rows that need not be searched for, and their candidates.
        """
        done = 0
        for ranked in workers.map(partial(self.ranked, k=k, carried=carried), self.batches()):
            done += len(ranked)
            yield ranked
            on_progress(done, len(self._same))

    def share_kept(self, carried: Carried, k: int) -> float:
        """Return which share of the `k` nearest of some rows is found among what is carried as well."""
        chance = np.random.default_rng(0)
        known = np.flatnonzero(~carried.is_fresh)
        asked = np.sort(chance.choice(known, min(EXAMINED, len(known)), replace=False))
        batches = [asked[self._group[asked] == group] for group in np.unique(self._group[asked])]
        full, again = (
            [
                one.scores[place, :count]
                for one in (self.ranked(batch, k, given) for batch in batches)
                for place, count in enumerate(one.counts.tolist())
            ]
            for given in (None, carried)
        )
        return share_kept(full, again)

    def batches(self) -> list[Rows]:
        """Return all rows in batches of one language each."""
        groups = self._calibration.groups
        found = []
        for group in range(len(groups)):
            rows = groups.rows(group)
            found += [rows[start : start + ROWS_AT_ONCE] for start in range(0, len(rows), ROWS_AT_ONCE)]
        return found

    def nearest_of_each(self, n: int, rows: Rows) -> Rows:
        """Return the `n` nearest of each language to some rows (b, w), -1 where there are no more."""
        groups, queries = self._calibration.groups, self._vectors[rows]
        parts = (self._index.candidates(queries, n, groups.stretch(group)) for group in range(len(groups)))
        return np.hstack([*parts])

    def ranked(self, rows: Rows, k: int, carried: Carried | None = None) -> Ranked:
        """Return the `k` best rows of a batch of one language."""
        shape = (len(rows), k)
        best: Best = np.full(shape, -1, dtype=np.int64), np.zeros(shape), np.zeros(shape)
        known = ~carried.is_fresh[rows] if carried else np.zeros(len(rows), dtype=bool)
        usual = self._sizes[rows] <= USUAL_COPIES
        searched = (np.flatnonzero(usual & ~known), *np.flatnonzero(~usual & ~known)[:, None])
        for part in (np.flatnonzero(known), *searched):
            if not len(part):
                continue
            own = rows[part]
            if carried and known[part[0]]:
                candidates = carried.candidates(own)
            else:
                candidates = self.nearest_of_each(DEPTH + k + int(self._sizes[own].max()), own)
            for values, filled in zip(best, self._best(own, candidates, k), strict=True):
                values[part] = filled
        found, scores, cosine = best
        here = found >= 0
        own, others = int(self._group[rows[0]]), self._group[found[here]]
        shares, labels = np.zeros(shape), np.zeros(shape, dtype=np.int64)
        shares[here] = self._calibration.similarities(scores[here], own, others)
        labels[here] = self._calibration.labels(cosine[here], own, others)
        return Ranked(here.sum(axis=1), np.where(here, found, 0), scores, shares, labels)

    def _best(self, rows: Rows, candidates: Rows, k: int) -> Best:
        """Return the best of some candidates (b, m) of each row."""
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
