"""The arrays that travel through the package, their promises, the check of them, and their cosines."""

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]  # (n, dim), C-contiguous, every row of unit length
Scores = NDArray[np.float32]  # cosine similarity in [-1, 1]; higher is nearer
Rows = NDArray[np.int64]  # 0-based positions in the corpus of one build
Flags = NDArray[np.bool_]  # one a row
Values = NDArray[np.float64]  # one number a row or pair
Whole = TypeVar("Whole", np.int32, np.int64, np.uint64)
OFF = 0.00101  # how far the length of a unit vector may be from 1
DECIMALS = 6  # of cosines and scores: sums differ in the seventh with their order, and ranks must not


def checked(vectors: NDArray[np.floating], n: int, dim: int) -> Vectors:
    """Return `vectors` as `Vectors`.

    Raises:
        ValueError: The shape is not (n, dim), or a row is not of unit length (NaN included).
    """
    if vectors.shape != (n, dim):
        raise ValueError(f"expected vectors of shape {(n, dim)}, got {vectors.shape}")
    norms = np.linalg.norm(vectors, axis=1)
    if bad := np.flatnonzero(~(np.abs(norms - 1.0) <= OFF)).tolist():  # so that NaN is too
        raise ValueError(f"rows {bad[:5]} are not unit vectors (norm {norms[bad[0]]:.3g})")
    return np.ascontiguousarray(vectors, dtype=np.float32)


def normalised(vectors: NDArray[np.floating]) -> Vectors:
    """Return the rows (n, dim) scaled to unit length.

    >>> normalised(np.array([[3.0, 4.0]])).tolist()
    [[0.6000000238418579, 0.800000011920929]]

    Raises:
        ValueError: A row is zero or not finite, so that it has no direction.
    """
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    if bad := np.flatnonzero(~(np.isfinite(norms[:, 0]) & (norms[:, 0] > 0))).tolist():
        raise ValueError(f"rows {bad[:5]} have no direction")
    return np.ascontiguousarray(vectors / norms, dtype=np.float32)


def distinct(rows: NDArray[Whole]) -> NDArray[Whole]:
    """Return each of some rows or other whole numbers once, ascending.

    As `np.unique`, which first loads all that NumPy knows of masked arrays: to one question that is long.
    """
    ordered: NDArray[Whole] = np.sort(rows)
    found: NDArray[Whole] = ordered[np.diff(ordered, prepend=-1) != 0]  # none is below 0
    return found


def are_among(some: NDArray[Whole], others: NDArray[Whole]) -> Flags:
    """Tell which of some whole numbers are among others, which ascend (n,).

    >>> are_among(np.array([1, 4, 9]), np.array([2, 4])).tolist()
    [False, True, False]
    """
    if not len(others):
        return np.zeros(len(some), dtype=bool)
    found: Flags = others[np.minimum(np.searchsorted(others, some), len(others) - 1)] == some
    return found


def within(stretch: range, rows: NDArray[Whole]) -> NDArray[Whole]:
    """Return those of some rows, ascending, that lie in a stretch."""
    bounds = np.array([stretch.start, stretch.stop], rows.dtype)  # of another, all rows would be converted
    first, last = np.searchsorted(rows, bounds)
    return rows[first:last]


def cosines(vectors: Vectors, left: Rows, right: Rows) -> Values:
    """Return the cosine of `left[i]` and `right[i]` for every i, the same whatever else is computed."""
    exact = np.einsum("nd,nd->n", vectors[left], vectors[right], dtype=np.float64, optimize=False)
    return _rounded(exact)


def cosines_with(vectors: Vectors, query: Vectors) -> Values:
    """Return the cosine of each of some vectors (n, dim) with one (dim,), as `cosines` does."""
    exact = np.einsum("nd,d->n", vectors, query, dtype=np.float64, optimize=False)
    return _rounded(exact)


def _rounded(exact: Values) -> Values:
    found: Values = np.clip(np.round(exact, DECIMALS), -1.0, 1.0)
    return found
