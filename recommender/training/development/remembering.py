"""An embedder that reads no text twice: not in one run, nor, with a cache folder, in the next."""

import hashlib
from collections.abc import Sequence

import numpy as np

from recommender.embedding import Embedder, EmbeddingCache, OnProgress
from recommender.vectors import Vectors, checked

TEXTS_AT_ONCE = 256


def silent(_done: int, _total: int) -> None:
    """Ignore progress."""


class RememberingEmbedder:
    """A model and all the vectors it ever gave, by text."""

    def __init__(
        self, embedder: Embedder, cache: EmbeddingCache | None = None, on_progress: OnProgress = silent
    ) -> None:
        """Stand in for `embedder`.

        Args:
            embedder: The model.
            cache: Where its vectors are kept beyond this run; None: nowhere.
            on_progress: Told after each batch how many of the texts of a call are read.
        """
        self._embedder = embedder
        self._cache = cache
        self._on_progress = on_progress
        self._known: dict[str, Vectors] = {}

    @property
    def fingerprint(self) -> str:
        return self._embedder.fingerprint

    @property
    def dim(self) -> int:
        return self._embedder.dim

    @property
    def fills_cores(self) -> bool:
        return self._embedder.fills_cores

    def encode(self, texts: Sequence[str]) -> Vectors:
        missing = {_digest(text): text for text in dict.fromkeys(texts) if text not in self._known}
        if self._cache is not None and missing:
            for digest, vector in self._cache.get([*missing]).items():
                self._known[missing.pop(digest)] = vector
        self._read(missing)
        rows = [self._known[text] for text in texts]
        return np.stack(rows) if rows else np.zeros((0, self.dim), dtype=np.float32)

    def windows(self, texts: Sequence[str]) -> list[int]:
        return self._embedder.windows(texts)

    def _read(self, missing: dict[str, str]) -> None:
        """Read texts of like lengths together, which is how a transformer is fastest."""
        digests = sorted(missing, key=lambda digest: (len(missing[digest]), digest))
        for start in range(0, len(digests), TEXTS_AT_ONCE):
            part = digests[start : start + TEXTS_AT_ONCE]
            texts = [missing[digest] for digest in part]
            vectors = checked(self._embedder.encode(texts), len(part), self.dim)
            if self._cache is not None:
                self._cache.put(part, vectors)
            self._known |= dict(zip(texts, vectors, strict=True))
            self._on_progress(start + len(part), len(digests))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
