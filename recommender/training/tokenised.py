"""Texts and pairs as token ids, the form that training reads, and their files."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file, save_file
from scipy.sparse import csr_matrix
from tokenizers import Tokenizer

from recommender.training.pairs import Pairs

CHUNK = 8_192


@dataclass(frozen=True, slots=True)
class TokenisedTexts:
    """Token ids of many texts in one array; text `i` is `ids[starts[i] : starts[i + 1]]`."""

    ids: NDArray[np.int32]
    starts: NDArray[np.int64]

    @classmethod
    def of(cls, texts: list[str], tokenizer: Tokenizer, max_tokens: int) -> "TokenisedTexts":
        """Tokenise, cutting each text after `max_tokens`."""
        parts: list[NDArray[np.int32]] = [np.zeros(0, dtype=np.int32)]
        for begin in range(0, len(texts), CHUNK):
            encodings = tokenizer.encode_batch_fast(texts[begin : begin + CHUNK], add_special_tokens=False)
            parts += [np.asarray(encoding.ids[:max_tokens], dtype=np.int32) for encoding in encodings]
        starts = np.cumsum([len(part) for part in parts])
        return cls(np.concatenate(parts), starts.astype(np.int64))

    def __len__(self) -> int:
        return len(self.starts) - 1

    def bag(self, rows: NDArray[np.int64]) -> tuple[NDArray[np.int64], csr_matrix]:
        """Return the distinct tokens of some texts, and each text as shares (texts, tokens) of them."""
        lengths = self.starts[rows + 1] - self.starts[rows]
        ends = np.cumsum(lengths)
        places = np.arange(ends[-1]) + np.repeat(self.starts[rows] - ends + lengths, lengths)
        tokens, columns = np.unique(self.ids[places], return_inverse=True)
        shares = np.repeat(1 / np.maximum(lengths, 1), lengths).astype(np.float32)
        pointers = np.concatenate([[0], ends])
        return tokens.astype(np.int64), csr_matrix(
            (shares, columns, pointers), shape=(len(rows), len(tokens))
        )


@dataclass(frozen=True, slots=True)
class TokenisedPairs:
    """One stream, ready to be learnt: tokens of both sides, and which texts are the same text."""

    left: TokenisedTexts
    right: TokenisedTexts
    left_text: NDArray[np.int64]
    right_text: NDArray[np.int64]

    @classmethod
    def of(cls, pairs: Pairs, tokenizer: Tokenizer, max_tokens: int) -> "TokenisedPairs":
        """Tokenise both sides, cutting each text after `max_tokens`."""
        return cls(
            TokenisedTexts.of(pairs.left, tokenizer, max_tokens),
            TokenisedTexts.of(pairs.right, tokenizer, max_tokens),
            _numbered(pairs.left),
            _numbered(pairs.right),
        )

    def __len__(self) -> int:
        return len(self.left_text)

    def save(self, path: Path) -> None:
        """Write the pairs as a safetensors file."""
        save_file(
            {
                "left.ids": self.left.ids,
                "left.starts": self.left.starts,
                "right.ids": self.right.ids,
                "right.starts": self.right.starts,
                "left_text": self.left_text,
                "right_text": self.right_text,
            },
            path,
        )

    @classmethod
    def load(cls, path: Path) -> "TokenisedPairs":
        """Read what `save` wrote."""
        arrays = load_file(path)
        left, right = (
            TokenisedTexts(arrays[f"{side}.ids"], arrays[f"{side}.starts"]) for side in ("left", "right")
        )
        return cls(left, right, arrays["left_text"], arrays["right_text"])


def _numbered(texts: list[str]) -> NDArray[np.int64]:
    numbers: dict[str, int] = {}
    return np.array([numbers.setdefault(text, len(numbers)) for text in texts], dtype=np.int64)
