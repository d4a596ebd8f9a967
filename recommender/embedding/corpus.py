"""Embedding a whole corpus: what is known is not computed again, what is computed is kept at once."""

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from time import perf_counter
from typing import Any, Protocol

import numpy as np

from recommender.digests import Digests, digests_of, first_copies
from recommender.embedding.cache import EmbeddingCache
from recommender.embedding.embedder import Embedder, OnProgress
from recommender.vectors import Flags, Rows, Vectors, checked
from recommender.workers import HERE, Workers

TEXTS_AT_ONCE = 64  # a transformer reads as many in seconds: progress is seen, little is lost
MOST_AT_ONCE = 4_096
SHORT = 0.5  # seconds; what takes less is done in larger batches, each of which is written to the disk


class _Batches:
    """Rows in batches that grow while they take no time, and which of them are done.

    Attributes:
        n_done: How many rows.
    """

    def __init__(self, rows: Rows) -> None:
        self.n_done = 0
        self._rows = rows
        self._size = TEXTS_AT_ONCE
        self._taken: deque[Rows] = deque()
        self._began = perf_counter()

    def __iter__(self) -> Iterator[Rows]:
        start = 0
        while start < len(self._rows):
            self._taken.append(self._rows[start : start + self._size])
            start += len(self._taken[-1])
            yield self._taken[-1]

    def first(self) -> Rows:
        """Return the first batch that was not done, which now is."""
        batch, now = self._taken.popleft(), perf_counter()
        if now - self._began < SHORT:
            self._size = min(2 * self._size, MOST_AT_ONCE)
        self._began = now
        self.n_done += len(batch)
        return batch


@dataclass(frozen=True, slots=True)
class KnownVectors:
    """Where the vectors of a corpus may be found, so that a model need not read its texts.

    Attributes:
        cache: The model's; every fresh vector is put there as soon as it is known.
        vectors: (m, dim) of the same model, kept and known to be whole; None: there are none.
        rows: For each text of the corpus the row that its vector has there (n,), -1 where none has it.
        are_windowed: Which of the texts of `vectors` are read in windows (m,); None: nobody wrote it down.
    """

    cache: EmbeddingCache
    vectors: Vectors | None = None
    rows: Rows | None = None
    are_windowed: Flags | None = None

    def are_kept(self, n: int) -> Flags:
        """Tell of which of the texts of the corpus somebody kept the vectors (n,)."""
        return np.zeros(n, dtype=bool) if self.vectors is None or self.rows is None else self.rows >= 0

    def windowed(self, n: int) -> tuple[Flags, Flags]:
        """Tell which texts of the corpus are read in windows (n,), and of which this is known (n,)."""
        found, are_known = np.zeros(n, dtype=bool), np.zeros(n, dtype=bool)
        if self.are_windowed is not None and self.rows is not None:
            are_known = self.rows >= 0
            found[are_known] = self.are_windowed[self.rows[are_known]]
        return found, are_known

    def fill_in(self, vectors: Vectors, digests: Digests, rows: Rows) -> Rows:
        """Fill in those vectors that are known, and return which are not.

        Args:
            vectors: Of the corpus (n, dim).
            digests: Of its texts (n, 32).
            rows: Which of them are asked for, ascending.
        """
        if self.vectors is not None and self.rows is not None:
            kept = rows[self.rows[rows] >= 0]
            for part in _parts(kept):
                vectors[part] = self.vectors[self.rows[part]]
            rows = rows[self.rows[rows] < 0]
        return self._read_cache(vectors, digests, rows)

    def _read_cache(self, vectors: Vectors, digests: Digests, rows: Rows) -> Rows:
        """Fill in what the cache knows, asked for in the order in which its file holds it."""
        unknown = [np.zeros(0, dtype=np.int64)]
        order = np.argsort(digests[rows, :8].copy().view(">u8").ravel(), kind="stable")
        for part in _parts(rows[order]):
            named = [digest.tobytes().hex() for digest in digests[part]]
            found = self.cache.get(named)
            is_known = np.array([digest in found for digest in named])
            if is_known.any():
                vectors[part[is_known]] = [found[digest] for digest in named if digest in found]
            unknown.append(part[~is_known])
        return np.sort(np.concatenate(unknown))


