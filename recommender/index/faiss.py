"""FAISS: the engine of choice. Its candidates are scored again as the reference scores."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import faiss
import numpy as np

from recommender.errors import BuildError, first_line
from recommender.index import inverted, list_training
from recommender.index.engine import RECALL, Before, Hits, VectorIndex
from recommender.index.list_training import write_index
from recommender.index.selection import selector
from recommender.index.stored import (
    ROUNDING,
    SPARE,
    best_first,
    checked_question,
    exact_scores,
    read_vectors,
    rows_of,
)
from recommender.vectors import Rows, Vectors

FILE = "index.faiss"


class FaissIndex:
    """An opened FAISS index beside the vectors it was built from."""

    def __init__(self, index: Any, vectors: Vectors) -> None:
        self._index = index
        self._vectors = vectors

    def __len__(self) -> int:
        return len(self._vectors)

    @property
    def recall(self) -> None:
        """None: it compares all."""

    def candidates(self, queries: Vectors, n: int, rows: range, effort: float = 1.0) -> Rows:
        return self.search(queries, n, rows).rows

    def gathered(self, rows: range) -> Rows:
        return np.asarray(rows, dtype=np.int64)

    def search(self, queries: Vectors, k: int, allowed: Rows | range | None = None) -> Hits:
        queries = checked_question(queries, k, self._vectors)
        allowed = rows_of(allowed, len(self))
        candidates = len(allowed)
        k = min(k, candidates)
        hits = Hits.blank(len(queries), k)
        if k == 0:
            return hits
        pending, wanted = np.arange(len(queries)), k + SPARE
        while len(pending):
            wanted = min(wanted, candidates)
            rough, rows = self._candidates(queries[pending], wanted, allowed)
            # More papers may share the k-th score than were asked for: then ask for more.
            open_end = (rough[:, -1] >= rough[:, k - 1] - ROUNDING) & (wanted < candidates)
            for place, found in zip(pending[~open_end], rows[~open_end], strict=True):
                scores = exact_scores(self._vectors, found, queries[place])
                hits.rows[place], hits.scores[place] = best_first(found, scores, k)
            pending, wanted = pending[open_end], 4 * wanted
        return hits

    def _candidates(self, queries: Vectors, n: int, allowed: Rows | range) -> tuple[Any, Rows]:
        """Return the scores and rows (queries, n) that FAISS finds, best first."""
        options = faiss.SearchParameters(sel=selector(allowed))  # type: ignore[call-arg]  # its stub knows no fields
        scores, rows = self._index.search(queries, n, params=options)
        if rows.min() < 0:
            raise BuildError(f"{FILE} finds fewer rows than it holds; rebuild the index")
        return scores, rows


class FaissEngine:
    """Inner-product search over unit vectors: of all, or in inverted lists where a stretch of rows is long.

    Source: https://github.com/facebookresearch/faiss/wiki (IndexFlatIP, IDSelector).
    """

    name = "faiss"

    def __init__(self, recall: float = RECALL) -> None:
        """Find this share of the ten nearest; 1: compare all, however many."""
        self._recall = recall

    def build(self, folder: Path, sizes: Sequence[int] = (), before: Before | None = None) -> None:
        vectors = read_vectors(folder)
        sizes = sizes or (len(vectors),)
        if self._recall < 1 and max(sizes) > list_training.EXACT_ROWS:
            list_training.build_lists(vectors, folder, sizes, self._recall, before)
            return
        index = faiss.IndexFlatIP(vectors.shape[1])
        index.add(vectors)
        write_index(index, folder / FILE)

    def open(self, folder: Path) -> VectorIndex:
        path = folder / FILE
        vectors = read_vectors(folder)
        if (folder / inverted.FILE).exists():
            return inverted.open_lists(vectors, folder)
        try:
            index = faiss.deserialize_index(np.fromfile(path, dtype=np.uint8))
        except (OSError, RuntimeError) as problem:
            raise BuildError(f"{path} cannot be read: {first_line(problem)}") from problem
        if (index.ntotal, index.d) != vectors.shape:
            raise BuildError(f"{path} holds {index.ntotal} vectors, {folder / 'vectors.npy'} {len(vectors)}")
        return FaissIndex(index, vectors)

    def drop(self, folder: Path) -> None:
        """Do nothing: all there is lies in the folder."""
