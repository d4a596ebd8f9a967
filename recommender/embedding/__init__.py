"""Texts → unit vectors: the seam, its implementations, and the cache in front of them."""

from pathlib import Path

from recommender.embedding.cache import EmbeddingCache
from recommender.embedding.corpus import EmbeddedCorpus, embed_corpus
from recommender.embedding.embedder import Embedder, OnProgress
from recommender.embedding.folder import find_model

__all__ = [
    "EmbeddedCorpus",
    "Embedder",
    "EmbeddingCache",
    "OnProgress",
    "embed_corpus",
    "find_model",
    "open_embedder",
]


def open_embedder(model: str, *, allow_download: bool = False) -> Embedder:
    """Open a model by its bundled name, folder or hub name, on the lightest path that can read it.

    Raises:
        ModelError: There is no such model, or it cannot be loaded.
    """
    folder = find_model(model, allow_download=allow_download)
    from recommender.embedding.joint import is_joint, open_joint

    return open_joint(folder, _open_one) if is_joint(folder) else _open_one(folder)


def _open_one(folder: Path) -> Embedder:
    from recommender.embedding.static import StaticEmbedder, is_static

    if is_static(folder):
        return StaticEmbedder(folder)
    from recommender.embedding.sentence import SentenceEmbedder

    return SentenceEmbedder(folder)
