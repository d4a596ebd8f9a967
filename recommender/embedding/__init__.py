"""Texts → unit vectors: the seam, its implementations, and the cache in front of them."""

from functools import partial
from pathlib import Path

from recommender.embedding.cache import EmbeddingCache, count_cached
from recommender.embedding.corpus import EmbeddedCorpus, HeldTexts, KnownVectors, Texts, embed_corpus
from recommender.embedding.embedder import Embedder, OnProgress, Segmenter
from recommender.embedding.folder import find_model

__all__ = [
    "EmbeddedCorpus",
    "Embedder",
    "EmbeddingCache",
    "HeldTexts",
    "KnownVectors",
    "OnProgress",
    "Segmenter",
    "Texts",
    "count_cached",
    "embed_corpus",
    "find_model",
    "open_embedder",
    "prepare_model",
]


def open_embedder(
    model: str,
    *,
    allow_download: bool = False,
    kept: Path | None = None,
    expected: str = "",
    device: str = "cpu",
) -> Embedder:
    """Open a model by its bundled name, folder or hub name, on the lightest path that can read it.

    Args:
        model: The model.
        allow_download: Fetch it from the hub if it is not here.
        kept: Where `prepare_model` may have put what is made of models.
        expected: The fingerprint that the model should have.
        device: Where a transformer computes, as PyTorch calls it; a static model needs none.

    Raises:
        ModelError: There is no such model, or it cannot be loaded.
    """
    folder = find_model(model, allow_download=allow_download)
    from recommender.embedding.joint import is_joint, open_joint

    if is_joint(folder):
        return open_joint(folder, partial(_open_one, device=device))
    return _open_one(folder, kept, expected, device)


def prepare_model(embedder: Embedder, kept: Path) -> None:
    """Keep what makes the first question after a start fast, if the model takes the light path.

    Raises:
        ModelError: It cannot be written.
    """
    from recommender.embedding.static import StaticEmbedder

    if isinstance(embedder, StaticEmbedder):
        embedder.prepare(kept)


def _open_one(folder: Path, kept: Path | None = None, expected: str = "", device: str = "cpu") -> Embedder:
    from recommender.embedding.static import StaticEmbedder, is_static

    if is_static(folder):
        return StaticEmbedder(folder, kept, expected)
    from recommender.embedding.sentence import SentenceEmbedder

    return SentenceEmbedder(folder, device=device)
