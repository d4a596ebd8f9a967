"""Embedding a whole corpus: what is known is not computed again, what is computed is kept at once."""

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from time import perf_counter

import numpy as np

from recommender.embedding.cache import EmbeddingCache
from recommender.embedding.embedder import Embedder, OnProgress
from recommender.vectors import Rows, Vectors, checked
from recommender.workers import HERE, Workers

TEXTS_AT_ONCE = 64  # a transformer reads as many in seconds: progress is seen, little is lost
MOST_AT_ONCE = 4_096
SHORT = 0.5  # seconds; what takes less is done in larger batches, each of which is written to the disk


class _Batches:
    """Places in batches that grow while they take no time, and which of them are done.

    Attributes:
        n_done: How many places.
    """

    def __init__(self, places: Sequence[int]) -> None:
        self.n_done = 0
        self._places = places
        self._size = TEXTS_AT_ONCE
        self._taken: deque[Sequence[int]] = deque()
        self._began = perf_counter()

    def __iter__(self) -> Iterator[Sequence[int]]:
        start = 0
        while start < len(self._places):
            self._taken.append(self._places[start : start + self._size])
            start += len(self._taken[-1])
            yield self._taken[-1]

    def first(self) -> Sequence[int]:
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
        vectors: (m, dim) of the same model that somebody kept; None: nobody did.
        rows: For each text of the corpus the row that its vector has there (n,), -1 where none has it.
    """

    cache: EmbeddingCache
    vectors: Vectors | None = None
    rows: Rows | None = None

    def fill_in(self, vectors: Vectors, digests: Sequence[str], places: Rows) -> list[int]:
        """Fill in those vectors (d, dim) that are known, and return the numbers of the others.

        Args:
            vectors: Of distinct texts.
            digests: Of these.
            places: Where each stands in the corpus.
        """
        missing = np.arange(len(digests))
        if self.vectors is not None and self.rows is not None:
            rows = self.rows[places]
            for start in range(0, len(rows), MOST_AT_ONCE):
                part = slice(start, start + MOST_AT_ONCE)
                here = rows[part] >= 0
                vectors[part][here] = self.vectors[rows[part][here]]
            missing = missing[rows < 0]
        return self._read_cache(vectors, digests, missing.tolist())

    def _read_cache(self, vectors: Vectors, digests: Sequence[str], missing: Sequence[int]) -> list[int]:
        """Fill in what the cache knows, asked for in the order in which its file holds it."""
        unknown = []
        ordered = sorted(missing, key=digests.__getitem__)
        for start in range(0, len(ordered), MOST_AT_ONCE):
            part = ordered[start : start + MOST_AT_ONCE]
            found = self.cache.get([digests[number] for number in part])
            for number in part:
                if digests[number] in found:
                    vectors[number] = found[digests[number]]
                else:
                    unknown.append(number)
        return sorted(unknown)


@dataclass(frozen=True, slots=True)
class EmbeddedCorpus:
    """The vectors of a corpus, and how they came about.

    Attributes:
        vectors: One row a text (n, dim), in the order asked for.
        n_fresh: How many distinct texts the model had to read.
        n_windowed: How many of all texts are longer than the model reads at once.
    """

    vectors: Vectors
    n_fresh: int
    n_windowed: int


def embed_corpus(
    digests: Sequence[str],
    texts: Mapping[str, str],
    embedder: Embedder,
    known: KnownVectors,
    on_progress: OnProgress,
    workers: Workers = HERE,
) -> EmbeddedCorpus:
    """Embed texts, named by their digests.

    Args:
        digests: One a row of the result; a digest may occur more than once.
        texts: The text of each digest.
        embedder: The model.
        known: Where vectors may be found, and the fresh ones are kept.
        on_progress: Told after each batch how many of the fresh texts are done.
        workers: Who reads the fresh ones.
    """
    named = [*texts]
    first = {digest: place for place, digest in reversed([*enumerate(digests)])}
    vectors = np.empty((len(named), embedder.dim), dtype=np.float32)
    missing = known.fill_in(vectors, named, np.array([first[digest] for digest in named], dtype=np.int64))
    batches = _Batches(missing)
    asked = ([texts[named[place]] for place in places] for places in batches)
    for encoded in workers.map(partial(_encode, embedder), asked):
        places = batches.first()
        fresh = checked(encoded, len(places), embedder.dim)
        known.cache.put([named[place] for place in places], fresh)
        vectors[places] = fresh
        on_progress(batches.n_done, len(missing))
    if len(digests) > len(named):
        place_of = {digest: place for place, digest in enumerate(named)}
        vectors = vectors[[place_of[digest] for digest in digests]]
    windows = dict(zip(texts, embedder.windows([*texts.values()]), strict=True))
    return EmbeddedCorpus(
        vectors=checked(vectors, len(digests), embedder.dim),
        n_fresh=len(missing),
        n_windowed=sum(windows[digest] > 1 for digest in digests),
    )


def _encode(embedder: Embedder, texts: Sequence[str]) -> Vectors:
    """Encode texts with a model that may have become another object on its way here."""
    return embedder.encode(texts)
