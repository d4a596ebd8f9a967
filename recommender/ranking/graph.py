"""Who is near whom, as far as it is known: candidates of rows that then need not be searched for.

A neighbour's neighbours are likely to be one's own (NN-descent, Dong, Moses and Li 2011,
doi:10.1145/1963405.1963487). What is known comes from a search that looks at few lists only, or from the
build before. Candidates are scored as any others are, so a changed idf or calibration changes what it should.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from recommender.vectors import Rows, Values
from recommender.workers import THREADS, Workers

NONE = -1
OFFERED = 300  # of each language a new row is offered to so many of its nearest
NEAREST, THEIRS = 20, 10  # neighbours who are asked for theirs, and for how many
REFILLING = 8  # neighbours who are asked where only the end of a list is missing
ASKING, MOST_ASKING = 20, 30  # a row is offered to so many of its neighbours, who take no more than so many


@dataclass(frozen=True, slots=True)
class Graph:
    """What is known of the rows of a corpus.

    Attributes:
        near: (n_rows, m) neighbours of each, best first, -1 where no more are known.
        is_fresh: (n_rows,) whether it was not there before: all that a search found is offered to it.
        asks: (n_rows,) whether its neighbours are asked for theirs.
        starts: (n_rows,) where the rows begin that are offered to each.
        sizes: (n_rows,) how many these are.
        offered: These rows, maybe in a file.
        asked: How many of the neighbours are asked for theirs.
    """

    near: NDArray[np.int32]
    is_fresh: NDArray[np.bool_]
    asks: NDArray[np.bool_]
    starts: Rows
    sizes: Rows
    offered: NDArray[np.int32]
    asked: int = NEAREST

    def __len__(self) -> int:
        """Return of how many rows something was known before."""
        return int(len(self.is_fresh) - self.is_fresh.sum())

    def candidates(self, rows: Rows) -> Rows:
        """Return the candidates of some rows (b, w), each once, ascending, -1 where there are no more.

        Where one of them asks, all do.
        """
        own = self.near[rows].astype(np.int64)
        parts = [own, self._offered_to(rows)]
        if self.asks[rows].any():
            asked = own[:, : self.asked]
            further = np.where(asked[:, :, None] < 0, NONE, self.near[asked, :THEIRS])
            parts.append(further.reshape(len(rows), -1))
        found = np.hstack(parts)
        found.sort(axis=1)
        found[:, 1:][found[:, 1:] == found[:, :-1]] = NONE
        return found

    def _offered_to(self, rows: Rows) -> Rows:
        sizes = self.sizes[rows]
        places = np.arange(sizes.max(initial=0))
        here = places < sizes[:, None]
        found = np.full(here.shape, NONE, dtype=np.int64)
        found[here] = self.offered[(self.starts[rows][:, None] + places)[here]]
        return found


def carry(
    near: NDArray[np.int32],
    is_fresh: NDArray[np.bool_],
    nearest: Callable[[Rows], Rows],
    workers: Workers = THREADS,
    folder: Path | None = None,
) -> Graph:
    """Go on from the neighbours of before; new rows are offered to those that they are near to.

    A row of which a neighbour is gone asks the others for theirs, so that its list is full again. Of the
    offers, which may be thousands of a new row, only some are in memory at a time.

    Args:
        near: (n_rows, m) the neighbours that each row had, best first, -1 where they are gone or none were.
        is_fresh: (n_rows,) whether it is new.
        nearest: Finds the nearest of some rows (b,): (b, w), each once, -1 where there are no more.
        workers: Who asks it.
        folder: Where there is room for the offers; None: where the system keeps temporary files.
    """
    from recommender.lexical.sparse import SparseRows, Spool, transposed  # loads SciPy: only for a rebuild

    fresh = np.flatnonzero(is_fresh)
    batches = [fresh[start : start + 256] for start in range(0, len(fresh), 256)]
    offered, known, n_known = Spool(np.int32, folder), Spool(np.int32, folder), [np.zeros(1, dtype=np.int64)]
    sizes = np.zeros(len(near), dtype=np.int64)
    # in the file lie what is near to each new row, and after all of these the new rows near to each known one
    for rows, found in zip(batches, workers.map(nearest, batches), strict=True):
        here = found != NONE
        sizes[rows] = here.sum(axis=1)
        offered.add(found[here])
        is_known = here & ~is_fresh[found]
        n_known.append(is_known.sum(axis=1))
        known.add(found[is_known])
    columns = known.mapped()
    lists = SparseRows(np.cumsum(np.concatenate(n_known)), columns, columns, len(near))
    for (places,) in transposed(lists, [], before := lists.column_starts(), folder):
        offered.add(fresh[places])
    starts = np.where(is_fresh, np.cumsum(sizes) - sizes, sizes.sum() + before[:-1])
    sizes = np.where(is_fresh, sizes, np.diff(before))
    asks = (near == NONE).any(axis=1) & ~is_fresh
    return Graph(near, is_fresh, asks, starts, sizes, offered.mapped(), REFILLING)


def mutual(near: NDArray[np.int32]) -> Graph:
    """Return the graph in which the rows that are near to others know of it.

    Args:
        near: (n_rows, m) the neighbours of each that were found so far, best first, -1 where no more were.
    """
    asks = np.ones(len(near), dtype=bool)
    return Graph(near, ~asks, asks, *_mutual_offers(near[:, :ASKING]))


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
