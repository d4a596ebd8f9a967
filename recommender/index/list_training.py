"""Inverted lists are made: their centres and codes learnt, and how much of them a search looks at measured.

How many lists are probed, and how many of what the codes put first are scored, are as few as find the wanted
share of the ten nearest of held-out rows.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import faiss
import numpy as np

from recommender.errors import BuildError
from recommender.files import write_through
from recommender.index.engine import Before
from recommender.index.flat import FlatIndex
from recommender.index.inverted import CODES, FILE, InvertedIndex, Stretch
from recommender.index.list_carrying import EarlierLists
from recommender.settings import LEAST_RECALL
from recommender.vectors import Rows, Scores, Vectors
from recommender.workers import THREADS

EXACT_ROWS = 50_000  # of every stretch: up to here all are compared, which takes seconds
LISTED_FROM = 10_000  # rows of a stretch beside a larger one: comparing them takes longer than its lists
HELD_OUT, PLACES = 200, 10  # questions that the recall is measured by, and how far down
ASKED_AT_ONCE = 50  # of them, in one thread
FRESH_HELD_OUT, DEVIATIONS = 100, 3  # of new rows, and by how many standard deviations these may find less
ROWS_A_LIST, SAMPLE_A_LIST, ROUNDS = 2.0, 40, 6  # lists: that many times the root of the rows
ADDED_AT_ONCE = 262_144  # rows
QUANTISED_FROM = 65_536  # rows that the codes are learnt from
BITS, DIMENSIONS_A_CODE = 4, 2
CHOSEN_BY_CODES = (2, 4, 8, 16, 32)  # candidates by the codes for each one wanted, and for each spare one
NEARLY = 0.002  # of the recall, where the wanted one cannot be had
FEWEST_PROBES = 8


def build_lists(
    vectors: Vectors, folder: Path, sizes: Sequence[int], recall: float, before: Before | None = None
) -> None:
    """Write the lists of stretches of so many rows, which are all rows, into a folder.

    Args:
        vectors: (n, dim); `vectors.npy` holds the same.
        folder: Of the build.
        sizes: Of the stretches.
        recall: The share of the ten nearest that is to be found, below 1.
        before: A build whose lists are taken over where they still find as much; None: there is none.

    Raises:
        BuildError: Even all lists together find less than `LEAST_RECALL` of the nearest.
    """
    earlier = EarlierLists.of(before)
    stretches, start = [], 0
    for number, size in enumerate(sizes):
        if size <= min(EXACT_ROWS, LISTED_FROM):
            stretches.append(Stretch(start, size, 0, 0, 0, 1.0))
        else:
            stretch, lists = _listed(vectors, range(start, start + size), recall, earlier)
            write_index(lists, folder / CODES.format(number))
            stretches.append(stretch)
        start += size
    if (worst := min(stretch.recall for stretch in stretches)) < LEAST_RECALL:
        raise BuildError(
            f"the index finds {worst:.1%} of the nearest, less than {LEAST_RECALL:.0%};"
            " rebuild with --recall 1, which compares all"
        )
    content = {"stretches": [asdict(stretch) for stretch in stretches]}
    write_through(folder / FILE, json.dumps(content).encode())


def _listed(
    vectors: Vectors, rows: range, recall: float, earlier: EarlierLists | None
) -> tuple[Stretch, Any]:
    """Return a stretch of rows and its lists: those of before if they find the wanted share, or new ones."""
    n_lists = int(ROWS_A_LIST * len(rows) ** 0.5)
    exam = _Exam.of(vectors, rows)
    if earlier and (taken := earlier.lists_of(vectors, rows, n_lists)):
        stretch = Stretch(rows.start, len(rows), taken.lists.nlist, 0, 0, 0.0, taken.added)
        stretch = _tuned(stretch, taken.lists, exam, recall)
        if stretch.recall >= recall and _are_found(taken.fresh, stretch, taken.lists, vectors, recall):
            return stretch, taken.lists
    lists = _filled(vectors[rows.start : rows.stop], n_lists)
    return _tuned(Stretch(rows.start, len(rows), n_lists, 0, 0, 0.0), lists, exam, recall), lists


def _are_found(fresh: Rows, stretch: Stretch, lists: Any, vectors: Vectors, recall: float) -> bool:
    """Tell whether of what is nearest to new rows as much is found as has to be, but for chance.

    Codes that were learnt before there was anything of their kind cannot tell such rows apart; among all
    that are held out they would not be seen.
    """
    if not len(fresh):
        return True
    exam = _Exam.of(vectors, stretch.rows, fresh, FRESH_HELD_OUT)
    chance: float = (recall * (1 - recall) / (len(exam.rows) * PLACES)) ** 0.5
    return exam.share(stretch, lists) >= LEAST_RECALL - DEVIATIONS * chance


def _filled(vectors: Vectors, n_lists: int) -> Any:
    """Return so many lists of some vectors (n, dim)."""
    n, dim = vectors.shape
    chance = np.random.default_rng(0)
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
    few = chance.permutation(len(sample))[:QUANTISED_FROM]  # in the order of ids these would be of one kind
    lists.train(sample[np.sort(few)])
    for start in range(0, n, ADDED_AT_ONCE):
        lists.add(vectors[start : start + ADDED_AT_ONCE])
    return lists


def _tuned(stretch: Stretch, lists: Any, exam: "_Exam", recall: float) -> Stretch:
    """Return the stretch with as few candidates and probes as find the wanted share of the nearest.

    Candidates first, with all lists probed: what the codes cannot tell apart, no probe would find. Where no
    number of either is enough, what is nearly as good as the most is taken.
    """
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
    """Held-out rows, and what is nearest to them in one stretch; a row is not its own nearest."""

    vectors: Vectors
    rows: Rows
    least: Scores

    @classmethod
    def of(cls, vectors: Vectors, stretch: range, among: Rows | None = None, most: int = HELD_OUT) -> "_Exam":
        """Hold out at most so many of some rows, or of all."""
        every = np.arange(len(vectors)) if among is None else among
        chance = np.random.default_rng(1)
        rows = every[np.sort(chance.choice(len(every), min(most, len(every)), replace=False))]
        hits = FlatIndex(vectors).search(vectors[rows], PLACES + 1, stretch)
        # of those that score alike it is all one which are found
        others = (scores[near != row] for row, near, scores in zip(rows, hits.rows, hits.scores, strict=True))
        return cls(vectors, rows, np.array([scores[PLACES - 1] for scores in others]))

    def share(self, stretch: Stretch, lists: Any) -> float:
        """Return the share of the nearest that these lists find."""
        index = InvertedIndex(self.vectors, [stretch], [lists])

        def found(places: range) -> Rows:
            own = slice(places.start, places.stop)
            hits = index.search(self.vectors[self.rows[own]], PLACES + 1, stretch.rows)
            right = (hits.rows != self.rows[own, None]) & (hits.scores >= self.least[own, None])
            n_right: Rows = np.minimum(right.sum(axis=1), PLACES)
            return n_right

        n = len(self.rows)
        parts = (range(start, min(start + ASKED_AT_ONCE, n)) for start in range(0, n, ASKED_AT_ONCE))
        return float(np.concatenate([*THREADS.map(found, parts)]).mean() / PLACES)


def write_index(index: Any, path: Path) -> None:
    """Write an index of FAISS and wait until it is on the disk.

    By ourselves: `faiss.write_index` loses a small index on a full disk without a word.
    """
    write_through(path, faiss.serialize_index(index).data)
