"""Vectors that were computed before, keyed by model and text: deleting them costs time, nothing else."""

import shutil
import sqlite3
import zlib
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Self

import numpy as np

from recommender.errors import BuildError
from recommender.vectors import Vectors

FILE = "vectors.db"
DROPPED = ".dropped"
PAGE = 16_384  # bytes: a vector fits into one page with a dozen others, where 4 KB would be a page each
AT_ONCE = 500  # keys in one question, within SQLite's limit on parameters


def count_cached(folder: Path, fingerprint: str) -> int:
    """Return how many vectors of a model are cached, 0 also where that cannot be told; nothing is made."""
    path = folder / fingerprint / FILE
    if not path.is_file():
        return 0
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as connection:
            return int(connection.execute("SELECT count(*) FROM vectors").fetchone()[0])
    except sqlite3.Error:
        return 0


def unwritten_since(folder: Path, when: datetime) -> list[str]:
    """Return the fingerprints of the models to whose caches nothing was added since a time."""
    return sorted(
        path.parent.name
        for path in folder.glob(f"[!.]*/{FILE}")
        if max(file.stat().st_mtime for file in path.parent.glob(f"{FILE}*")) < when.timestamp()
    )


def drop(folder: Path, fingerprint: str) -> None:
    """Delete what is kept of a model, and what a killed run has left of others; hold the writer's lock.

    Raises:
        OSError: It cannot be deleted.
    """
    (folder / fingerprint).rename(folder / f".{fingerprint}{DROPPED}")  # so that no half of it is opened
    for left in folder.glob(f".*{DROPPED}"):
        shutil.rmtree(left)


class EmbeddingCache:
    """The vectors of one model, by text digest. A context manager; one writer at a time."""

    def __init__(self, folder: Path, *, fingerprint: str, dim: int) -> None:
        self._path = folder / fingerprint / FILE
        self._dim = dim
        with self._translated():
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._connection = sqlite3.connect(self._path)
            self._connection.execute(f"PRAGMA page_size={PAGE}")  # of a new file
            self._connection.execute("PRAGMA journal_mode=WAL")
            self._connection.execute("PRAGMA synchronous=NORMAL")  # losing the latest costs time, no more
            self._connection.execute(
                "CREATE TABLE IF NOT EXISTS vectors"
                " (digest BLOB PRIMARY KEY, checksum INTEGER NOT NULL, vector BLOB NOT NULL)"
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def get(self, digests: Sequence[str]) -> dict[str, Vectors]:
        """Return the vector (dim,) of each known digest; a damaged one counts as unknown."""
        found: dict[str, Vectors] = {}
        for start in range(0, len(digests), AT_ONCE):
            keys = [bytes.fromhex(digest) for digest in digests[start : start + AT_ONCE]]
            marks = ",".join("?" * len(keys))
            with self._translated():
                rows = self._connection.execute(
                    f"SELECT digest, checksum, vector FROM vectors WHERE digest IN ({marks})",  # noqa: S608
                    keys,
                ).fetchall()
            for key, checksum, vector in rows:
                if self._is_whole(vector, checksum):
                    found[key.hex()] = np.frombuffer(vector, dtype="<f4")
        return found

    def _is_whole(self, vector: object, checksum: object) -> bool:
        if not isinstance(vector, bytes) or len(vector) != 4 * self._dim:
            return False
        return zlib.crc32(vector) == checksum

    def put(self, digests: Sequence[str], vectors: Vectors) -> None:
        """Keep the vectors (n, dim) of `digests`, all or none."""
        blobs = [vector.astype("<f4").tobytes() for vector in vectors]
        rows = [
            (bytes.fromhex(digest), zlib.crc32(blob), blob)
            for digest, blob in zip(digests, blobs, strict=True)
        ]
        with self._translated(), self._connection:
            self._connection.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?, ?)", rows)

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as problem:
            raise BuildError(
                f"the embedding cache {self._path} cannot be used ({problem});"
                " check the disk, or delete it: it will be made again"
            ) from problem
