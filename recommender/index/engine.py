"""The seam between vectors and nearest neighbours."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, Self

import numpy as np

from recommender.settings import DEFAULT_RECALL
from recommender.vectors import Rows, Scores, Vectors

RECALL = DEFAULT_RECALL  # the share of the ten nearest that an engine is to find that does not compare all


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


@dataclass(frozen=True, slots=True)
class Before:
    """What an engine wrote into another folder, where some of the vectors are the same.

    Attributes:
        folder: The other one, which may be deleted as soon as the new index is written.
        rows: For each vector the row that the same one has there (n,), -1 where none is.
    """

    folder: Path
    rows: Rows


class VectorIndex(Protocol):
    """An opened, read-only index. Safe to share between threads."""

    def __len__(self) -> int: ...

    @property
    def recall(self) -> float | None:
        """The share of the ten nearest that it found when it was made; None: it compares all."""
        ...

    def search(self, queries: Vectors, k: int, allowed: Rows | range | None = None) -> Hits:
        """Return the `min(k, candidates)` nearest rows of each query.

        Args:
            queries: (n, dim) unit vectors.
            k: How many rows, at least 1.
            allowed: Only these rows are candidates, a stretch of them at least cost; None: all are.

        Raises:
            ValueError: k is below 1, or the queries are no unit vectors of the index's size.
        """
        ...

    def candidates(self, queries: Vectors, n: int, rows: range, effort: float = 1.0) -> Rows:
        """Return rows (queries, m) of a stretch that hold the `n` nearest, or nearly all of them.

        For who scores them anyway: in any order, -1 where there are no more.

        Args:
            queries: (queries, dim) unit vectors.
            n: How many.
            rows: The stretch.
            effort: What part of the usual work is done, 1 or less, by an index that misses some anyway.
        """
        ...

    def gathered(self, rows: range) -> Rows:
        """Return the rows of a stretch, those near each other together, as far as the index knows of it.

        Who asks for them in this order looks at the same vectors again while they are at hand.
        """
        ...


class Engine(Protocol):
    """A way to store vectors in a folder and to search them there."""

    @property
    def name(self) -> str:
        """What the engine is called in settings and manifests."""
        ...

    def build(self, folder: Path, sizes: Sequence[int] = (), before: Before | None = None) -> None:
        """Write what `open` needs beside the vectors that were written into a folder.

        Args:
            folder: Which one.
            sizes: How many rows each of the stretches has that are searched by themselves; (): all are one.
            before: What may be taken over, by an engine that learns from the vectors; None: nothing.
        """
        ...

    def open(self, folder: Path) -> VectorIndex:
        """Open what `build` wrote; the folder's checksums have been compared before."""
        ...

    def drop(self, folder: Path) -> None:
        """Give up what `build` keeps outside the folder, before the folder is deleted."""
        ...
