"""The neighbours of every row of a corpus: the candidates of both legs, put in order by both.

In batches that do not know of each other: several are computed at once.
"""

from collections.abc import Callable, Iterator
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from recommender.ranking.calibration import Calibration
from recommender.ranking.exam import PLACES, Exam
from recommender.ranking.graph import NONE, Graph, once
from recommender.ranking.ranked import Ranked
from recommender.ranking.search import DEPTH
from recommender.ranking.shared_neighbours import COMPILED_FROM, Near
from recommender.ranking.uncompiled import PlainCorpus
from recommender.vectors import Rows, Values, Vectors
from recommender.workers import THREADS, Workers

if TYPE_CHECKING:
    from recommender.index import VectorIndex
    from recommender.lexical import TermMatrix
    from recommender.lexical.candidates import TermCandidates
    from recommender.lexical.sparse import SparseRows
    from recommender.ranking.compiled import Corpus

ROWS_AT_ONCE, COMPILED_AT_ONCE = 256, 1_024  # more that ask together share more of what they look at
USUAL_COPIES = 4  # a text with more copies than this is asked for on its own, once in a batch
WORDS_FROM = 5_000  # rows; of fewer the vectors find nearly all, and compiled code is not worth loading
EXAMINED = 400  # rows by which recall is measured
SPARE = 50  # beyond those wanted: compared roughly, one of them may come too late
Best = tuple[Rows, Values]  # (b, k) rows, -1 where there are no more, and their scores


class Effort(NamedTuple):
    """How much a search looks at.

    Attributes:
        depth: Candidates of each leg beyond those asked for.
        lists: What part of the lists of vectors that a question would look at.
        words: How many times the usual entries of words.
    """

    depth: int
    lists: float
    words: float


FULL = Effort(DEPTH, 1.0, 4.0)
ROUGH = Effort(30, 0.125, 1.0)  # what it misses the neighbours' neighbours make up for
NEARLY_FULL = Effort(DEPTH, 0.5, 2.0)  # misses one neighbour in thousands, and takes half of the time
WITHOUT_WORDS = 2.0  # times as many lists: otherwise words find much of what vectors miss


