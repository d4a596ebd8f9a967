"""A night in which little changed: what the build before knows of the corpus as a whole is taken over too.

What is usual (in how many papers each word is, how alike papers are, where the centres of lists lie) changes
as little as the corpus does, and then everything that is told by it stays as it is: the weights of words, the
scores of pairs, and so the lists of neighbours, but for what is new or gone. Once a share of the corpus has
changed since all was told anew, all is told anew.
"""

from bisect import bisect_left
from collections.abc import Callable
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from recommender.builds.carrying import Earlier
from recommender.lexical.counts import TermCounts
from recommender.ranking import Calibration, LanguageGroups, Ranker, UpdatedLists
from recommender.vectors import Rows, Vectors
from recommender.workers import Workers

MOST_CHANGED = 0.2  # of the papers, new and gone, since all was told anew
LEAST_RECALL = 0.98  # of lists taken over: a little below what lists that are made anew have
NONE = -1


class Update:
    """A build before that is gone on from.

    Attributes:
        rows: The row there of each paper (n,), ascending but for those that are new: -1.
        now: The row here of each paper of the build before (n_before,), -1 where it is gone.
        n_changed: How many papers are new or gone since all was told anew.
    """

    def __init__(self, earlier: Earlier, rows: Rows, now: NDArray[np.int32]) -> None:
        self.rows = rows
        self.now = now
        self._before = earlier.before
        changed = int((rows == NONE).sum() + (now == NONE).sum())
        self.n_changed = earlier.before.manifest.n_changed + changed

    @classmethod
    def of(cls, earlier: Earlier, groups: LanguageGroups) -> Self | None:
        """Tell how a build goes on from the one before; None: it does not, as too much has changed.

        Args:
            earlier: The build before, of the same model and ranking.
            groups: The languages of the new build.
        """
        before = earlier.before
        if before.manifest.recall is None or before.calibration.groups.names != groups.names:
            return None
        rows = ascending(earlier.rows)
        now = np.full(before.manifest.n_papers, NONE, dtype=np.int32)
        known = np.flatnonzero(rows != NONE)
        now[rows[known]] = known
        found = cls(earlier, rows, now)
        return found if found.n_changed <= MOST_CHANGED * len(rows) else None

    @property
    def fresh(self) -> Rows:
        """The rows of papers that are new (m,)."""
        return np.flatnonzero(self.rows == NONE)

    def write_words(self, fresh: TermCounts, folder: Path) -> None:
        """Write the words of all papers, given those of the new ones.

        Raises:
            BuildError: A file of the build before is missing.
        """
        from recommender.lexical.updating import write_updated  # compiles

        write_updated(self._before.folder, self.now, fresh, self.fresh, folder)

    def calibration(self, groups: LanguageGroups, vectors: Vectors) -> Calibration:
        """Return what is usual, given the vectors of all papers (n, dim)."""
        return self._before.calibration.going_on(groups, self.rows, vectors)

    def neighbours(
        self, ranker: Ranker, k: int, on_progress: Callable[[int, int], None], workers: Workers
    ) -> tuple[UpdatedLists, float] | None:
        """Return the neighbours of all papers, and their recall; None: they had better be searched for.

        Args:
            ranker: Of the new build.
            k: How many of each.
            on_progress: Told after each batch how many new papers are done.
            workers: Who searches for these.
        """
        lists = UpdatedLists(ranker, self._before.neighbours.lists, self.rows, self.now, k)
        recall = lists.find(on_progress, workers)
        return (lists, recall) if recall >= LEAST_RECALL else None


def ascending(rows: Rows) -> Rows:
    """Return rows (n,) of which those that are not -1 ascend: as many of them as possible, the others -1.

    The longest increasing subsequence, by patience (Fredman 1975, doi:10.1016/0012-365X(75)90103-X).
    """
    known = np.flatnonzero(rows != NONE)
    if (np.diff(rows[known]) > 0).all():
        return rows
    ends: list[int] = []  # of the best sequence of each length, the lowest last row
    places: list[int] = []  # and where that stands
    before: list[int] = []
    for place, row in enumerate(rows[known].tolist()):
        length = bisect_left(ends, row)
        before.append(places[length - 1] if length else NONE)
        ends[length : length + 1] = [row]
        places[length : length + 1] = [place]
    found = np.full(len(rows), NONE, dtype=np.int64)
    place = places[-1]
    while place != NONE:
        found[known[place]] = rows[known[place]]
        place = before[place]
    return found
