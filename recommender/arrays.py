"""Arrays on the disk: written durably as `.npy`, mapped into memory when read, never unpickled."""

import os
from pathlib import Path
from tokenize import TokenError
from typing import Any, Self

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


class ArrayWriter:
    """Writes an array of one axis, as `write_array` does, in parts that follow each other.

    A context manager, which waits in the end until all is on the disk.
    """

    def __init__(self, path: Path, kind: type[np.generic], n: int) -> None:
        """Begin an array of `n` values."""
        self._kind, self._rest = np.dtype(kind), n
        self._file = path.open("wb")
        header = {"descr": np.lib.format.dtype_to_descr(self._kind), "fortran_order": False, "shape": (n,)}
        np.lib.format.write_array_header_1_0(self._file, header)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        with self._file:
            if kind is None:
                if self._rest:
                    raise ValueError(f"{self._rest} values are missing")
                self._file.flush()
                os.fsync(self._file.fileno())

    def add(self, values: NDArray[Any]) -> None:
        """Write the next values."""
        self._file.write(np.ascontiguousarray(values, dtype=self._kind).data)
        self._rest -= len(values)


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