class Ranker:
    """Puts what both legs find in a corpus in the order of both."""

    def __init__(
        self,
        index: "VectorIndex",
        vectors: Vectors,
        matrix: "TermMatrix",
        lists: "SparseRows",
        calibration: Calibration,
        copies: Rows,
    ) -> None:
        """Take the parts of a build.

        Args:
            index: Finds the nearest vectors.
            vectors: (n, dim).
            matrix: The words of each row.
            lists: The rows of each word, see `lexical.read_lists`.
            calibration: What is usual between the languages.
            copies: For each row the first row with the same text (n,).
        """
        self._index = index
        self._vectors = vectors
        self._matrix = matrix
        self._lists = lists
        self._calibration = calibration
        self._group = calibration.groups.each()
        self._same = np.asarray(copies, dtype=np.int64)
        self._sizes = np.bincount(self._same, minlength=len(copies))[self._same]
        self.compiled_from, self.words_from = COMPILED_FROM, WORDS_FROM

    def __getstate__(self) -> dict[str, Any]:
        """Leave here what another process had better make for itself."""
        return {name: value for name, value in self.__dict__.items() if name not in ("_corpus", "_words")}

    def __len__(self) -> int:
        return len(self._same)

    def arrange(self, folder: Path) -> None:
        """Lay the rows that are near each other side by side, in files in a folder that are gone in the end.

        Worth while where all rows are then compared, in this process.
        """
        from recommender.ranking.compiled import Corpus

        if self._is_compiled:
            order = np.concatenate(self._gathered)
            self._corpus = Corpus.arranged(
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
        done = 0
        for ranked in workers.map(partial(self.ranked, k=k, graph=graph), self.batches()):
            done += len(ranked)
            yield ranked
            on_progress(done, len(self))

    def exam(self, among: Rows | None = None, n: int | None = None) -> Exam:
        """Compare some rows with all that there are.

        Args:
            among: The rows of which some are taken, ascending; None: all.
            n: How many are taken; None: as many as a rebuild of all takes.
        """
        from recommender.ranking.exhaustive import Exhaustive

        among = np.arange(len(self)) if among is None else among
        chance = np.random.default_rng(0)
        asked = np.sort(chance.choice(among, min(n or EXAMINED, len(among)), replace=False))
        every = Exhaustive(self._vectors, self._words, self._calibration, self._same)
        likeliest = every.likeliest(asked, PLACES + SPARE)
        batches, wanted = self.parted(asked), []
        for rows in batches:
            near, scores = self._corpus.nearest(rows, likeliest[np.searchsorted(asked, rows)], PLACES)
            wanted += [own[:count] for own, count in zip(scores, (near != NONE).sum(axis=1), strict=True)]
        return Exam(batches, wanted)

    def parted(self, rows: Rows) -> list[Rows]:
        """Return some rows, ascending, in batches of one language each."""
        return [
            part
            for group in np.unique(self._group[rows])
            for part in _parts(rows[self._group[rows] == group], ROWS_AT_ONCE)
        ]

    def offered(self, rows: Rows, n: int) -> Ranked:
        """Return to whom rows of a batch of one language may be near, best first: `n` of each leg."""
        candidates = self._searched(rows, n, NEARLY_FULL)
        return self._as_ranked(rows, self._corpus.nearest(rows, candidates, candidates.shape[1]))

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
        queries = self._corpus.vectors_of(rows)
        stretches = [groups.stretch(group) for group in range(len(groups))]
        parts = [
            self._index.candidates(queries, n, stretch, effort)
            if len(stretch) > n
            else np.tile(np.asarray(stretch, dtype=np.int64), (len(rows), 1))  # all: nothing to search for
            for stretch in stretches
        ]
        return np.hstack(parts)

    def ranked(self, rows: Rows, k: int, graph: Graph | None = None, effort: Effort = FULL) -> Ranked:
        """Return the `k` best rows of a batch of one language.

        Args:
            rows: The batch.
            k: How many.
            graph: Rows that need not be searched for, and their candidates.
            effort: How much a search looks at.
        """
        return self._as_ranked(rows, self._best(rows, k, graph, effort))

    def near(self, rows: Rows, k: int, graph: Graph | None = None, effort: Effort = FULL) -> Near:
        """Return the rows alone that `ranked` does (b, k), -1 where there are no more."""
        return self._best(rows, k, graph, effort)[0].astype(np.int32)

    def _best(self, rows: Rows, k: int, graph: Graph | None, effort: Effort) -> Best:
        """Return the best of those that a graph leads to, None: of those that a search finds."""
        if graph:
            return self._corpus.nearest(rows, graph.candidates(rows), k)
        shape = (len(rows), k)
        best: Best = np.full(shape, NONE, dtype=np.int64), np.zeros(shape)
        are_copied = self.has_copies(rows)
        copied = np.flatnonzero(are_copied)  # in one language they have the same neighbours
        _, firsts, texts = np.unique(self._same[rows[copied]], return_index=True, return_inverse=True)
        for part in (np.flatnonzero(~are_copied), *copied[firsts][:, None]):
            if not len(part):
                continue
            own = rows[part]
            candidates = self._searched(own, effort.depth + k + int(self._sizes[own].max()), effort)
            for values, filled in zip(best, self._corpus.nearest(own, candidates, k), strict=True):
                values[part] = filled
        for values in best:
            values[copied] = values[copied[firsts][texts]]
        return best

    def _searched(self, rows: Rows, n: int, effort: Effort) -> Rows:
        """Return the `n` candidates of each leg of some rows, those of the vectors of each language."""
        if not self.asks_words:
            return self.nearest_of_each(n, rows, min(1.0, WITHOUT_WORDS * effort.lists))
        near = self.nearest_of_each(n, rows, effort.lists)
        return once(np.hstack([near, self._words.nearest(rows, n, effort.words)]))

    def _as_ranked(self, rows: Rows, best: Best) -> Ranked:
        """Return the best of a batch of one language, and which are near-duplicates of it."""
        found, scores = best
        here = found >= 0
        own, others = int(self._group[rows[0]]), self._group[found[here]]
        copied = np.zeros(found.shape, dtype=bool)
        pairs = np.broadcast_to(rows[:, None], found.shape)[here], found[here]
        likeness = self._calibration.likeness(
            scores[here], self._calibration.hubness_between(*pairs), own, others
        )
        copied[here] = self._calibration.versions(likeness, partial(self._words_of, *pairs), own, others)
        return Ranked(rows, here.sum(axis=1), np.where(here, found, 0), scores, copied)

    def _words_of(self, left: Rows, right: Rows, places: Rows) -> Values:
        """Return the lexical cosine of the pairs of rows at some places."""
        return self._matrix.similarities(left[places], right[places])

    @property
    def asks_words(self) -> bool:
        """Whether a search has candidates of words too."""
        return len(self) >= self.words_from and bool(self._calibration.weights.any())

    @property
    def _is_compiled(self) -> bool:
        return len(self) >= self.compiled_from

    @cached_property
    def _gathered(self) -> list[Rows]:
        """The rows of each language, those near each other together."""
        groups = self._calibration.groups
        return [self._index.gathered(groups.stretch(group)) for group in range(len(groups))]

    @cached_property
    def _corpus(self) -> "Corpus | PlainCorpus":
        """What compares pairs."""
        if not self._is_compiled:
            return PlainCorpus(self._vectors, self._matrix, self._calibration, self._same, self._group)
        from recommender.ranking.compiled import Corpus

        return Corpus.of(self._vectors, self._matrix, self._calibration, self._same)

    @cached_property
    def _words(self) -> "TermCandidates":
        from recommender.lexical.candidates import TermCandidates

        return TermCandidates(self._matrix.weights, self._lists)


def _parts(rows: Rows, at_once: int) -> Iterator[Rows]:
    for start in range(0, len(rows), at_once):
        yield rows[start : start + at_once]
