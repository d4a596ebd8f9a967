"""The light path of static models: a text's vector is the mean of its tokens' vectors.

Reads the folder of a sentence-transformers `StaticEmbedding` with tokenizers, safetensors and NumPy
alone, so that nothing waits for torch. The vectors equal `SentenceTransformer(folder).encode`.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from tokenizers import Tokenizer

from recommender.embedding.folder import fingerprint, module_types
from recommender.errors import ModelError
from recommender.vectors import Vectors, checked, normalised

WEIGHTS = ("embedding.weight", "embeddings")  # as sentence-transformers and as model2vec name them
TEXTS_AT_ONCE = 256  # tokenised in parallel; their tokens stay within some megabytes


class StaticEmbedder:
    """Mean of token vectors, without truncation. Safe to share between threads."""

    def __init__(self, folder: Path) -> None:
        """Load the model of `folder`.

        Raises:
            ModelError: A file is missing or damaged, or tokenizer and weights do not fit.
        """
        self._folder = folder
        self.fingerprint = fingerprint(folder)
        self._tokenizer = _tokenizer(folder / "tokenizer.json")
        self._table = _table(folder / "model.safetensors")
        tokens = self._tokenizer.get_vocab_size()
        if tokens > len(self._table):
            raise ModelError(
                f"{folder}: the tokenizer has {tokens} tokens, the weights {len(self._table)} rows"
            )

    @property
    def dim(self) -> int:
        return int(self._table.shape[1])

    def encode(self, texts: Sequence[str]) -> Vectors:
        means = np.empty((len(texts), self.dim), dtype=np.float32)
        for start in range(0, len(texts), TEXTS_AT_ONCE):
            part = texts[start : start + TEXTS_AT_ONCE]
            means[start : start + len(part)] = self._means(part)
        try:
            return checked(normalised(means), len(texts), self.dim)
        except ValueError as problem:
            raise ModelError(f"the model has no vector for some of the texts: {problem}") from problem

    def windows(self, texts: Sequence[str]) -> list[int]:
        return [1] * len(texts)

    def _means(self, texts: Sequence[str]) -> NDArray[np.float32]:
        means = np.zeros((len(texts), self.dim), dtype=np.float32)
        # Text by text: twice as fast as all token vectors at once, and the batch cannot change a sum.
        for mean, tokens in zip(means, self._tokens(texts), strict=True):
            if tokens and max(tokens) >= len(self._table):
                raise ModelError(
                    f"{self._folder}: the tokenizer gives token {max(tokens)}, the weights end before it"
                )
            if tokens:
                mean[:] = self._table[tokens].sum(axis=0, dtype=np.float32) / len(tokens)
        return means

    def _tokens(self, texts: Sequence[str]) -> list[list[int]]:
        try:
            encodings = self._tokenizer.encode_batch_fast(list(texts), add_special_tokens=False)
        except Exception as problem:  # the library raises bare Exception and nothing else
            raise ModelError(f"the tokenizer of {self._folder} cannot read the text: {problem}") from problem
        return [encoding.ids for encoding in encodings]


def is_static(folder: Path) -> bool:
    """Tell whether the light path can read the model of `folder`."""
    types = module_types(folder)
    plain = types[:1] == ["StaticEmbedding"] and set(types[1:]) <= {"Normalize"}
    return plain and any((folder / name).is_file() for name in ("model.safetensors", "tokenizer.json"))


def _tokenizer(path: Path) -> Tokenizer:
    try:
        tokenizer = Tokenizer.from_file(str(path))
    except Exception as problem:  # tokenizers raises bare Exception, nothing narrower
        raise ModelError(f"{path} cannot be read: {problem}") from problem
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


def _table(path: Path) -> NDArray[np.floating]:
    try:
        with safe_open(path, framework="numpy") as tensors:
            names = set(tensors.keys())
            found = [name for name in WEIGHTS if name in names]
            if not found or len(names) > 1:
                raise ModelError(f"{path} holds {sorted(names)}, expected {WEIGHTS[0]} alone")
            table: NDArray[np.floating] = tensors.get_tensor(found[0])
    except (SafetensorError, OSError) as problem:
        raise ModelError(f"{path} cannot be read: {problem}") from problem
    if table.ndim != 2 or table.dtype not in (np.float16, np.float32):
        raise ModelError(
            f"{path}: expected token vectors in float16 or float32, got {table.dtype} {table.shape}"
        )
    return table
