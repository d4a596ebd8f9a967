"""The neighbours of a corpus that differs little from the one before: the old lists, and what is new in them.

Lists are by score alone, as they were before neighbours in common were asked. Scores stay as they are, since
what is usual is told as before. Rows that are gone are left out of a list, which becomes a little shorter and
still holds the nearest. Only new rows are searched for; each is put into the lists of those to which it is
nearer than the last one there. Lists that have become short are filled again by the neighbours of those in
them.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Self

import numpy as np
from numpy.typing import NDArray

from recommender.ranking.graph import NEAREST, NONE, Graph
from recommender.ranking.nearest import Ranker
from recommender.ranking.ranked import Ranked
from recommender.vectors import Flags, Rows, Values, distinct
from recommender.workers import THREADS, Workers

OFFERED = 300  # candidates of each leg to which a new row is offered
FEWEST = 40  # neighbours of a list that need not be filled again
EXAMINED = 100  # rows, every night: of a thousand neighbours recall is told to half a point
ROWS_AT_ONCE = 16_384
Lists = Callable[[Rows], Ranked]  # the neighbours of some rows


class UpdatedLists:
    """The neighbours of all rows, given those of before."""

    def __init__(self, ranker: Ranker, before: Lists, rows: Rows, now: NDArray[np.int32], k: int) -> None:
        """Take what there was.

        Args:
            ranker: Of the new build.
            before: The neighbours of rows of the build before.
            rows: The row that each had there (n_rows,), -1 where it is new; else ascending.
            now: The row that each of that build has now (n_before,), -1 where it is gone.
            k: How many neighbours are stored of a row.
        """
        self._ranker = ranker
        self._before = before
        self._rows, self._now = rows, now
        self._k = k
        self._made = [Ranked.blank(np.flatnonzero(rows == NONE), k)]  # of new rows, and of lists made anew
        self._offers = _Offers.none()

    def find(self, on_progress: Callable[[int, int], None], workers: Workers = THREADS) -> float:
        """Search for what is new, and fill what has become short.

        Args:
            on_progress: Told after each batch how many new rows are done.
            workers: Who takes the batches.

        Returns:
            What share of the ten nearest of old rows, all rows compared, is then in their lists.
        """
        counts, worst = self._ends()
        known = np.flatnonzero(self._rows != NONE)
        if len(short := known[counts[known] < FEWEST]):
            self._fill(short, worst, workers)
        self._search(worst, on_progress, workers)
        return self._ranker.exam(known, EXAMINED).recall(self.of)

    def each(self) -> Iterator[Ranked]:
        """Yield the neighbours of all rows, some at a time."""
        yield from THREADS.map(self.of, _parts(np.arange(len(self._rows))))

    def of(self, rows: Rows) -> Ranked:
        """Return the neighbours of some rows, ascending."""
        lists = Ranked.blank(rows, self._k)
        are_known = self._rows[rows] != NONE
        lists.put(np.flatnonzero(are_known), self._known(rows[are_known]))
        for made in self._made:
            _, places, theirs = np.intersect1d(rows, made.asked, return_indices=True)
            lists.put(places, made.at(theirs))
        return self._offers.into(lists)

    def _known(self, rows: Rows) -> Ranked:
        """Return what is left of the lists that rows had."""
        before = self._before(self._rows[rows])
        now = np.where(before.here, self._now[before.rows], NONE)
        is_left = now != NONE
        left = Ranked.blank(rows, self._k)
        left.counts[:] = is_left.sum(axis=1)
        here = left.here
        for own, theirs in zip(left.columns, (now, *before.columns[1:]), strict=True):
            own[here] = theirs[is_left]
        return left

    def _ends(self) -> tuple[Rows, Values]:
        """Return how many are in each list, and the score of the last one, infinite of new rows (n_rows,)."""
        counts, worst = np.zeros(len(self._rows), dtype=np.int64), np.full(len(self._rows), np.inf)
        known = np.flatnonzero(self._rows != NONE)
        for lists in THREADS.map(self._known, _parts(known)):
            counts[lists.asked], worst[lists.asked] = lists.counts, _last(lists)
        return counts, worst

    def _fill(self, short: Rows, worst: Values, workers: Workers) -> None:
        filled = Ranked.blank(short, self._k)
        work = partial(self._ranker.ranked, k=self._k, graph=self._around(short))
        for found in workers.map(work, self._ranker.parted(short)):
            filled.put(np.searchsorted(short, found.asked), found)
        self._made.append(filled)
        worst[short] = _last(filled)

    def _search(self, worst: Values, on_progress: Callable[[int, int], None], workers: Workers) -> None:
        """Search for the new rows, and keep what belongs into the lists of others."""
        (fresh,) = self._made[:1]
        have_copies = self._ranker.has_copies(fresh.asked)  # near to whom they are, their copies hide
        ways = (
            (partial(self._ranker.offered, n=OFFERED), fresh.asked[~have_copies]),
            (partial(self._ranker.ranked, k=self._k), fresh.asked[have_copies]),
        )
        offers, done = [], 0
        for work, rows in ways:
            for found in workers.map(work, self._ranker.parted(rows)):
                fresh.put(np.searchsorted(fresh.asked, found.asked), found)
                offers.append(_Offers.of(found, worst))
                done += len(found)
                on_progress(done, len(fresh))
        self._offers = _Offers.joined(offers)

    def _around(self, rows: Rows) -> Graph:
        """Return what is known of some rows, ascending, and of their nearest."""
        near = np.full((len(self._rows), self._k), NONE, dtype=np.int32)
        nearest = [np.zeros(0, dtype=np.int64)]
        for lists in THREADS.map(self.of, _parts(rows)):
            near[lists.asked] = np.where(lists.here, lists.rows, NONE)
            nearest.append(lists.rows[:, :NEAREST][lists.here[:, :NEAREST]])
        for lists in THREADS.map(self.of, _parts(distinct(np.concatenate(nearest)))):
            near[lists.asked] = np.where(lists.here, lists.rows, NONE)
        return Graph.of(near)


@dataclass(frozen=True, slots=True)
class _Offers:
    """New rows that belong into lists (n,).

    Attributes:
        lists: Into whose.
        columns: Which rows, their scores, and which are near-duplicates, as `Ranked` has them.
    """

    lists: Rows
    columns: tuple[Rows, Values, Flags]

    @classmethod
    def none(cls) -> Self:
        rows = np.zeros(0, dtype=np.int64)
        return cls(rows, (rows, np.zeros(0), np.zeros(0, dtype=bool)))

    @classmethod
    def of(cls, found: Ranked, worst: Values) -> Self:
        """Turn round what is near to new rows, where it beats the worst of a list (n_rows,)."""
        places, ranks = np.nonzero(found.here)
        lists, scores, *beside = (column[places, ranks] for column in found.columns)
        near = scores > worst[lists]
        columns = (found.asked[places], scores, *beside)
        return cls(lists[near], tuple(column[near] for column in columns))  # type: ignore[arg-type]

    @classmethod
    def joined(cls, parts: "list[_Offers]") -> Self:
        """Return the offers of several, those into one list together."""
        parts = [cls.none(), *parts]
        lists = np.concatenate([part.lists for part in parts])
        columns = [np.concatenate(column) for column in zip(*(part.columns for part in parts), strict=True)]
        order = np.lexsort((columns[0], lists))
        return cls(lists[order], tuple(column[order] for column in columns))  # type: ignore[arg-type]

    def into(self, lists: Ranked) -> Ranked:
        """Put them where they belong into lists of rows, ascending, whose worst then fall out."""
        from recommender.ranking.inserting import insert  # compiles

        places, chosen = self._places(lists.asked)
        rows, scores, copied = self.columns
        added = rows[chosen], scores[chosen], copied[chosen]
        insert(lists.counts, lists.columns, places, added)
        return lists

    def _places(self, rows: Rows) -> tuple[Rows, Rows]:
        """Return which offers are into the lists of some rows, ascending, and at which places these are."""
        starts = np.searchsorted(self.lists, rows, side="left")
        sizes = np.searchsorted(self.lists, rows, side="right") - starts
        ends = np.cumsum(sizes)
        chosen = np.repeat(starts - (ends - sizes), sizes) + np.arange(ends[-1] if len(ends) else 0)
        return np.repeat(np.arange(len(rows)), sizes), chosen


def _parts(rows: Rows) -> Iterator[Rows]:
    for start in range(0, len(rows), ROWS_AT_ONCE):
        yield rows[start : start + ROWS_AT_ONCE]


def _last(lists: Ranked) -> Values:
    """Return the score of the last one in each list, minus infinity where there is none (n,)."""
    last = lists.scores[np.arange(len(lists)), lists.counts - 1]
    return np.where(lists.counts > 0, last, -np.inf)
