"""Arrays on the disk: written durably as `.npy`, mapped into memory when read, never unpickled."""

import os
from pathlib import Path
from tokenize import TokenError
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommender.errors import BuildError

UNREADABLE = (
    OSError,
    ValueError,
    EOFError,
    SyntaxError,
    TokenError,
    TypeError,
    OverflowError,
)  # NumPy raises all


def write_array(array: NDArray[Any], path: Path) -> None:
    """Write an array and wait until it is on the disk."""
    with path.open("wb") as file:
        np.save(file, array, allow_pickle=False)
        file.flush()
        os.fsync(file.fileno())


def map_array(path: Path, kind: type[np.generic], n_axes: int) -> NDArray[Any]:
    """Map the array of a file.

    Raises:
        BuildError: The file is missing, or holds no such array.
    """
    try:
        array: NDArray[Any] = np.load(path, mmap_mode="r", allow_pickle=False)
    except UNREADABLE as problem:
        raise BuildError(f"{path} cannot be read: {problem}") from problem
    if array.ndim != n_axes or array.dtype != kind:
        raise BuildError(
            f"{path} holds {array.dtype} of shape {array.shape}, not {np.dtype(kind)} of {n_axes} axes"
        )
    return np.asarray(array)  # a part of a plain array is taken ten times faster than of a memmap
