"""Any SentenceTransformer, read in windows so that no text is cut off."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from recommender.embedding.folder import fingerprint, module_types
from recommender.errors import ModelError
from recommender.vectors import Vectors, checked, normalised

BATCH = 32


class SentenceEmbedder:
    """A SentenceTransformer model.

    A text longer than the model reads is split into windows of full length; its vector is the mean of
    theirs, weighted by their numbers of tokens.
    """

    def __init__(self, folder: Path) -> None:
        """Load the model of `folder` on the CPU.

        Raises:
            ModelError: The folder is not a model that sentence-transformers can load.
        """
        module_types(folder)
        from sentence_transformers import SentenceTransformer

        self.fingerprint = fingerprint(folder)
        try:
            self._model: Any = SentenceTransformer(str(folder), device="cpu", local_files_only=True)
        except (OSError, ValueError, KeyError, ImportError, RuntimeError) as problem:
            raise ModelError(f"{folder} cannot be loaded: {str(problem).splitlines()[0]}") from problem
        self._model.float().eval()

    @property
    def dim(self) -> int:
        return int(self._model.get_embedding_dimension())

    def encode(self, texts: Sequence[str]) -> Vectors:
        pieces = [self._pieces(text) for text in texts]
        flat = [piece for parts in pieces for piece, _ in parts]
        vectors = self._model.encode(flat, batch_size=BATCH, show_progress_bar=False)
        weights = np.array([tokens for parts in pieces for _, tokens in parts], dtype=np.float32)
        try:
            weighted = normalised(vectors) * weights[:, None]
            starts = np.cumsum([0, *(len(parts) for parts in pieces[:-1])])
            summed = np.add.reduceat(weighted, starts, axis=0) if flat else np.zeros((0, self.dim))
            return checked(normalised(summed), len(texts), self.dim)
        except ValueError as problem:
            raise ModelError(f"the model has no vector for some of the texts: {problem}") from problem

    def windows(self, texts: Sequence[str]) -> list[int]:
        return [len(self._pieces(text)) for text in texts]

    def _pieces(self, text: str) -> list[tuple[str, int]]:
        """Return the windows of a text with their numbers of tokens."""
        limit = self._model.max_seq_length
        tokenizer = getattr(self._model, "tokenizer", None)
        if limit is None or not np.isfinite(limit) or not callable(tokenizer):
            return [(text, 1)]
        encoded = tokenizer(
            text, add_special_tokens=False, truncation=False, return_offsets_mapping=True, verbose=False
        )
        spans = encoded["offset_mapping"]
        room = int(limit) - tokenizer.num_special_tokens_to_add()
        if len(spans) <= room:
            return [(text, max(1, len(spans)))]
        groups = [spans[start : start + room] for start in range(0, len(spans), room)]
        return [(text[group[0][0] : group[-1][1]], len(group)) for group in groups]
