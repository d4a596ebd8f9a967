"""The seam between vectors and nearest neighbours."""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, Self

import numpy as np

from recommender.vectors import Rows, Scores, Vectors


@dataclass(frozen=True, slots=True)
class Hits:
    """The nearest rows of some queries, best first; equal scores fall by row.

    Attributes:
        rows: (queries, k) positions in the corpus.
        scores: (queries, k) cosine similarities, rounded to six decimals.
    """

    rows: Rows
    scores: Scores

    @classmethod
    def blank(cls, n_queries: int, k: int) -> Self:
        """Return hits of that shape, to be filled in."""
        return cls(
            rows=np.empty((n_queries, k), dtype=np.int64),
            scores=np.empty((n_queries, k), dtype=np.float32),
        )


class VectorIndex(Protocol):
    """An opened, read-only index. Safe to share between threads."""

    def __len__(self) -> int: ...

    def search(self, queries: Vectors, k: int, allowed: Rows | None = None) -> Hits:
        """Return the `min(k, candidates)` nearest rows of each query.

        Args:
            queries: (n, dim) unit vectors.
            k: How many rows, at least 1.
            allowed: Only these rows are candidates; None: all are.

        Raises:
            ValueError: k is below 1, or the queries are no unit vectors of the index's size.
        """
        ...


class Engine(Protocol):
    """A way to store vectors in a folder and to search them there."""

    @property
    def name(self) -> str:
        """What the engine is called in settings and manifests."""
        ...

    def build(self, vectors: Vectors, folder: Path) -> None:
        """Write what `open` needs into an existing folder."""
        ...

    def open(self, folder: Path) -> VectorIndex:
        """Open what `build` wrote; the folder's checksums have been compared before."""
        ...

    def drop(self, folder: Path) -> None:
        """Give up what `build` keeps outside the folder, before the folder is deleted."""
        ...
