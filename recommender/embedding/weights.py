"""The token vectors of a static model, read from the file only as they are asked for."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommender.embedding.safetensors_file import Place, check_numbers, places_of
from recommender.errors import ModelError

TABLE = "embedding.weight"  # as sentence-transformers names it
SHARED_TABLE = "embeddings"  # as model2vec names it, beside which there may be:
ROW_OF_TOKEN, WEIGHT_OF_TOKEN = "mapping", "weights"
TYPES = {"F16": "<f2", "F32": "<f4", "F64": "<f8", "I8": "|i1", "I16": "<i2", "I32": "<i4", "I64": "<i8"}

Tensor = NDArray[Any]


class TokenVectors:
    """One vector a token, by token number. Safe to share between threads.

    The file is mapped into memory, so it may be replaced while in use, but not written to.
    """

    def __init__(self, path: Path, *, is_known: bool = False) -> None:
        """Open a safetensors file.

        Args:
            path: The file.
            is_known: Its numbers were found to be numbers before.

        Raises:
            ModelError: It is missing or damaged, or holds something else.
        """
        places = places_of(path)
        if not is_known:
            check_numbers(path, places)
        content = np.memmap(path, mode="r", dtype=np.uint8)
        tensors = {name: _tensor(path, place, content) for name, place in places.items()}
        self._rows = tensors.pop(ROW_OF_TOKEN, None) if SHARED_TABLE in tensors else None
        self._weights = tensors.pop(WEIGHT_OF_TOKEN, None) if SHARED_TABLE in tensors else None
        if len(tensors) != 1 or not tensors.keys() <= {TABLE, SHARED_TABLE}:
            raise ModelError(f"{path} holds {sorted(tensors)}, expected {TABLE} alone")
        (self._table,) = tensors.values()
        _check_table(path, self._table, is_weighted=self._weights is not None)
        _check_rows(path, self._rows, len(self._table))
        _check_weights(path, self._weights, len(self))

    def __len__(self) -> int:
        """Return the number of tokens."""
        return len(self._table if self._rows is None else self._rows)

    @property
    def dim(self) -> int:
        """The length of a vector."""
        return int(self._table.shape[1])

    def of(self, tokens: NDArray[np.integer]) -> NDArray[np.float32]:
        """Return the vector of each token (n, dim)."""
        rows = tokens if self._rows is None else self._rows[tokens]
        vectors: NDArray[np.float32] = self._table[rows].astype(np.float32)
        if self._weights is None:
            return vectors
        return np.asarray(vectors * self._weights[tokens, None], dtype=np.float32)


def _check_table(path: Path, table: Tensor, *, is_weighted: bool) -> None:
    accepted = {"float16", "float32", "int8"} if is_weighted else {"float16", "float32"}
    if table.ndim != 2 or not table.size or table.dtype.name not in accepted:
        raise ModelError(
            f"{path}: expected token vectors in float16 or float32, got {table.dtype} {table.shape}"
        )


def _check_rows(path: Path, rows: Tensor | None, available: int) -> None:
    if rows is None:
        return
    if rows.ndim != 1 or rows.dtype.kind != "i":
        raise ModelError(f"{path}: expected row numbers in {ROW_OF_TOKEN}, got {rows.dtype} {rows.shape}")
    if len(rows) and (rows.min() < 0 or rows.max() >= available):
        raise ModelError(f"{path}: {ROW_OF_TOKEN} leads beyond the {available} rows of {SHARED_TABLE}")


def _check_weights(path: Path, weights: Tensor | None, tokens: int) -> None:
    if weights is not None and (weights.shape != (tokens,) or weights.dtype.kind != "f"):
        raise ModelError(
            f"{path}: expected one weight for each of the {tokens} tokens in {WEIGHT_OF_TOKEN},"
            f" got {weights.dtype} {weights.shape}"
        )


def _tensor(path: Path, place: Place, content: NDArray[np.uint8]) -> Tensor:
    if place.dtype not in TYPES:
        raise ModelError(f"{path}: numbers of type {place.dtype} are not read; float16 and float32 are")
    return np.asarray(content[place.start : place.end]).view(TYPES[place.dtype]).reshape(place.shape)
