"""The token vectors of a static model, in full: what training begins with."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from recommender.embedding.static import is_static
from recommender.embedding.weights import TokenVectors
from recommender.errors import ModelError
from recommender.training.tokenised import TokenisedTexts


@dataclass(frozen=True, slots=True)
class StaticModel:
    """A tokenizer, which cuts nothing off, and one vector (n_tokens, dim) for each of its tokens."""

    tokenizer: Tokenizer
    vectors: NDArray[np.float32]

    @classmethod
    def read(cls, folder: Path) -> "StaticModel":
        """Read a model folder.

        Raises:
            ModelError: It is no static model, or its files are not in the folder itself.
        """
        if not is_static(folder):
            raise ModelError(f"{folder} is no static model, which has one vector a token; choose one that is")
        if not (folder / "tokenizer.json").is_file():
            raise ModelError(
                f"{folder} keeps its files in a subfolder; save it anew with sentence-transformers"
            )
        try:
            tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        except Exception as problem:  # tokenizers raises bare Exception, nothing narrower
            raise ModelError(f"{folder / 'tokenizer.json'} cannot be read: {problem}") from problem
        tokenizer.no_padding()
        tokenizer.no_truncation()
        stored = TokenVectors(folder / "model.safetensors")
        n_tokens = tokenizer.get_vocab_size()
        if n_tokens > len(stored):
            raise ModelError(f"{folder}: the tokenizer has {n_tokens} tokens, the weights {len(stored)} rows")
        return cls(tokenizer, stored.of(np.arange(len(stored))))

    @property
    def dim(self) -> int:
        """The length of a vector."""
        return int(self.vectors.shape[1])

    def shortened(self, texts: TokenisedTexts, frequent: float) -> NDArray[np.float32]:
        """Return the vectors, the shorter the more texts hold the token: what all say tells no two apart.

        Args:
            texts: Texts of one corpus.
            frequent: The vector of a token that all of them hold is divided by 1 + `frequent`.
        """
        counts = np.zeros(len(self.vectors), dtype=np.float32)
        for start, end in pairwise(texts.starts.tolist()):
            counts[np.unique(texts.ids[start:end])] += 1
        divisors = 1 + np.float32(frequent) * counts / np.float32(max(1, len(texts)))
        return np.asarray(self.vectors / divisors[:, None], dtype=np.float32)

    def by_token(self) -> Mapping[str, NDArray[np.float32]]:
        """Return the vectors by the text of their tokens."""
        return {token: self.vectors[row] for token, row in self.tokenizer.get_vocab().items()}
