"""The model that teaches."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from recommender.embedding import Embedder, EmbeddingCache, open_embedder
from recommender.training.development.remembering import RememberingEmbedder


@contextmanager
def reading(teacher: Path, home: Path) -> Iterator[Embedder]:
    """Open a teacher; what it once read is kept in `home`."""
    embedder = open_embedder(str(teacher))
    with EmbeddingCache(home / "teacher", fingerprint=embedder.fingerprint, dim=embedder.dim) as cache:
        yield RememberingEmbedder(embedder, cache)
