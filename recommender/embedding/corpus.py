"""Embedding a whole corpus: what is known is not computed again, what is computed is kept at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from recommender.embedding.cache import EmbeddingCache
from recommender.embedding.embedder import Embedder, OnProgress
from recommender.vectors import Vectors, checked

TEXTS_AT_ONCE = 64  # a transformer reads as many in seconds: progress is seen, little is lost


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
) -> EmbeddedCorpus:
    """Embed texts, named by their digests.

    Args:
        digests: One a row of the result; a digest may occur more than once.
        texts: The text of each digest.
        embedder: The model.
        cache: The model's cache; every fresh vector is put there as soon as it is known.
        on_progress: Told after each batch how many of the fresh texts are done.
    """
    known = cache.get([*texts])
    missing = [digest for digest in texts if digest not in known]
    for start in range(0, len(missing), TEXTS_AT_ONCE):
        part = missing[start : start + TEXTS_AT_ONCE]
        fresh = checked(embedder.encode([texts[digest] for digest in part]), len(part), embedder.dim)
        cache.put(part, fresh)
        known |= dict(zip(part, fresh, strict=True))
        on_progress(start + len(part), len(missing))
    rows = [known[digest] for digest in digests]
    vectors = np.stack(rows) if rows else np.zeros((0, embedder.dim), dtype=np.float32)
    windows = dict(zip(texts, embedder.windows([*texts.values()]), strict=True))
    return EmbeddedCorpus(
        vectors=checked(vectors, len(digests), embedder.dim),
        n_fresh=len(missing),
        n_windowed=sum(windows[digest] > 1 for digest in digests),
    )
