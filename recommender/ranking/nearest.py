"""The neighbours of every row of a corpus: the candidates of the vectors, put in order by both legs.

In batches that do not know of each other: several are computed at once.
"""

from collections.abc import Callable, Iterator
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from recommender.ranking.calibration import Calibration
from recommender.ranking.graph import NONE, Graph, share_kept
from recommender.ranking.ranked import Ranked
from recommender.ranking.search import DEPTH
from recommender.ranking.shared_neighbours import COMPILED_FROM
from recommender.vectors import Rows, Values, Vectors, cosines
from recommender.workers import THREADS, Workers

if TYPE_CHECKING:
    from recommender.index import VectorIndex
    from recommender.lexical import TermMatrix
    from recommender.ranking.compiled import Corpus

ROWS_AT_ONCE, COMPILED_AT_ONCE = 256, 1_024  # more that ask together share more of what they look at
USUAL_COPIES = 4  # a text with more copies than this is asked for on its own, once in a batch
EXAMINED = 400  # rows by which it is judged whether what is known is as good as searching
LEAST_KEPT, PLACES = 0.99, 10  # of the ten nearest, what must be found without a search
ROUGH_EFFORT, ROUGH_DEPTH = 0.25, 30  # of a search whose misses the neighbours' neighbours make up for
ROUNDS = 2  # how often these are asked at most
Best = tuple[Rows, Values]  # (b, k) rows, -1 where there are no more, and their scores


