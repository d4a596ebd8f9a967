"""The index of a corpus that differs little from the one before: the old lists, and what is new among them.

The lists of the terms are passed over once, without turning them into rows and back. Weights stay as they
are: in how many texts a term is taken to be, and how long texts usually are, is as it was when all was
weighed anew, for new texts too. A term that was in none of them is taken to be in as many as it came in.
"""

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from recommender.arrays import ArrayWriter, map_array, write_array
from recommender.lexical.counts import PARTS, TermCounts
from recommender.lexical.index import COUNTS, FILES, POSTINGS, WEIGHTS, read_usual, write_terms, write_usual
from recommender.lexical.matrix import TermMatrix
from recommender.lexical.sparse import Spool, Starts, stretches, transposed
from recommender.lexical.turning import Lists as CompiledLists
from recommender.lexical.turning import count_kept, join
from recommender.lexical.weighting import Terms, united
from recommender.vectors import Rows, are_among
from recommender.workers import THREADS

ENTRIES_AT_ONCE = 4_000_000
NONE = -1
KINDS: dict[str, type[np.generic]] = {POSTINGS: np.int32, WEIGHTS: np.float16, COUNTS: np.uint8}


@dataclass(frozen=True, slots=True)
class _Lists:
    """Lists of terms, one after the other.

    Attributes:
        terms: Whose they are, ascending.
        starts: Where each begins, and where the last one ends (n_terms + 1,).
        entries: The rows of each, ascending, and what is beside them, in the order of `KINDS`.
        frequencies: In how many texts the weights take each term to be.
        parts: What each counts beside others that are as rare.
    """

    terms: Terms
    starts: Starts
    entries: Sequence[NDArray[Any]]
    frequencies: NDArray[np.int64]
    parts: NDArray[np.float16]

    @property
    def compiled(self) -> "CompiledLists":
        """What compiled code takes."""
        rows, weights, counts = self.entries
        return self.starts, rows, weights.view(np.uint16), counts

    def placed(self, terms: Terms) -> Self:
        """Return the lists of more terms, those of the others empty."""
        places = np.searchsorted(terms, self.terms)
        sizes = np.zeros(len(terms), dtype=np.int64)
        frequencies, parts = np.zeros(len(terms), dtype=np.int64), np.zeros(len(terms), dtype=np.float16)
        sizes[places], frequencies[places], parts[places] = np.diff(self.starts), self.frequencies, self.parts
        return type(self)(terms, np.concatenate([[0], np.cumsum(sizes)]), self.entries, frequencies, parts)


def write_updated(before: Path, now: NDArray[np.int32], fresh: TermCounts, rows: Rows, folder: Path) -> None:
    """Write the index of a corpus, and what the next rebuild goes on from, given those of another corpus.

    Args:
        before: The folder of the other corpus' build.
        now: The row that each of its texts has now, -1 where it is gone (n_before,); else ascending.
        fresh: The words of all other texts.
        rows: The row of each of these, ascending.
        folder: Where to; there is room for what does not last, too.

    Raises:
        BuildError: A file of the build before is missing or damaged.
    """
    old, factors = _before(before)
    usual = read_usual(before)
    matrix = _weighted(fresh, old, before, folder)
    new = _turned(fresh, matrix, rows, folder)
    terms = united(old.terms, new.terms)
    old, new = old.placed(terms), new.placed(terms)
    parts = THREADS.map(partial(_kept, old, now), stretches(old.starts, ENTRIES_AT_ONCE))
    kept = np.concatenate([np.zeros(0, dtype=np.int64), *parts])
    ends = np.concatenate([[0], np.cumsum(kept + np.diff(new.starts))])
    is_used = np.diff(ends) > 0
    with ExitStack() as stack:
        files = [
            stack.enter_context(ArrayWriter(folder / name, kind, int(ends[-1])))
            for name, kind in KINDS.items()
        ]
        for found in THREADS.map(partial(_joined, old, new, now, ends), stretches(ends, ENTRIES_AT_ONCE)):
            for file, values in zip(files, found, strict=True):
                file.add(values)
    pivots = np.empty(int((now != NONE).sum()) + len(rows), dtype=np.float32)
    pivots[now[now != NONE]] = factors[now != NONE]
    pivots[rows] = matrix.pivots
    frequencies = np.where(old.frequencies > 0, old.frequencies, new.frequencies)
    counting = np.where(old.frequencies > 0, old.parts, new.parts)
    write_terms(folder, terms[is_used], ends[np.append(True, is_used)], frequencies[is_used], pivots)
    write_usual(usual, folder)
    write_array(counting[is_used], folder / PARTS)


def _before(folder: Path) -> tuple[_Lists, NDArray[np.float32]]:
    """Return the lists of a build, and the pivots of its rows."""
    terms, frequencies, starts, postings, weights, factors = (
        map_array(folder / name, kind, 1) for name, kind in FILES.items()
    )
    counts, parts = map_array(folder / COUNTS, np.uint8, 1), map_array(folder / PARTS, np.float16, 1)
    return _Lists(terms, starts, (postings, weights, counts), frequencies.astype(np.int64), parts), factors


def _weighted(fresh: TermCounts, old: _Lists, before: Path, room: Path) -> TermMatrix:
    """Weigh new texts by what was usual before."""
    is_known = are_among(fresh.terms, old.terms)
    frequencies = fresh.frequencies.copy()
    frequencies[is_known] = old.frequencies[np.searchsorted(old.terms, fresh.terms[is_known])]
    return TermMatrix.weighted(fresh, room, frequencies=frequencies, usual=read_usual(before))


def _turned(fresh: TermCounts, matrix: TermMatrix, rows: Rows, room: Path) -> _Lists:
    """Turn new rows into lists of terms."""
    starts = fresh.matrix.column_starts()
    spools = [Spool(kind, room) for kind in KINDS.values()]
    for places, *beside in transposed(matrix.weights, [matrix.weights.data, fresh.matrix.data], starts, room):
        for spool, values in zip(spools, (rows[places], *beside), strict=True):
            spool.add(values)
    entries = [spool.mapped() for spool in spools]
    return _Lists(fresh.terms, starts, entries, matrix.frequencies, fresh.parts)


def _kept(old: _Lists, now: NDArray[np.int32], terms: range) -> NDArray[np.int64]:
    """Return how many rows of the lists of some terms are still there."""
    return count_kept(old.starts[terms.start : terms.stop + 1], old.entries[0], now)


def _joined(
    old: _Lists, new: _Lists, now: NDArray[np.int32], ends: Starts, terms: range
) -> tuple[NDArray[Any], ...]:
    """Return the entries of the lists of some terms, the new rows among the old ones."""
    n = int(ends[terms.stop] - ends[terms.start])
    joined = np.empty(n, dtype=np.int32), np.empty(n, dtype=np.uint16), np.empty(n, dtype=np.uint8)
    join(old.compiled, now, new.compiled, (terms.start, terms.stop), joined)
    return joined[0], joined[1].view(np.float16), joined[2]
