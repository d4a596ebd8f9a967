"""The model that teaches."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import numpy as np
import torch

from recommender.embedding import Embedder, EmbeddingCache, open_embedder
from recommender.embedding.folder import fingerprint
from recommender.embedding.joint import is_joint, open_joint
from recommender.embedding.static import StaticEmbedder, is_static
from recommender.training.development.remembering import RememberingEmbedder
from recommender.training.grafting.beginning import opened, rows_of, tokenizer_in
from recommender.training.grafting.student import Body
from recommender.training.grafting.teacher import vectors_of
from recommender.training.grafting.texts import Texts
from recommender.training.token_table import CPU
from recommender.vectors import Vectors


@contextmanager
def reading(teacher: Path, home: Path, device: torch.device = CPU) -> Iterator[Embedder]:
    """Open a teacher that reads on a device; on the CPU, what it once read is kept in `home`."""
    if device != CPU:
        yield on_device(teacher, device)
        return
    embedder = open_embedder(str(teacher))
    with EmbeddingCache(home / "teacher", fingerprint=embedder.fingerprint, dim=embedder.dim) as cache:
        yield RememberingEmbedder(embedder, cache)


def on_device(folder: Path, device: torch.device) -> Embedder:
    """Open a bundled model or one like it (static, BERT, or several joined) whose BERT reads on a device."""
    open_part = partial(_open_part, device=device)
    return open_joint(folder, open_part) if is_joint(folder) else open_part(folder)


def _open_part(folder: Path, device: torch.device) -> Embedder:
    return StaticEmbedder(folder) if is_static(folder) else FirstWindow(folder, device)


class FirstWindow:
    """A BERT on a device that reads as much of each text as it can at once, and nothing beyond."""

    fills_cores = True

    def __init__(self, folder: Path, device: torch.device) -> None:
        """Open a SentenceTransformer of a BERT with mean pooling."""
        model = opened(folder)
        self.fingerprint = fingerprint(folder)
        self.dim = int(model.get_embedding_dimension())
        self._most = int(model.max_seq_length)
        self._tokenizer = tokenizer_in(folder)
        self._rows = rows_of(model).to(device)
        self._body = Body(model[0].auto_model, device)
        self._device = device

    def encode(self, texts: Sequence[str]) -> Vectors:
        tokenised = Texts.of(texts, self._tokenizer, self._most).to(self._device)
        return np.asarray(vectors_of(tokenised, self._rows, self._body).float().cpu().numpy())

    def windows(self, texts: Sequence[str]) -> list[int]:
        return [1] * len(texts)
