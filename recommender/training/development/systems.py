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
