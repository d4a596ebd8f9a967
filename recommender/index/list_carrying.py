"""Inverted lists are taken over: a vector that is still there keeps its list and its code.

Only its row is another one. The lists are filled again in the order of the rows, so that they are to the last
byte what the same centres filled with all vectors would be, however many nights they were taken over.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Self

import faiss
import numpy as np
from numpy.typing import NDArray

from recommender.index.engine import Before
from recommender.index.inverted import FILE, Stretch, read_lists, read_stretches
from recommender.vectors import Rows, Vectors

NONE = -1
MOST_ADDED = 0.2  # of the rows, since the centres were learnt: beyond it they are learnt anew
MOST_OFF = 0.2  # of the lists that so many rows would be parted into
ROWS_AT_ONCE = 65_536
Codes = NDArray[np.uint8]  # (n, bytes)


@dataclass(frozen=True, slots=True)
class TakenOver:
    """Lists whose centres and codes were learnt for a build before, filled with the rows of a new one.

    Attributes:
        lists: For FAISS.
        fresh: The rows that the build before did not have.
        added: How many were added since the centres were learnt.
    """

    lists: Any
    fresh: Rows
    added: int


@dataclass(frozen=True, slots=True)
class EarlierLists:
    """The lists of a build before.

    Attributes:
        before: Where they lie, and which vectors are the same.
        stretches: Theirs.
    """

    before: Before
    stretches: Sequence[Stretch]

    @classmethod
    def of(cls, before: Before | None) -> Self | None:
        """Find the lists of a build; None: it has none.

        Raises:
            BuildError: They cannot be read.
        """
        if before is None or not (before.folder / FILE).is_file():
            return None
        return cls(before, read_stretches(before.folder))

    def lists_of(self, vectors: Vectors, own: range, n_lists: int) -> TakenOver | None:
        """Return lists that hold some rows.

        None where the centres had better be learnt anew: too many rows were added, or those that stay had no
        lists, or as few or many as so many rows would not be parted into.

        Args:
            vectors: (n, dim), of all rows.
            own: The rows.
            n_lists: Into how many lists so many rows would be parted.

        Raises:
            BuildError: The lists cannot be read.
            ValueError: It is not told of every vector which one it was.
        """
        if len(self.before.rows) != len(vectors):
            raise ValueError(f"{len(self.before.rows)} rows of before for {len(vectors)} vectors")
        rows = self.before.rows[own.start : own.stop]
        number = int(np.argmax([_are_of(stretch, rows).sum() for stretch in self.stretches]))
        stretch = self.stretches[number]
        is_kept = _are_of(stretch, rows)
        added = stretch.added + len(rows) - int(is_kept.sum())
        off = abs(stretch.lists - n_lists)
        if added > MOST_ADDED * len(rows) or off > MOST_OFF * n_lists:
            return None
        lists = read_lists(self.before.folder, number, stretch)
        codes, homes = _taken_out(lists)
        kept, fresh = rows[is_kept] - stretch.start, np.flatnonzero(~is_kept)
        all_codes = np.empty((len(rows), lists.code_size), dtype=np.uint8)
        all_homes = np.empty(len(rows), dtype=np.int64)
        all_codes[is_kept], all_homes[is_kept] = codes[kept], homes[kept]
        for start in range(0, len(fresh), ROWS_AT_ONCE):
            part = fresh[start : start + ROWS_AT_ONCE]
            all_codes[part], all_homes[part] = _encoded(lists, vectors[own.start + part])
        _fill(lists, all_codes, all_homes)
        return TakenOver(lists, own.start + fresh, added)


def _are_of(stretch: Stretch, rows: Rows) -> NDArray[np.bool_]:
    """Tell which rows (n,) lie in a stretch."""
    return (rows >= stretch.start) & (rows < stretch.start + stretch.size)


def _taken_out(lists: Any) -> tuple[Codes, Rows]:
    """Return for each vector of some lists its code (n, bytes) and the number of its list (n,)."""
    packer = lists.get_CodePacker()
    codes = np.empty((lists.ntotal, lists.code_size), dtype=np.uint8)
    homes = np.empty(lists.ntotal, dtype=np.int64)
    for number in range(lists.nlist):
        if size := lists.invlists.list_size(number):
            n_blocks = -(-size // packer.nvec)
            packed = faiss.rev_swig_ptr(lists.invlists.get_codes(number), n_blocks * packer.block_size)
            plain = np.empty((n_blocks * packer.nvec, lists.code_size), dtype=np.uint8)
            for block, own in _blocks(packer, packed, plain):
                packer.unpack_all(block, own)
            members = faiss.rev_swig_ptr(lists.invlists.get_ids(number), size)
            codes[members], homes[members] = plain[:size], number
    return codes, homes


def _encoded(lists: Any, vectors: Vectors) -> tuple[Codes, Rows]:
    """Return the codes (n, bytes) of vectors, and the numbers of the lists whose centres are nearest (n,)."""
    n = len(vectors)
    codes = np.empty((n, lists.code_size), dtype=np.uint8)
    homes = np.ascontiguousarray(lists.quantizer.search(vectors, 1)[1][:, 0])
    lists.encode_vectors(n, *map(faiss.swig_ptr, (vectors, homes, codes)))
    return codes, homes


def _fill(lists: Any, codes: Codes, homes: Rows) -> None:
    """Put codes (n, bytes) into the lists that are told (n,) in place of all that is in them."""
    packer = lists.get_CodePacker()
    lists.reset()
    order = np.argsort(homes, kind="stable")
    ends = np.searchsorted(homes[order], np.arange(lists.nlist), side="right")
    for number, members in enumerate(np.split(order, ends[:-1])):
        n_blocks = -(-len(members) // packer.nvec)
        plain = np.zeros((n_blocks * packer.nvec, lists.code_size), dtype=np.uint8)
        plain[: len(members)] = codes[members]
        packed = np.zeros(n_blocks * packer.block_size, dtype=np.uint8)
        for block, own in _blocks(packer, packed, plain):
            packer.pack_all(own, block)
        lists.invlists.add_entries(number, len(members), faiss.swig_ptr(members), faiss.swig_ptr(packed))
    lists.ntotal = len(codes)


def _blocks(packer: Any, packed: Codes, plain: Codes) -> Iterator[tuple[Any, Any]]:
    """Yield where each block of a list begins, interleaved as a search reads it, and where its codes do."""
    for start in range(0, len(plain), packer.nvec):
        block = start // packer.nvec * packer.block_size
        yield faiss.swig_ptr(packed[block:]), faiss.swig_ptr(plain[start:])
