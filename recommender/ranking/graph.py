"""Who is near whom, as far as it is known: candidates of rows that then need not be searched for.

A neighbour's neighbours are likely to be one's own (NN-descent, Dong, Moses and Li 2011,
doi:10.1145/1963405.1963487). What is known comes from a search that looks at few lists only, or from the
build before. Candidates are scored as any others are.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from recommender.vectors import Rows, Values

NONE = -1
NEAREST, THEIRS = 20, 10  # neighbours who are asked for theirs, and for how many
ASKING, MOST_ASKING = 20, 30  # a row is offered to so many of its neighbours, who take no more than so many


@dataclass(frozen=True, slots=True)
class Graph:
    """What is known of the rows of a corpus.

    Attributes:
        near: (n_rows, m) neighbours of each, best first, -1 where no more are known.
        starts: (n_rows,) where the rows begin that are offered to each.
        sizes: (n_rows,) how many these are.
        offered: These rows.
    """

    near: NDArray[np.int32]
    starts: Rows
    sizes: Rows
    offered: NDArray[np.int32]

    @classmethod
    def of(cls, near: NDArray[np.int32]) -> Self:
        """Return the graph in which nobody is offered but who is near, or near to somebody who is."""
        nothing = np.zeros(len(near), dtype=np.int64)
        return cls(near, nothing, nothing, np.zeros(0, dtype=np.int32))

    @classmethod
    def mutual(cls, near: NDArray[np.int32]) -> Self:
        """Return the graph in which the rows that are near to others know of it.

        Args:
            near: (n_rows, m) the neighbours of each found so far, best first, -1 where no more were.
        """
        return cls(near, *_mutual_offers(near[:, :ASKING]))

    def candidates(self, rows: Rows) -> Rows:
        """Return the candidates of some rows (b, w), each once, ascending, -1 where there are no more."""
        own = self.near[rows].astype(np.int64)
        asked = own[:, :NEAREST]
        further = np.where(asked[:, :, None] < 0, NONE, self.near[asked, :THEIRS])
        return once(np.hstack([own, self._offered_to(rows), further.reshape(len(rows), -1)]))

    def _offered_to(self, rows: Rows) -> Rows:
        sizes = self.sizes[rows]
        places = np.arange(sizes.max(initial=0))
        here = places < sizes[:, None]
        found = np.full(here.shape, NONE, dtype=np.int64)
        found[here] = self.offered[(self.starts[rows][:, None] + places)[here]]
        return found


def once(candidates: Rows) -> Rows:
    """Return candidates (b, w) each once in a line, -1 in place of the others; their own array is changed."""
    candidates.sort(axis=1)
    candidates[:, 1:][candidates[:, 1:] == candidates[:, :-1]] = NONE
    return candidates


def _mutual_offers(near: NDArray[np.int32]) -> tuple[Rows, Rows, NDArray[np.int32]]:
    """Return where the offers begin of each row, how many, and all: the rows that have it near (n_rows, m).

    Of many the first `MOST_ASKING`, those first to which it is nearest. Place by place, so that never more
    than one column is put in order.
    """
    n = len(near)
    wanted = np.zeros(n, dtype=np.int64)
    for column in near.T:
        wanted += np.bincount(column[column != NONE], minlength=n)
    sizes = np.minimum(wanted, MOST_ASKING)
    starts = np.cumsum(sizes) - sizes
    offered = np.empty(sizes.sum(), dtype=np.int32)
    taken = np.zeros(n, dtype=np.int64)
    for column in near.T:
        asking = np.argsort(column, kind="stable")[int((column == NONE).sum()) :]
        rows = column[asking]
        before = taken[rows] + np.arange(len(rows)) - np.searchsorted(rows, rows)
        kept = before < MOST_ASKING
        offered[starts[rows[kept]] + before[kept]] = asking[kept]
        taken += np.bincount(rows, minlength=n)
    return starts, sizes, offered


def share_kept(full: Iterable[Values], again: Iterable[Values]) -> float:
    """Return the share of the best of some rows that another list has too, by scores, each list best first.

    Of those that score alike it is all one which are found.
    """
    pairs = [(wanted, found) for wanted, found in zip(full, again, strict=True) if len(wanted)]
    n_found = sum(min(len(wanted), int((found >= wanted[-1]).sum())) for wanted, found in pairs)
    return n_found / sum(len(wanted) for wanted, _ in pairs) if pairs else 1.0
