"""Inverted lists of FAISS: near a question only the vectors are looked at whose list's centre is near.

Every stretch of rows that is searched by itself (a language) has lists of its own, so that a small one is
never hidden behind a large one; a stretch of few rows has none, all its vectors are compared.
A vector is a code of four bits for every two dimensions; what the codes find is scored again from the vectors
themselves. How the lists are made, and how many of them are looked at: see `list_training`.

Source: Jégou 2011, Product quantization for nearest neighbor search; André 2021 (fast scan);
https://github.com/facebookresearch/faiss/wiki (IndexIVFPQFastScan, IDSelector).
"""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import faiss
import numpy as np

from recommender.errors import BuildError, first_line
from recommender.index.engine import Hits
from recommender.index.flat import FlatIndex
from recommender.index.selection import selector
from recommender.index.stored import best_first, checked_question, exact_scores, rows_of
from recommender.vectors import Rows, Vectors, within

FILE, CODES = "index.json", "index.{}.faiss"
SPARE = 50
MOST_COMPARED = 50_000  # rows of a filter up to which all that pass are compared


@dataclass(frozen=True, slots=True)
class Stretch:
    """Rows that follow each other and are searched by themselves.

    Attributes:
        start, size: Where they lie.
        lists: Into how many they are parted; 0: all are compared.
        probes: How many lists are looked at.
        chosen: How many candidates the codes choose for each one wanted.
        recall: The share of the ten nearest that this found when the index was made.
        added: How many rows were added after the centres of the lists were learnt.
    """

    start: int
    size: int
    lists: int
    probes: int
    chosen: int
    recall: float
    added: int = 0

    @property
    def rows(self) -> range:
        """The rows."""
        return range(self.start, self.start + self.size)


class InvertedIndex:
    """The lists of every stretch beside the vectors. Safe to share between threads."""

    def __init__(self, vectors: Vectors, stretches: Sequence[Stretch], lists: Sequence[Any]) -> None:
        self._vectors = vectors
        self._flat = FlatIndex(vectors)
        self._parts = [*zip(stretches, lists, strict=True)]

    def __len__(self) -> int:
        return len(self._vectors)

    @property
    def recall(self) -> float:
        """The lowest recall of all stretches."""
        return min(stretch.recall for stretch, _ in self._parts)

    def search(self, queries: Vectors, k: int, allowed: Rows | range | None = None) -> Hits:
        queries = checked_question(queries, k, self._vectors)
        rows = rows_of(allowed, len(self))
        if not isinstance(rows, range) and len(rows) <= max(k, MOST_COMPARED):
            return self._flat.search(queries, k, rows)
        k = min(k, len(rows))
        hits = Hits.blank(len(queries), k)
        parts = [*self._found(queries, k, rows, spare=SPARE)]
        found = np.hstack(parts) if parts else hits.rows
        for place, near in enumerate(found):
            known = near[near >= 0]
            if len(known) < k:  # the probed lists hold too few that are allowed
                alone = self._flat.search(queries[place : place + 1], k, rows)
                hits.rows[place], hits.scores[place] = alone.rows[0], alone.scores[0]
            else:
                scores = exact_scores(self._vectors, known, queries[place])
                hits.rows[place], hits.scores[place] = best_first(known, scores, k)
        return hits

    def candidates(self, queries: Vectors, n: int, rows: range, effort: float = 1.0) -> Rows:
        n = min(n, len(rows))
        queries = checked_question(queries, n, self._vectors)
        return np.hstack([*self._found(queries, n, rows, effort=effort)])

    def gathered(self, rows: range) -> Rows:
        """Return the rows of a stretch list by list, each list before the nearest that is left."""
        found = [np.zeros(0, dtype=np.int64)]
        for stretch, lists in self._parts:
            own = _within(rows, stretch)
            if len(own) == stretch.size and lists is not None:
                found += [stretch.start + _members(lists, number) for number in _tour(lists)]
            else:
                found.append(np.asarray(own, dtype=np.int64))
        return np.concatenate(found)

    def _found(
        self, queries: Vectors, n: int, rows: Rows | range, spare: int | None = None, effort: float = 1.0
    ) -> Iterator[Rows]:
        """Yield of every stretch (queries, m) rows that hold the `n` nearest, -1 where there are no more.

        Args:
            queries: (queries, dim).
            n: How many.
            rows: Among which.
            spare: So many more, and as many times as many as the stretch needs; None: `n` by their codes.
            effort: What part of the usual lists is looked at.
        """
        for stretch, lists in self._parts:
            own = _within(rows, stretch)
            if len(own) and lists is None:
                yield self._flat.search(queries, n, own).rows
            elif len(own):
                m = n if spare is None else stretch.chosen * (n + spare)
                probes = max(1, round(effort * stretch.probes))
                yield _probed(queries, min(m, len(own)), replace(stretch, probes=probes), lists, own)