@dataclass(frozen=True, slots=True)
class EmbeddedCorpus:
    """The vectors of a corpus, and how they came about.

    Attributes:
        vectors: One row a text (n, dim), in the order asked for.
        n_fresh: How many distinct texts the model had to read.
        are_windowed: Which of the texts are longer than the model reads at once (n,).
    """

    vectors: Vectors
    n_fresh: int
    are_windowed: Flags

    @property
    def n_windowed(self) -> int:
        """How many of all texts are longer than the model reads at once."""
        return int(self.are_windowed.sum())


class Texts(Protocol):
    """The texts of a corpus by their rows, in memory or on the disk."""

    @property
    def digests(self) -> Digests:
        """Of the texts (n, 32)."""
        ...

    def __len__(self) -> int: ...

    def __getitem__(self, row: int) -> str: ...


class HeldTexts(tuple[str, ...]):
    """Texts in memory."""

    __slots__ = ()

    @property
    def digests(self) -> Digests:
        """Of the texts (n, 32)."""
        return digests_of(sha256(text.encode()).hexdigest() for text in self)


class _Chosen(Sequence[str]):
    """Some of the texts: none is read unless it is looked at."""

    def __init__(self, texts: Texts, rows: Rows) -> None:
        self._texts, self._rows = texts, rows

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, place: Any) -> Any:
        return self._texts[int(self._rows[place])]


def embed_corpus(
    texts: Texts,
    embedder: Embedder,
    known: KnownVectors,
    on_progress: OnProgress,
    workers: Workers = HERE,
    into: Vectors | None = None,
) -> EmbeddedCorpus:
    """Embed texts, each distinct one once.

    Args:
        texts: The texts; what is known is not read.
        embedder: The model.
        known: Where vectors may be found, and the fresh ones are kept.
        on_progress: Told after each batch how many of the fresh texts are done.
        workers: Who reads the fresh ones.
        into: Where the vectors go (n, dim), which may be a mapped file; None: into memory.
    """
    digests = texts.digests
    vectors = np.empty((len(digests), embedder.dim), dtype=np.float32) if into is None else into
    copies = first_copies(digests)
    is_copy = copies != np.arange(len(copies))
    missing = known.fill_in(vectors, digests, np.flatnonzero(~is_copy))
    batches = _Batches(missing)
    asked = ([texts[row] for row in rows.tolist()] for rows in batches)
    for encoded in workers.map(partial(_encode, embedder), asked):
        rows = batches.first()
        fresh = checked(encoded, len(rows), embedder.dim)
        known.cache.put([digest.tobytes().hex() for digest in digests[rows]], fresh)
        vectors[rows] = fresh
        on_progress(batches.n_done, len(missing))
    for rows in _parts(np.flatnonzero(is_copy)):
        vectors[rows] = vectors[copies[rows]]
    for rows in _parts(np.flatnonzero(~known.are_kept(len(digests)))):
        checked(vectors[rows], len(rows), embedder.dim)
    are_windowed, are_counted = known.windowed(len(digests))
    for rows in _parts(np.flatnonzero(~is_copy & ~are_counted)):
        are_windowed[rows] = np.array(embedder.windows(_Chosen(texts, rows))) > 1
    return EmbeddedCorpus(vectors=vectors, n_fresh=len(missing), are_windowed=are_windowed[copies])


def _parts(rows: Rows) -> Iterator[Rows]:
    for start in range(0, len(rows), MOST_AT_ONCE):
        yield rows[start : start + MOST_AT_ONCE]


def _encode(embedder: Embedder, texts: Sequence[str]) -> Vectors:
    """Encode texts with a model that may have become another object on its way here."""
    return embedder.encode(texts)
