"""Embedding a whole corpus: what is known is not computed again, what is computed is kept at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from time import perf_counter

import numpy as np

from recommender.embedding.cache import EmbeddingCache
from recommender.embedding.embedder import Embedder, OnProgress
from recommender.vectors import Vectors, checked

TEXTS_AT_ONCE = 64  # a transformer reads as many in seconds: progress is seen, little is lost
MOST_AT_ONCE = 4_096
SHORT = 0.5  # seconds; what takes less is done in larger batches, each of which is written to the disk


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
    at_once: int = TEXTS_AT_ONCE,
) -> EmbeddedCorpus:
    """Embed texts, named by their digests.

    Args:
        digests: One a row of the result; a digest may occur more than once.
        texts: The text of each digest.
        embedder: The model.
        cache: The model's cache; every fresh vector is put there as soon as it is known.
        on_progress: Told after each batch how many of the fresh texts are done.
        at_once: Texts of the first batch; later ones grow while they take no time.
    """
    named = [*texts]
    vectors, missing = _known(named, embedder.dim, cache)
    done = 0
    while done < len(missing):
        began, places = perf_counter(), missing[done : done + at_once]
        part = [named[place] for place in places]
        fresh = checked(embedder.encode([texts[digest] for digest in part]), len(part), embedder.dim)
        cache.put(part, fresh)
        vectors[places] = fresh
        done += len(part)
        on_progress(done, len(missing))
        if perf_counter() - began < SHORT:
            at_once = min(2 * at_once, MOST_AT_ONCE)
    if len(digests) > len(named):
        place_of = {digest: place for place, digest in enumerate(named)}
        vectors = vectors[[place_of[digest] for digest in digests]]
    windows = dict(zip(texts, embedder.windows([*texts.values()]), strict=True))
    return EmbeddedCorpus(
        vectors=checked(vectors, len(digests), embedder.dim),
        n_fresh=len(missing),
        n_windowed=sum(windows[digest] > 1 for digest in digests),
    )


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
