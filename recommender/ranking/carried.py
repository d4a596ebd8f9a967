"""The neighbours of the build before as candidates of the next: only what is new is searched for.

Candidates of a row that was there before are its earlier neighbours, the new rows that have it near, and,
where it lost a neighbour, neighbours of its neighbours, who are likely to be its own (NN-descent, Dong 2011,
doi:10.1145/1963405.1963487). They are scored as any others are, so a changed idf or calibration changes what
it should.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from recommender.vectors import Rows, Values
from recommender.workers import THREADS, Workers

NONE = -1
OFFERED = 300  # of each language a new row is offered to so many of its nearest
NEAREST, THEIRS = 10, 10  # neighbours who are asked for theirs, and for how many


@dataclass(frozen=True, slots=True)
class Carried:
    """What is known of the rows of a corpus from the build before.

    Attributes:
        earlier: (n_rows, m) the neighbours that each had, best first, -1 where they are gone or none were.
        is_fresh: (n_rows,) whether it is new, so that it has to be searched for.
        has_lost: (n_rows,) whether a neighbour of it is gone.
        starts: (n_rows + 1,) where the rows begin that are offered to each.
        offered: New rows.
    """

    earlier: NDArray[np.int32]
    is_fresh: NDArray[np.bool_]
    has_lost: NDArray[np.bool_]
    starts: Rows
    offered: Rows

    def __len__(self) -> int:
        """Return how many rows were there before."""
        return int(len(self.is_fresh) - self.is_fresh.sum())

    def candidates(self, rows: Rows) -> Rows:
        """Return the candidates of some rows (b, w), each once, ascending, -1 where there are no more."""
        own = self.earlier[rows].astype(np.int64)
        near = own[:, :NEAREST]
        further = np.where(near[:, :, None] < 0, NONE, self.earlier[near, :THEIRS]).reshape(len(rows), -1)
        further[~self.has_lost[rows]] = NONE
        found = np.hstack([own, further, self._offered_to(rows)])
        found.sort(axis=1)
        found[:, 1:][found[:, 1:] == found[:, :-1]] = NONE
        return found

    def _offered_to(self, rows: Rows) -> Rows:
        counts = self.starts[rows + 1] - self.starts[rows]
        places = np.arange(counts.max(initial=0))
        here = places < counts[:, None]
        found = np.full(here.shape, NONE, dtype=np.int64)
        found[here] = self.offered[(self.starts[rows][:, None] + places)[here]]
        return found


def carry(
    earlier: NDArray[np.int32],
    is_fresh: NDArray[np.bool_],
    has_lost: NDArray[np.bool_],
    nearest: Callable[[Rows], Rows],
    workers: Workers = THREADS,
) -> Carried:
    """Offer the new rows to those that they are near to.

    Args:
        earlier: As `Carried` has it.
        is_fresh: Likewise.
        has_lost: Likewise.
        nearest: Finds the nearest of some rows (b,): (b, w), -1 where there are no more.
        workers: Who asks it.
    """
    fresh = np.flatnonzero(is_fresh)
    batches = [fresh[start : start + 256] for start in range(0, len(fresh), 256)]
    pairs = [*workers.map(partial(_pairs, nearest=nearest), batches)]
    rows, offered = np.hstack([np.zeros((2, 0), dtype=np.int64), *pairs])
    kept = ~is_fresh[rows]
    order = np.argsort(rows[kept], kind="stable")
    counts = np.bincount(rows[kept], minlength=len(is_fresh))
    starts = np.concatenate([[0], np.cumsum(counts)])
    return Carried(earlier, is_fresh, has_lost, starts, offered[kept][order])


def _pairs(fresh: Rows, nearest: Callable[[Rows], Rows]) -> Rows:
    """Return (2, pairs): rows that lie near to new ones, and these."""
    found = nearest(fresh)
    here = found >= 0
    return np.stack([found[here], np.repeat(fresh, here.sum(axis=1))])


def share_kept(full: Iterable[Values], again: Iterable[Values]) -> float:
    """Return the share of the best of some rows that another list has too, by scores, each list best first.

    Of those that score alike it is all one which are found.
    """
    pairs = [(wanted, found) for wanted, found in zip(full, again, strict=True) if len(wanted)]
    n_found = sum(min(len(wanted), int((found >= wanted[-1]).sum())) for wanted, found in pairs)
    return n_found / sum(len(wanted) for wanted, _ in pairs) if pairs else 1.0
