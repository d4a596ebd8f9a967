"""Inverted lists of FAISS: near a question only the vectors are looked at whose list's centre is near.

Every stretch of rows that is searched by itself (a language) has lists of its own, so that a small one is
never hidden behind a large one; a stretch of few rows has none, all its vectors are compared.
A vector is a code of four bits for every two dimensions; what the codes find is scored again from the vectors
themselves. How many lists are probed, and how many of what the codes put first are scored, is measured when
the index is made: as few as find the wanted share of the ten nearest of held-out rows.

Source: Jégou 2011, Product quantization for nearest neighbor search; André 2021 (fast scan);
https://github.com/facebookresearch/faiss/wiki (IndexIVFPQFastScan, IDSelector).
"""

import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import faiss
import numpy as np

from recommender.errors import BuildError, first_line
from recommender.index.engine import Hits
from recommender.index.flat import FlatIndex
from recommender.index.stored import best_first, checked_question, exact_scores, rows_of
from recommender.settings import LEAST_RECALL
from recommender.vectors import Rows, Scores, Vectors, within

FILE, CODES = "index.json", "index.{}.faiss"
EXACT_ROWS = 50_000  # of every stretch: up to here all are compared, which takes seconds
LISTED_FROM = 10_000  # rows of a stretch beside a larger one: comparing them takes longer than its lists
HELD_OUT, PLACES = 200, 10  # questions that the recall is measured by, and how far down
ROWS_A_LIST, SAMPLE_A_LIST, ROUNDS = 2.0, 40, 6  # lists: that many times the root of the rows
ADDED_AT_ONCE = 262_144  # rows
QUANTISED_FROM = 65_536  # rows that the codes are learnt from
BITS, DIMENSIONS_A_CODE = 4, 2
CHOSEN_BY_CODES = (2, 4, 8, 16, 32)  # candidates by the codes for each one wanted, and for each spare one
SPARE = 50
NEARLY = 0.002  # of the recall, where the wanted one cannot be had
FEWEST_PROBES = 8
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
    """

    start: int
    size: int
    lists: int
    probes: int
    chosen: int
    recall: float

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
    faiss.omp_set_num_threads(1)  # who asks much asks from several threads
    options: dict[str, Any] = {"nprobe": stretch.probes}
    if len(rows) < stretch.size:
        options["nprobe"] = min(stretch.lists, stretch.probes * stretch.size // len(rows))
        places = np.ascontiguousarray(np.asarray(rows) - stretch.start)
        options["sel"] = faiss.IDSelectorBatch(places)
    _, found = lists.search(queries, n, params=faiss.SearchParametersIVF(**options))
    return np.where(found < 0, -1, found + stretch.start)


def build_lists(vectors: Vectors, folder: Path, sizes: Sequence[int], recall: float) -> None:
    """Write the lists of stretches of so many rows, which are all rows, into a folder.

    Args:
        vectors: (n, dim); `vectors.npy` holds the same.
        folder: Of the build.
        sizes: Of the stretches.
        recall: The share of the ten nearest that is to be found, below 1.

    Raises:
        BuildError: Even all lists together find less than `LEAST_RECALL` of the nearest.
    """
    stretches, start = [], 0
    for number, size in enumerate(sizes):
        if size <= min(EXACT_ROWS, LISTED_FROM):
            stretches.append(Stretch(start, size, 0, 0, 0, 1.0))
        else:
            lists = _filled(vectors[start : start + size])
            write_index(lists, folder / CODES.format(number))
            stretches.append(_tuned(vectors, Stretch(start, size, lists.nlist, 0, 0, 0.0), lists, recall))
        start += size
    if (worst := min(stretch.recall for stretch in stretches)) < LEAST_RECALL:
        raise BuildError(
            f"the index finds {worst:.1%} of the nearest, less than {LEAST_RECALL:.0%};"
            " rebuild with --recall 1, which compares all"
        )
    content = {"stretches": [asdict(stretch) for stretch in stretches]}
    _write(json.dumps(content).encode(), folder / FILE)


def open_lists(vectors: Vectors, folder: Path) -> InvertedIndex:
    """Open what `build_lists` wrote beside the vectors.

    Raises:
        BuildError: A file is missing, or does not fit the vectors.
    """
    path = folder / FILE
    try:
        stretches = [Stretch(**part) for part in json.loads(path.read_bytes())["stretches"]]
        lists = []
        for number, stretch in enumerate(stretches):
            path = folder / CODES.format(number)
            lists.append(_read(path, stretch) if stretch.lists else None)
    except (OSError, RuntimeError, ValueError, KeyError, TypeError) as problem:
        raise BuildError(f"{path} cannot be read: {first_line(problem)}") from problem
    if sum(stretch.size for stretch in stretches) != len(vectors):
        raise BuildError(f"{folder / FILE} is of another number of vectors; rebuild")
    return InvertedIndex(vectors, stretches, lists)


def _read(path: Path, stretch: Stretch) -> Any:
    lists: Any = faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC)
    if (lists.ntotal, lists.nlist) != (stretch.size, stretch.lists):
        raise ValueError(f"it holds {lists.ntotal} vectors in {lists.nlist} lists")
    return lists


def _filled(vectors: Vectors) -> Any:
    """Return the lists of some vectors (n, dim)."""
    n, dim = vectors.shape
    chance = np.random.default_rng(0)
    n_lists = int(ROWS_A_LIST * n**0.5)
    sample = vectors[np.sort(chance.choice(n, min(n, SAMPLE_A_LIST * n_lists), replace=False))]
    means = faiss.Kmeans(
        dim, n_lists, niter=ROUNDS, spherical=True, seed=0, max_points_per_centroid=SAMPLE_A_LIST
    )
    means.train(sample)
    centres: Any = faiss.IndexFlatIP(dim)
    centres.add(means.centroids)
    codes = dim // DIMENSIONS_A_CODE if dim % DIMENSIONS_A_CODE == 0 else dim
    lists = faiss.IndexIVFPQFastScan(centres, dim, n_lists, codes, BITS, faiss.METRIC_INNER_PRODUCT)
    centres.this.disown()
    lists.own_fields = True  # they live as long as the lists
    lists.by_residual = False  # the tables of a question then serve all lists
    lists.train(sample[:QUANTISED_FROM])
    for start in range(0, n, ADDED_AT_ONCE):
        lists.add(vectors[start : start + ADDED_AT_ONCE])
    return lists


def _tuned(vectors: Vectors, stretch: Stretch, lists: Any, recall: float) -> Stretch:
    """Return the stretch with as few candidates and probes as find the wanted share of the nearest.

    Candidates first, with all lists probed: what the codes cannot tell apart, no probe would find. Where no
    number of either is enough, what is nearly as good as the most is taken.
    """
    exam = _Exam.of(vectors, stretch)
    chosen = CHOSEN_BY_CODES[0]
    most = 0.0
    for chosen in CHOSEN_BY_CODES:
        most = exam.share(replace(stretch, probes=stretch.lists, chosen=chosen), lists)
        if most >= recall:
            break
    wanted = min(recall, most - NEARLY)
    probes = FEWEST_PROBES
    while True:
        tried = replace(stretch, probes=min(probes, stretch.lists), chosen=chosen)
        share = exam.share(tried, lists)
        if share >= wanted or probes >= stretch.lists:
            return replace(tried, recall=share)
        probes = int(1.3 * probes)


@dataclass(frozen=True, slots=True)
class _Exam:
    """Held-out rows of all stretches, and what is nearest to them in one; a row is not its own nearest."""

    vectors: Vectors
    rows: Rows
    least: Scores

    @classmethod
    def of(cls, vectors: Vectors, stretch: Stretch) -> "_Exam":
        chance = np.random.default_rng(1)
        rows = np.sort(chance.choice(len(vectors), min(HELD_OUT, len(vectors)), replace=False))
        hits = FlatIndex(vectors).search(vectors[rows], PLACES + 1, stretch.rows)
        # of those that score alike it is all one which are found
        others = (scores[near != row] for row, near, scores in zip(rows, hits.rows, hits.scores, strict=True))
        return cls(vectors, rows, np.array([scores[PLACES - 1] for scores in others]))

    def share(self, stretch: Stretch, lists: Any) -> float:
        """Return the share of the nearest that these lists find."""
        index = InvertedIndex(self.vectors, [stretch], [lists])
        hits = index.search(self.vectors[self.rows], PLACES + 1, stretch.rows)
        right = (hits.rows != self.rows[:, None]) & (hits.scores >= self.least[:, None])
        return float(np.minimum(right.sum(axis=1), PLACES).mean() / PLACES)


def write_index(index: Any, path: Path) -> None:
    """Write an index of FAISS and wait until it is on the disk.

    By ourselves: `faiss.write_index` loses a small index on a full disk without a word.
    """
    _write(faiss.serialize_index(index).data, path)


def _write(content: bytes | memoryview, path: Path) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
