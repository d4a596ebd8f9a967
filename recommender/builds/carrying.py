"""What a build takes over from the one before, of papers whose text it had: vectors, words, neighbours.

Vectors and the counts of words are what making them anew would give. Neighbours are candidates: the
corpus around them has changed.
"""

from functools import partial
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from recommender.arrays import map_array, write_array
from recommender.builds.build import Build
from recommender.digests import Digests, rows_of
from recommender.embedding import EmbeddingCache, KnownVectors
from recommender.errors import BuildError
from recommender.index.stored import read_vectors
from recommender.lexical.counts import TermCounts
from recommender.ranking import Graph, Ranker, carry
from recommender.ranking.graph import NONE, OFFERED
from recommender.vectors import Rows
from recommender.workers import Workers

FILE = "kept.digests.npy"
MOST_FRESH = 0.1  # of the papers; beyond it all are searched for
ROWS_AT_ONCE = 20_000


class Earlier:
    """The build before, row by row of the new one.

    Attributes:
        rows: The row of the build before that has the text of each (n,), -1 where none has.
    """

    def __init__(self, before: Build, rows: Rows) -> None:
        self._before = before
        self.rows = rows

    @classmethod
    def of(cls, before: Build, digests: Digests) -> Self | None:
        """Find the rows of a build; None: it was made by a program that did not write down its texts.

        Args:
            before: The build before, of the same model, its files compared with their digests.
            digests: Of the texts of the new build, in the order of its rows.
        """
        try:
            known = map_array(before.folder / FILE, np.uint8, 2)
        except BuildError:
            return None
        return cls(before, rows_of(digests, known))

    def vectors(self, cache: EmbeddingCache) -> KnownVectors:
        """Return the vectors of the texts; of the others those that are cached."""
        return KnownVectors(cache, read_vectors(self._before.folder), self.rows)

    def counts(self, fresh: TermCounts, room: Path) -> TermCounts:
        """Return the words of all texts, given those of the texts that are in no row.

        In the folder `room` lies what does not last.

        Raises:
            BuildError: A file is missing.
        """
        return TermCounts.read(self._before.folder, len(self._before.papers), room).going_on(
            self.rows, fresh, room
        )

    def neighbours(self, ranker: Ranker, workers: Workers, room: Path) -> Graph | None:
        """Return what is known of the papers' neighbours; None: they had better be searched for.

        Args:
            ranker: Of the new build.
            workers: Who searches for the new papers.
            room: The folder where there is room for what does not last.
        """
        is_fresh = self.rows == NONE
        if is_fresh.mean() > MOST_FRESH:
            return None
        earlier = _neighbours_in(self._before, self.rows)
        nearest = partial(ranker.nearest_of_each, OFFERED)
        graph = carry(earlier, is_fresh, nearest, workers, room)
        return graph if ranker.is_enough(graph) else None


def write_digests(digests: Digests, folder: Path) -> None:
    """Write down which text each row has, and wait until it is on the disk."""
    write_array(digests, folder / FILE)


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
