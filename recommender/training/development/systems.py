"""What is compared on the development sets: anything that ranks texts by their similarity to others."""

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np

from recommender.embedding import Embedder
from recommender.training.development.rankings import best, blocks
from recommender.vectors import Rows, Vectors, normalised


class System(Protocol):
    """A column of the table.

    Attributes:
        translates: Whether it can know that two texts of different languages say the same.
    """

    translates: bool

    def nearest(
        self, queries: Sequence[str], corpus: Sequence[str], k: int, without: Rows | None = None
    ) -> Rows:
        """Return the rows of the `k` texts of the corpus nearest to each query, best first (q, k).

        Args:
            queries: Texts.
            corpus: Texts.
            k: How many, at most what the corpus has.
            without: For each query rows that are no answer to it (q, m).
        """
        ...

    def features(self, texts: Sequence[str]) -> Any:
        """Return a row a text, dense or sparse, to cluster by; None if it has no such thing."""
        ...


class EmbeddingSystem:
    """A model's vectors, or only the first dimensions of them, compared by cosine."""

    translates = True

    def __init__(self, embedder: Embedder, dim: int | None = None) -> None:
        """Compare by the first `dim` dimensions; None: by all.

        Raises:
            ValueError: The model has fewer.
        """
        if dim is not None and not 1 <= dim <= embedder.dim:
            raise ValueError(f"expected 1 to {embedder.dim} dimensions, got {dim}")
        self._embedder = embedder
        self._dim = dim

    def nearest(
        self, queries: Sequence[str], corpus: Sequence[str], k: int, without: Rows | None = None
    ) -> Rows:
        ours, others = self.features(queries), self.features(corpus)
        parts = blocks(len(queries), len(corpus))
        found = [best(ours[part] @ others.T, k, None if without is None else without[part]) for part in parts]
        return np.concatenate(found)

    def features(self, texts: Sequence[str]) -> Vectors:
        vectors = self._embedder.encode(texts)
        return vectors if self._dim is None else normalised(vectors[:, : self._dim])


class Reranked:
    """The best of one system, put in the order of a better and slower one."""

    def __init__(self, candidates: System, judge: EmbeddingSystem, depth: int = 100) -> None:
        """Let `judge` order the `depth` nearest of `candidates`."""
        self._candidates = candidates
        self._judge = judge
        self._depth = depth
        self.translates = candidates.translates

    def nearest(
        self, queries: Sequence[str], corpus: Sequence[str], k: int, without: Rows | None = None
    ) -> Rows:
        found = self._candidates.nearest(queries, corpus, max(k, self._depth), without)
        ours, others = self._judge.features(queries), self._judge.features(corpus)
        parts = blocks(len(queries), found.shape[1] * ours.shape[1])
        scores = np.concatenate([np.einsum("qd,qnd->qn", ours[part], others[found[part]]) for part in parts])
        order = np.argsort(-scores, axis=1, kind="stable")[:, :k]
        return np.take_along_axis(found, order, axis=1)

    def features(self, texts: Sequence[str]) -> Any:
        return None  # nothing is ordered without a query