class Ranker:
    """Puts what the vectors of a corpus find in the order of both legs."""

    def __init__(
        self,
        index: "VectorIndex",
        vectors: Vectors,
        matrix: "TermMatrix",
        calibration: Calibration,
        copies: Rows,
    ) -> None:
        """Take the parts of a build.

        Args:
            index: Finds the nearest vectors.
            vectors: (n, dim).
            matrix: The words of each row.
            calibration: What is usual between the languages.
            copies: For each row the first row with the same text (n,).
        """
        self._index = index
        self._vectors = vectors
        self._matrix = matrix
        self._calibration = calibration
        self._group = calibration.groups.each()
        self._same = np.asarray(copies, dtype=np.int64)
        self._sizes = np.bincount(self._same, minlength=len(copies))[self._same]
        self.compiled_from = COMPILED_FROM

    def __getstate__(self) -> dict[str, Any]:
        """Leave here what another process had better make for itself."""
        return {name: value for name, value in self.__dict__.items() if name != "_compiled"}

    def arrange(self, folder: Path) -> None:
        """Lay the rows that are near each other side by side, in files in a folder that are gone in the end.

        Worth while where all rows are then compared, in this process.
        """
        from recommender.ranking.compiled import Corpus

        if self._is_compiled:
            order = np.concatenate(self._gathered)
            self._compiled = Corpus.arranged(
                self._vectors, self._matrix, self._calibration, self._same, order, folder
            )

    def neighbours(
        self,
        k: int,
        on_progress: Callable[[int, int], None],
        workers: Workers = THREADS,
        graph: Graph | None = None,
    ) -> Iterator[Ranked]:
        """Return the `k` best rows of every row, in any order, without itself and its exact copies.

        Args:
            k: How many; fewer only where there are no more.
            on_progress: Told after each batch how many rows are done.
            workers: Who takes the batches.
            graph: Rows that need not be searched for, and their candidates.
        """
        return self._of_all(partial(self.ranked, k=k, graph=graph), on_progress, workers)

    def approach(
        self, k: int, on_progress: Callable[[int, int], None], workers: Workers = THREADS
    ) -> Graph | None:
        """Search for all rows with little effort, and then among the neighbours of what was found.

        Args:
            k: How many neighbours of each row are kept.
            on_progress: Told after each batch how many rows are done.
            workers: Who takes the batches.

        Returns:
            What is then known of all rows; None: they had better be searched for.
        """
        work = partial(self.ranked, k=k, is_rough=True)
        for _ in range(ROUNDS):
            found = self._of_all(work, on_progress, workers)
            near = np.empty((len(self._same), k), dtype=np.int32)
            for one in found:
                near[one.asked] = np.where(np.arange(k) < one.counts[:, None], one.rows, NONE)
            graph = Graph.mutual(near)
            if self.is_enough(graph):
                return graph
            work = partial(self.ranked, k=k, graph=graph)
        return None

    def _of_all(
        self,
        work: Callable[[Rows], Ranked],
        on_progress: Callable[[int, int], None],
        workers: Workers,
    ) -> Iterator[Ranked]:
        """Yield what is made of every batch, and tell how many rows are done."""
        done = 0
        for ranked in workers.map(work, self.batches()):
            done += len(ranked)
            yield ranked
            on_progress(done, len(self._same))

    def is_enough(self, graph: Graph) -> bool:
        """Tell whether a graph leads to nearly all of the nearest of some rows that a search finds."""
        return self.are_enough(lambda rows: self.ranked(rows, PLACES, graph))

    def are_enough(self, found: Callable[[Rows], Ranked], among: Rows | None = None) -> bool:
        """Tell whether nearly all of the nearest of some rows that a search finds are found otherwise too.

        Args:
            found: Returns what is found of a batch of one language, ten of each or more.
            among: The rows of which some are taken, ascending; None: all.
        """
        among = np.arange(len(self._same)) if among is None else among
        chance = np.random.default_rng(0)
        asked = np.sort(chance.choice(among, min(EXAMINED, len(among)), replace=False))
        full, again = [], []
        for rows in self.parted(asked):
            full += _best_scores(self.ranked(rows, PLACES))
            again += _best_scores(found(rows))
        return share_kept(full, again) >= LEAST_KEPT

    def parted(self, rows: Rows) -> list[Rows]:
        """Return some rows, ascending, in batches of one language each."""
        return [
            part
            for group in np.unique(self._group[rows])
            for part in _parts(rows[self._group[rows] == group], ROWS_AT_ONCE)
        ]

    def offered(self, rows: Rows, n: int) -> Ranked:
        """Return to whom rows of a batch of one language may be near, best first: `n` of each language."""
        candidates = self.nearest_of_each(n, rows)
        return self._as_ranked(rows, self._best(rows, candidates, candidates.shape[1]))

    def has_copies(self, rows: Rows) -> "np.ndarray[Any, np.dtype[np.bool_]]":
        """Tell which rows have so many copies that a search finds little else (b,)."""
        return self._sizes[rows] > USUAL_COPIES

    def batches(self) -> list[Rows]:
        """Return all rows in batches of one language each, those near each other together."""
        at_once = COMPILED_AT_ONCE if self._is_compiled else ROWS_AT_ONCE
        found = []
        for rows in self._gathered:
            found += [np.sort(part) for part in _parts(rows, at_once)]
        return found

    def nearest_of_each(self, n: int, rows: Rows, effort: float = 1.0) -> Rows:
        """Return the `n` nearest of each language to some rows (b, w), -1 where there are no more."""
        groups = self._calibration.groups
        queries = self._compiled.vectors_of(rows) if self._is_compiled else self._vectors[rows]
        stretches = [groups.stretch(group) for group in range(len(groups))]
        parts = [
            self._index.candidates(queries, n, stretch, effort)
            if len(stretch) > n
            else np.tile(np.asarray(stretch, dtype=np.int64), (len(rows), 1))  # all: nothing to search for
            for stretch in stretches
        ]
        return np.hstack(parts)

    def ranked(self, rows: Rows, k: int, graph: Graph | None = None, *, is_rough: bool = False) -> Ranked:
        """Return the `k` best rows of a batch of one language.

        Args:
            rows: The batch.
            k: How many.
            graph: Rows that need not be searched for, and their candidates.
            is_rough: Whether the search may miss some.
        """
        if graph:
            return self._as_ranked(rows, self._best(rows, graph.candidates(rows), k))
        shape = (len(rows), k)
        best: Best = np.full(shape, NONE, dtype=np.int64), np.zeros(shape)
        are_copied = self.has_copies(rows)
        depth, effort = (ROUGH_DEPTH, ROUGH_EFFORT) if is_rough else (DEPTH, 1.0)
        copied = np.flatnonzero(are_copied)  # in one language they have the same neighbours
        _, firsts, texts = np.unique(self._same[rows[copied]], return_index=True, return_inverse=True)
        for part in (np.flatnonzero(~are_copied), *copied[firsts][:, None]):
            if not len(part):
                continue
            own = rows[part]
            candidates = self.nearest_of_each(depth + k + int(self._sizes[own].max()), own, effort)
            for values, filled in zip(best, self._best(own, candidates, k), strict=True):
                values[part] = filled
        for values in best:
            values[copied] = values[copied[firsts][texts]]
        return self._as_ranked(rows, best)

    def _as_ranked(self, rows: Rows, best: Best) -> Ranked:
        """Return the best of a batch of one language with their labels."""
        found, scores = best
        here = found >= 0
        own, others = int(self._group[rows[0]]), self._group[found[here]]
        labels = np.zeros(found.shape, dtype=np.int64)
        pairs = np.broadcast_to(rows[:, None], found.shape)[here], found[here]
        likeness = self._calibration.likeness(
            scores[here], self._calibration.hubness_between(*pairs), own, others
        )
        labels[here] = self._calibration.labels(likeness, partial(self._words_of, *pairs), own, others)
        return Ranked(rows, here.sum(axis=1), np.where(here, found, 0), scores, labels)

    def _words_of(self, left: Rows, right: Rows, places: Rows) -> Values:
        """Return the lexical cosine of the pairs of rows at some places."""
        return self._matrix.similarities(left[places], right[places])

    def _best(self, rows: Rows, candidates: Rows, k: int) -> Best:
        """Return the best of some candidates (b, m) of each row."""
        if self._is_compiled:
            return self._compiled.nearest(rows, candidates, k)
        return self._compared(rows, candidates, k)

    @property
    def _is_compiled(self) -> bool:
        return len(self._same) >= self.compiled_from

    @cached_property
    def _gathered(self) -> list[Rows]:
        """The rows of each language, those near each other together."""
        groups = self._calibration.groups
        return [self._index.gathered(groups.stretch(group)) for group in range(len(groups))]

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
        usual = calibration.usual_between(group[left], group[right])
        usual = usual + calibration.hubness_between(left, right)
        scores = calibration.scores(fused, usual, group[left], group[right])
        order = np.lexsort((right, -scores, left))
        starts, ends = (np.searchsorted(left[order], rows, side=side) for side in ("left", "right"))
        shape = (len(rows), k)
        best: Best = np.full(shape, NONE, dtype=np.int64), np.zeros(shape)
        for place, (start, end) in enumerate(zip(starts.tolist(), ends.tolist(), strict=True)):
            chosen = order[start : min(end, start + k)]
            for values, of_all in zip(best, (right, scores), strict=True):
                values[place, : len(chosen)] = of_all[chosen]
        return best


def _parts(rows: Rows, at_once: int) -> Iterator[Rows]:
    for start in range(0, len(rows), at_once):
        yield rows[start : start + at_once]


def _best_scores(ranked: Ranked) -> list[Values]:
    """Return the scores of the ten nearest of each row."""
    counts = np.minimum(ranked.counts, PLACES).tolist()
    return [scores[:count] for scores, count in zip(ranked.scores, counts, strict=True)]
