"""Any SentenceTransformer, read in windows so that no text is cut off."""

from collections.abc import Sequence
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError

from recommender.embedding.folder import fingerprint, module_types
from recommender.embedding.shipping import ModelFiles, PackedModel
from recommender.embedding.transformer_files import all_weights, check_tokens, check_transformer
from recommender.errors import ModelError
from recommender.vectors import Vectors, checked, normalised

BATCH_TOKENS = 8_192  # enough to multiply at full speed, and little memory
LARGEST_BATCH = 256
UNLOADABLE = (  # what sentence-transformers raises on damaged folders
    OSError,
    ValueError,
    KeyError,
    TypeError,
    AttributeError,
    ImportError,
    RuntimeError,
    SafetensorError,
)


class SentenceEmbedder:
    """A SentenceTransformer model.

    A text longer than the model reads is split into windows of full length; its vector is the mean of
    theirs, weighted by their numbers of tokens. Where the processor multiplies bfloat16 in tiles it is
    computed in that, which is faster; the vectors then differ in the third decimal.
    """

    fills_cores = True

    def __init__(self, folder: Path, precision: Any = None, device: str = "cpu") -> None:
        """Load the model of `folder`.

        Args:
            folder: The model folder.
            precision: The `torch.dtype` to compute in; None: `fastest_precision(device)`.
            device: Where it computes, as PyTorch calls it.

        Raises:
            ModelError: The folder is not a model that sentence-transformers can load.
        """
        module_types(folder)
        from sentence_transformers import SentenceTransformer
        from transformers.utils.logging import disable_progress_bar

        self.fingerprint = fingerprint(folder)
        check_transformer(folder)
        disable_progress_bar()  # type: ignore[no-untyped-call]  # of loading the weights
        dtype = precision or fastest_precision(device)
        try:
            with all_weights(folder):
                self._model: Any = SentenceTransformer(
                    str(folder), device=device, local_files_only=True, model_kwargs={"dtype": dtype}
                )
            check_tokens(folder, self._model)
        except UNLOADABLE as problem:
            what = f"{type(problem).__name__}: {problem}".splitlines()[0]
            raise ModelError(f"{folder} cannot be loaded: {what}") from problem
        self._model.to(dtype).eval()
        self._folder, self._precision, self._device = folder, dtype, device

    def __reduce__(self) -> tuple[Any, ...]:
        files = ModelFiles.of(self._folder, self.fingerprint)
        return PackedModel, (partial(type(self), precision=self._precision, device=self._device), files)

    @property
    def dim(self) -> int:
        return int(self._model.get_embedding_dimension())

    def encode(self, texts: Sequence[str]) -> Vectors:
        if not texts:
            return np.zeros((0, self.dim), dtype=np.float32)
        pieces = [self._pieces(text) for text in texts]
        flat = [piece for parts in pieces for piece in parts]
        weights = np.array([tokens for _, tokens in flat], dtype=np.float32)
        try:
            weighted = normalised(self._read(flat)) * weights[:, None]
            starts = np.cumsum([0, *(len(parts) for parts in pieces[:-1])])
            summed = np.add.reduceat(weighted, starts, axis=0)
            return checked(normalised(summed), len(texts), self.dim)
        except ValueError as problem:
            raise ModelError(f"the model has no vector for some of the texts: {problem}") from problem

    def _read(self, windows: Sequence[tuple[str, int]]) -> Vectors:
        """Return vectors (n, dim) of windows, each with its number of tokens, in batches of one length."""
        longest_first = sorted(range(len(windows)), key=lambda row: (-windows[row][1], -len(windows[row][0])))
        vectors = np.empty((len(windows), self.dim), dtype=np.float32)
        start = 0
        while start < len(windows):
            text, tokens = windows[longest_first[start]]
            size = min(LARGEST_BATCH, max(1, BATCH_TOKENS // max(tokens, len(text) // 8)))
            rows = longest_first[start : start + size]
            batch = [windows[row][0] for row in rows]
            vectors[rows] = self._model.encode(batch, batch_size=size, show_progress_bar=False)
            start += size
        return vectors

    def windows(self, texts: Sequence[str]) -> list[int]:
        return [len(self._pieces(text)) for text in texts]

    def segments(self, run: str) -> list[str]:
        tokenizer = getattr(self._model, "tokenizer", None)
        spans = _spans(tokenizer, run) if callable(tokenizer) else []
        starts = sorted({0, *(start for start, end in spans if start < end)})
        return [run[start:end] for start, end in pairwise([*starts, len(run)])] if spans else [*run]

    def _pieces(self, text: str) -> list[tuple[str, int]]:
        """Return the windows of a text with their numbers of tokens."""
        limit = self._model.max_seq_length
        tokenizer = getattr(self._model, "tokenizer", None)
        if limit is None or not np.isfinite(limit) or not callable(tokenizer):
            return [(text, 1)]
        spans = _spans(tokenizer, text)
        room = int(limit) - tokenizer.num_special_tokens_to_add()
        if len(spans) <= room:
            return [(text, max(1, len(spans)))]
        pieces, start = [], 0
        while start < len(spans):
            end = min(start + room, len(spans))
            piece = text[spans[start][0] : spans[end - 1][1]]
            # A window that begins or ends inside a word may take more tokens than the word had there.
            while (tokens := len(_spans(tokenizer, piece))) > room and end > start + 1:
                end = max(start + 1, end - (tokens - room))
                piece = text[spans[start][0] : spans[end - 1][1]]
            pieces.append((piece, max(1, tokens)))
            start = end
        return pieces


def fastest_precision(device: str = "cpu") -> Any:
    """Return the `torch.dtype` to compute in: on processors bfloat16 if they have AMX tiles, else float32."""
    import torch

    if device != "cpu":
        return torch.float16
    return torch.bfloat16 if torch.cpu.get_capabilities().get("amx_bf16") else torch.float32


def _spans(tokenizer: Any, text: str) -> list[tuple[int, int]]:
    """Return the first and the last character (exclusive) of each token."""
    encoded = tokenizer(
        text, add_special_tokens=False, truncation=False, return_offsets_mapping=True, verbose=False
    )
    spans: list[tuple[int, int]] = encoded["offset_mapping"]
    return spans
