"""Embedding a whole corpus: what is known is not computed again, what is computed is kept at once."""

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from time import perf_counter

import numpy as np

from recommender.embedding.cache import EmbeddingCache
from recommender.embedding.embedder import Embedder, OnProgress
from recommender.vectors import Vectors, checked
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
    cache: EmbeddingCache,
    on_progress: OnProgress,
    workers: Workers = HERE,
) -> EmbeddedCorpus:
    """Embed texts, named by their digests.

    Args:
        digests: One a row of the result; a digest may occur more than once.
        texts: The text of each digest.
        embedder: The model.
        cache: The model's cache; every fresh vector is put there as soon as it is known.
        on_progress: Told after each batch how many of the fresh texts are done.
        workers: Who reads the fresh ones.
    """
    named = [*texts]
    vectors, missing = _known(named, embedder.dim, cache)
    batches = _Batches(missing)
    asked = ([texts[named[place]] for place in places] for places in batches)
    for encoded in workers.map(partial(_encode, embedder), asked):
        places = batches.first()
        fresh = checked(encoded, len(places), embedder.dim)
        cache.put([named[place] for place in places], fresh)
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


def _known(digests: Sequence[str], dim: int, cache: EmbeddingCache) -> tuple[Vectors, list[int]]:
    """Return a place for every vector (n, dim), the known ones filled in, and the places of the others."""
    vectors, missing = np.empty((len(digests), dim), dtype=np.float32), []
    for start in range(0, len(digests), MOST_AT_ONCE):
        part = digests[start : start + MOST_AT_ONCE]
        known = cache.get(part)
        for place, digest in enumerate(part, start=start):
            if digest in known:
                vectors[place] = known[digest]
            else:
                missing.append(place)
    return vectors, missing