def _members(lists: Any, number: int) -> Rows:
    """Return the places of the vectors of a list."""
    size = lists.invlists.list_size(number)
    return faiss.rev_swig_ptr(lists.invlists.get_ids(number), size).copy() if size else np.zeros(0, np.int64)


def _tour(lists: Any) -> list[int]:
    """Return all lists so that near ones follow each other: always the nearest that is left."""
    centres = faiss.downcast_index(lists.quantizer).reconstruct_n(0, lists.nlist)
    left = np.ones(lists.nlist, dtype=bool)
    tour = [0]
    left[0] = False
    while left.any():
        near = np.where(left, centres @ centres[tour[-1]], -np.inf)
        tour.append(int(near.argmax()))
        left[tour[-1]] = False
    return tour


def _within(rows: Rows | range, stretch: Stretch) -> Rows | range:
    """Return those of some rows that lie in a stretch."""
    end = stretch.start + stretch.size
    if isinstance(rows, range):
        return range(max(rows.start, stretch.start), min(rows.stop, end))
    return within(stretch.rows, rows)


def _probed(queries: Vectors, n: int, stretch: Stretch, lists: Any, rows: Rows | range) -> Rows:
    """Return (queries, n) rows that the codes of the probed lists put first, -1 where there are no more.

    If `rows` are not all of the stretch, as many more lists are probed.
    """
    options: dict[str, Any] = {"nprobe": stretch.probes}
    if len(rows) < stretch.size:
        options["nprobe"] = min(stretch.lists, stretch.probes * stretch.size // len(rows))
        options["sel"] = selector(rows, stretch.start)
    with _one_thread():
        _, found = lists.search(queries, n, params=faiss.SearchParametersIVF(**options))
    return np.where(found < 0, -1, found + stretch.start)


@contextmanager
def _one_thread() -> Iterator[None]:
    """Have FAISS search in this thread alone: who asks much asks from several. What follows may share."""
    before = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(1)
    try:
        yield
    finally:
        faiss.omp_set_num_threads(before)


def open_lists(vectors: Vectors, folder: Path) -> InvertedIndex:
    """Open what `build_lists` wrote beside the vectors.

    Raises:
        BuildError: A file is missing, or does not fit the vectors.
    """
    stretches = read_stretches(folder)
    lists = [
        read_lists(folder, number, stretch, faiss.IO_FLAG_MMAP_IFC) if stretch.lists else None
        for number, stretch in enumerate(stretches)
    ]
    if sum(stretch.size for stretch in stretches) != len(vectors):
        raise BuildError(f"{folder / FILE} is of another number of vectors; rebuild")
    return InvertedIndex(vectors, stretches, lists)


def read_stretches(folder: Path) -> list[Stretch]:
    """Read which stretches there are.

    Raises:
        BuildError: The file is missing or damaged.
    """
    path = folder / FILE
    try:
        return [Stretch(**part) for part in json.loads(path.read_bytes())["stretches"]]
    except (OSError, ValueError, KeyError, TypeError) as problem:
        raise BuildError(f"{path} cannot be read: {first_line(problem)}") from problem


def read_lists(folder: Path, number: int, stretch: Stretch, how: int = 0) -> Any:
    """Read the lists of a stretch, which has some, into memory, or as FAISS is told by `how`.

    Raises:
        BuildError: The file is missing or damaged, or of another stretch.
    """
    path = folder / CODES.format(number)
    try:
        lists: Any = faiss.read_index(str(path), how)
    except RuntimeError as problem:
        raise BuildError(f"{path} cannot be read: {first_line(problem)}") from problem
    if (lists.ntotal, lists.nlist) != (stretch.size, stretch.lists):
        raise BuildError(f"{path} cannot be read: it holds {lists.ntotal} vectors in {lists.nlist} lists")
    return lists
