"""The three arrays that travel through the package, their promises, and the check of them."""

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]  # (n, dim), C-contiguous, every row of unit length
Scores = NDArray[np.float32]  # cosine similarity in [-1, 1]; higher is nearer
Rows = NDArray[np.int64]  # 0-based positions in the corpus of one build


def checked(vectors: NDArray[np.floating], n: int, dim: int) -> Vectors:
    """Return `vectors` as `Vectors`.

    Raises:
        ValueError: The shape is not (n, dim), or a row is not of unit length (NaN included).
    """
    if vectors.shape != (n, dim):
        raise ValueError(f"expected vectors of shape {(n, dim)}, got {vectors.shape}")
    norms = np.linalg.norm(vectors, axis=1)
    if bad := np.flatnonzero(~np.isclose(norms, 1.0, atol=1e-3)).tolist():
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
