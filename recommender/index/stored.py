"""The vectors of one build on disk: `vectors.npy`, mapped into memory when read."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import numpy as np

from recommender.arrays import map_array, write_array
from recommender.vectors import Rows, Scores, Vectors, checked, cosines_with, distinct

FILE = "vectors.npy"
ZEROS = 1 << 20  # bytes at once
ROUNDING = 1e-5  # how far a float32 product may be from the exact score
SPARE = 16  # candidates beyond k, among which the exact scores may still change places


@contextmanager
def writing_vectors(folder: Path, n: int, dim: int) -> Iterator[Vectors]:
    """Give room for (n, dim) vectors that is a file, and wait in the end until they are on the disk.

    Raises:
        OSError: There is too little room: it is taken at once, since a mapped file could not say so later.
    """
    path = folder / FILE
    mapped = np.lib.format.open_memmap(path, mode="w+", dtype=np.float32, shape=(n, dim))
    with path.open("r+b") as file:
        _take_room(file, mapped.offset, mapped.nbytes)
        yield np.asarray(mapped)
        mapped.flush()
        os.fsync(file.fileno())


def write_vectors(vectors: Vectors, folder: Path) -> None:
    """Write (n, dim) vectors and wait until they are on the disk.

    Raises:
        ValueError: They are no unit vectors.
    """
    write_array(checked(vectors, *vectors.shape), folder / FILE)


def _take_room(file: IO[bytes], start: int, size: int) -> None:
    """Have the disk keep room for a stretch of a file that was never written."""
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(file.fileno(), start, size)
        return
    file.seek(start)
    for written in range(0, size, ZEROS):
        file.write(bytes(min(ZEROS, size - written)))
    file.flush()


def read_vectors(folder: Path) -> Vectors:
    """Map the vectors of a folder.

    Raises:
        BuildError: The file is missing or not what `write_vectors` wrote.
    """
    return map_array(folder / FILE, np.float32, 2)


def checked_question(queries: Vectors, k: int, vectors: Vectors) -> Vectors:
    """Return the queries (n, dim) if they can be asked of `vectors`.

    Raises:
        ValueError: k is below 1, or the queries are no unit vectors of the same length.
    """
    if k < 1:
        raise ValueError(f"k must be at least 1, got {k}")
    return checked(queries, len(queries), vectors.shape[1])


def rows_of(allowed: Rows | range | None, n: int) -> Rows | range:
    """Return those of `n` rows that are allowed, each once, ascending; as a stretch if they are one.

    None allows all.
    """
    if allowed is None:
        return range(n)
    if isinstance(allowed, range):
        return allowed
    rows = distinct(allowed)
    if len(rows) and int(rows[-1]) - int(rows[0]) + 1 == len(rows):
        return range(int(rows[0]), int(rows[-1]) + 1)
    return rows


def exact_scores(vectors: Vectors, rows: Rows, query: Vectors) -> Scores:
    """Return the cosine of `query` (dim,) with each of `rows`, the same whatever else is computed.

    Added up in float64 and rounded, so that neither the batch nor the machine's BLAS can turn a rank.
    """
    return cosines_with(vectors[rows], query).astype(np.float32)


def best_first(rows: Rows, scores: Scores, k: int) -> tuple[Rows, Scores]:
    """Return the `k` best, equal scores by row."""
    order = np.lexsort((rows, -scores))[:k]
    return rows[order], scores[order]
