"""What the neighbours of two papers say of them: lists are put in order once more by it.

Two papers near to the same others are more alike than their own texts tell (Jarvis and Patrick 1973,
doi:10.1109/T-C.1973.223640); that the nearest are asked too is query expansion, on both sides as
Arandjelović and Zisserman have it (2012, doi:10.1109/CVPR.2012.6248018). The list L(p) of a paper p holds its
k best rows by score, the first `ASKED` of them N(p), and is worth

    e(p, x) = score(p, x) - the score at a depth of L(p)   for x before it; for p itself as for its first
            = 0                                            for all others

The depth is the end of the list, or in a small corpus where a `PART` of all papers has come: those behind are
near for lack of others.

Then a row c in L(p) gains, beside its score,

    shared(p, c) = share / ASKED · (Σ e(n, c) for n in N(p)  +  Σ e(p, n) for n in N(c))

and a row that is not in L(p) gains nothing: it stays behind those that are. A translation gains at least what
puts it before all others of its language, however much these have in common. All sums are of whole
millionths, so that whatever computes them comes to the same ones.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from recommender.neighbour import Label
from recommender.ranking.calibration import Calibration
from recommender.ranking.graph import NONE
from recommender.ranking.groups import LanguageGroups
from recommender.ranking.ranked import Listed, Ranked, sorting_keys
from recommender.ranking.rivals import LOWEST, are_rivalled
from recommender.vectors import DECIMALS, Flags, Rows
from recommender.workers import THREADS

ASKED = 3  # neighbours that are asked
PART = 7  # one paper in so many is near
UNIT = 10**DECIMALS
ROWS_AT_ONCE = 512
COMPILED_FROM = 5_000  # rows; NumPy is done with fewer before the code is loaded, or compiled

Near = NDArray[np.int32]  # rows, -1 where there are no more
Parts = NDArray[np.int64]  # whole millionths of a score


class Lists(Protocol):
    """The neighbours of every row by score alone.

    Attributes:
        k: How many of each there are at most.
        depth: How many of these count, see `depth_of`.
    """

    @property
    def k(self) -> int: ...

    @property
    def depth(self) -> int: ...

    def near(self, rows: Near) -> tuple[Near, Parts]:
        """Return the lists of some rows (n,), best first, and their scores (n, k).

        Where a list has fewer, rows are -1, and the scores those of the last one there.
        """
        ...

    def nearest(self, rows: Near) -> Near:
        """Return the first of each of some rows (n,), -1 where there are fewer, see `ASKED`."""
        ...


def shared(asked: Near, near: Near, scores: Parts, lists: Lists) -> Parts:
    """Return what each row of some lists gains by the neighbours in common (n, k), 0 where there is none.

    Before the share of it: Σ e(n, c) + Σ e(p, n).

    Args:
        asked: Whose lists they are (n,), -1 where it is no row.
        near: The lists, best first, -1 where there are no more (n, k).
        scores: Of these (n, k), see `Lists.near`.
        lists: Those of all rows.
    """
    worth = _worth(scores, lists.depth)
    gained = np.zeros(near.shape, dtype=np.int64)
    for column in near[:, :ASKED].T:
        here = column != NONE
        others, scores_there = lists.near(column[here])
        theirs, worth_to_them = _with_itself(column[here], others, _worth(scores_there, lists.depth))
        gained[here] += _looked_up(near[here], theirs, worth_to_them)
    own, own_worth = _with_itself(asked, near, worth)
    here = near != NONE
    theirs = np.full((*near.shape, min(ASKED, lists.k)), NONE, dtype=np.int32)
    theirs[here] = lists.nearest(near[here])
    for column in np.moveaxis(theirs, 2, 0):
        gained += _looked_up(column, own, own_worth)
    return np.where(here, gained, 0)


def depth_of(n_rows: int, k: int) -> int:
    """Return how many of the `k` nearest of each of some rows count."""
    return min(k, max(1, n_rows // PART))


def _worth(scores: Parts, depth: int) -> Parts:
    """Return e(p, x) of lists (n, k), given their scores."""
    found: Parts = np.maximum(scores - scores[:, depth - 1 : depth], 0)
    return found


def _with_itself(rows: Near, near: Near, worth: Parts) -> tuple[Near, Parts]:
    """Return lists (n, k) with each row before its own (n, k + 1), worth what the first there is."""
    return np.hstack([rows[:, None], near]), np.hstack([worth[:, :1], worth])


def _looked_up(wanted: Near, keys: Near, values: Parts) -> Parts:
    """Return what stands beside each of the wanted (n, k) among the keys of its line (n, m), else 0."""
    same = wanted[:, :, None] == keys[:, None, :]
    places = same.argmax(axis=2)
    found = np.take_along_axis(values, places, axis=1)
    is_there = np.take_along_axis(keys, places, axis=1) == wanted
    return np.where(is_there & (wanted != NONE), found, 0)


class NeighbourLists:
    """Lists of all rows of a corpus, filled in any order, and then put in order once more."""

    def __init__(self, n_rows: int, k: int, folder: Path | None) -> None:
        """Make room for the `k` nearest of each row.

        Args:
            n_rows: How many rows.
            k: How many of each.
            folder: Where there is room for it, in files without a name; None: in memory.
        """
        self.k = k
        self.depth = depth_of(n_rows, k)
        self.compiled_from = COMPILED_FROM
        self._rows, self._scores = (_room((n_rows, k), np.int32, folder) for _ in range(2))
        self._copied = _room((n_rows, k), np.bool_, folder)
        self._counts = np.zeros(n_rows, dtype=np.int32)

    @classmethod
    def of(cls, n_rows: int, k: int, found: Iterable[Ranked], folder: Path | None) -> Self:
        """Fill in the lists of all rows as they come, each once."""
        lists = cls(n_rows, k, folder)
        for ranked in found:
            lists.put(ranked)
        return lists

    def put(self, ranked: Ranked) -> None:
        """Fill in the lists of some rows, best first."""
        rows, here = ranked.asked, ranked.here
        self._rows[rows] = np.where(here, ranked.rows, NONE)
        self._scores[rows] = np.rint(ranked.scores * UNIT)
        self._copied[rows] = ranked.copied
        self._counts[rows] = ranked.counts

    def near(self, rows: Near) -> tuple[Near, Parts]:
        return self._rows[rows], down_to_last(self._scores[rows], self._counts[rows])

    def nearest(self, rows: Near) -> Near:
        return self._rows[rows, :ASKED]

    def in_order(self, calibration: Calibration) -> Iterator[Listed]:
        """Yield all lists with what their rows gain, best first, some at a time."""
        groups = calibration.groups
        parts = [
            (np.arange(start, min(start + ROWS_AT_ONCE, stretch.stop), dtype=np.int32), group)
            for group, stretch in enumerate(map(groups.stretch, range(len(groups))))
            for start in range(stretch.start, stretch.stop, ROWS_AT_ONCE)
        ]
        each = groups.each()
        yield from THREADS.map(lambda part: self._in_order(*part, calibration, each), parts)

    def _in_order(self, asked: Near, group: int, calibration: Calibration, groups: Rows) -> Listed:
        near, scores = self.near(asked)
        gained = gain(self._shared(asked, near, scores), calibration.shared)
        translated = self._translations(asked, near, scores, group, calibration)
        total = scores + first_of_their_language(gained, scores, near, translated, calibration.groups)
        order = sorting_keys(total, near, near != NONE).argsort(axis=1)
        near, scores, total, copied, translated = (
            np.take_along_axis(values, order, axis=1)
            for values in (near, scores, total, self._copied[asked], translated)
        )
        here, gained = near != NONE, total - scores
        scores = np.where(here, total, 0) / UNIT
        others = groups[near[here]]
        similarities = np.zeros(near.shape)
        similarities[here] = calibration.similarities(scores[here], group, others)
        hubness = calibration.hubness_between(np.broadcast_to(asked[:, None], near.shape)[here], near[here])
        likeness = calibration.likeness(scores[here], hubness, group, others)
        labels = np.zeros(near.shape, dtype=np.int64)
        labels[here] = calibration.topics(likeness, group, others)
        labels[translated | copied & (groups[near] == group)] = Label.NEAR_DUPLICATE
        return Listed(
            asked=asked.astype(np.int64),
            counts=here.sum(axis=1),
            rows=np.where(here, near, 0).astype(np.int64),
            scores=scores,
            similarities=similarities,
            labels=labels,
            shared=gained / UNIT,
        )

    def _translations(
        self, asked: Near, near: Near, scores: Parts, group: int, calibration: Calibration
    ) -> Flags:
        """Tell which rows in lists of rows of a group are translations (n, k), see `rivals`."""
        groups = calibration.groups
        found: Flags = near != NONE
        others = groups.at(near[found])
        pairs = (
            np.broadcast_to(asked[:, None], near.shape)[found].astype(np.int64),
            near[found].astype(np.int64),
        )
        likeness = calibration.likeness(
            scores[found] / UNIT, calibration.hubness_between(*pairs), group, others
        )
        found[found] = calibration.translations(likeness, group, others)
        places = np.argwhere(found)
        lists, ranks = places.T
        found_there = near[lists, ranks], scores[lists, ranks]
        rivalled = are_rivalled(found_there, (near[lists], scores[lists]), self.near, group, groups)
        found[tuple(places[rivalled].T)] = False
        return found

    def _shared(self, asked: Near, near: Near, scores: Parts) -> Parts:
        if len(self._counts) < self.compiled_from:
            return shared(asked, near, scores, self)
        from recommender.ranking.compiled_shared import fill_in

        found = np.zeros(near.shape, dtype=np.int64)
        fill_in(asked, (self._rows, self._scores, self._counts), ASKED, self.depth, found)
        return found


def first_of_their_language(
    gained: Parts, scores: Parts, near: Near, translated: Flags, groups: LanguageGroups
) -> Parts:
    """Return what rows of lists gain (n, k), translations enough to stand before others of their language.

    However much else of the subject the neighbours have in common. In a group of several languages a
    translation is left where it stands.

    Args:
        gained: What they gain by neighbours in common (n, k).
        scores: Theirs without (n, k).
        near: The rows (n, k), -1 where there are no more.
        translated: Which of them are translations (n, k).
        groups: Of the corpus.
    """
    lists, ranks = np.nonzero(translated)
    each = groups.at(near[lists])
    own = each[np.arange(len(lists)), ranks]
    are_rivals = (near[lists] != NONE) & (each == own[:, None])
    are_rivals[np.arange(len(lists)), ranks] = False
    highest = np.where(are_rivals, (scores + gained)[lists], LOWEST).max(axis=1, initial=LOWEST)
    enough = np.where(groups.are_one[own], highest + 1 - scores[lists, ranks], LOWEST)
    found = gained.copy()
    found[lists, ranks] = np.maximum(gained[lists, ranks], enough)
    return found


def gain(parts: Parts, share: float) -> Parts:
    """Return the given share of what neighbours in common say, see `shared`."""
    gained: Parts = np.rint(parts * (share / ASKED)).astype(np.int64)
    return gained


def down_to_last(scores: NDArray[np.integer], counts: NDArray[np.integer]) -> Parts:
    """Return scores (n, k) of which only so many are of a row (n,), the rest as the last of these."""
    last = np.maximum(counts - 1, 0)[:, None]
    here = np.arange(scores.shape[1]) <= last
    return np.where(here, scores, np.take_along_axis(scores, last, axis=1)).astype(np.int64)


def _room(shape: tuple[int, int], kind: type[np.generic], folder: Path | None) -> NDArray[Any]:
    if not folder:
        return np.zeros(shape, dtype=kind)
    from tempfile import TemporaryFile  # a question does without

    with TemporaryFile(dir=folder) as file:
        return np.memmap(file, dtype=kind, mode="w+", shape=shape)
