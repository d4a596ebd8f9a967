"""Texts as token ids, one after the other in one array, which lies where the model learns."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer

Ids = NDArray[np.int64]
CHUNK = 8_192


@dataclass(frozen=True, slots=True)
class Texts:
    """Texts as token ids, special tokens included.

    Attributes:
        ids: All tokens (n_tokens,), int32.
        starts: Where each text begins and the last one ends (n + 1,), int64.
        keys: A number of each text (n,), int64, the same for the same text.
    """

    ids: torch.Tensor
    starts: torch.Tensor
    keys: torch.Tensor

    @classmethod
    def of(cls, texts: Sequence[str], tokenizer: Tokenizer, max_tokens: int) -> "Texts":
        """Tokenise; a text cut at `max_tokens` keeps its last special token."""
        ids: list[NDArray[np.int32]] = []
        for start in range(0, len(texts), CHUNK):
            for encoding in tokenizer.encode_batch(list(texts[start : start + CHUNK])):
                whole = encoding.ids
                cut = whole if len(whole) <= max_tokens else [*whole[: max_tokens - 1], whole[-1]]
                ids.append(np.array(cut, dtype=np.int32))
        return cls.joined(ids)

    @classmethod
    def joined(cls, ids: Sequence[NDArray[np.int32]]) -> "Texts":
        """Put texts one after the other."""
        starts = np.cumsum([0, *map(len, ids)], dtype=np.int64)
        numbers: dict[bytes, int] = {}
        keys = np.array([numbers.setdefault(part.tobytes(), len(numbers)) for part in ids], dtype=np.int64)
        whole = np.concatenate([np.empty(0, np.int32), *ids]).astype(np.int32)
        return cls(torch.from_numpy(whole), torch.from_numpy(starts), torch.from_numpy(keys))

    @classmethod
    def from_tensors(cls, tensors: Mapping[str, torch.Tensor], prefix: str) -> "Texts":
        """Take what `tensors` made."""
        return cls(*(tensors[prefix + name] for name in ("ids", "starts", "keys")))

    def tensors(self, prefix: str) -> dict[str, torch.Tensor]:
        """Return what a file keeps, each name after `prefix`."""
        return {prefix + name: getattr(self, name) for name in ("ids", "starts", "keys")}

    def to(self, device: torch.device) -> "Texts":
        """Return the same texts on another device."""
        return Texts(self.ids.to(device), self.starts.to(device), self.keys.to(device))

    def lengths(self) -> Ids:
        """Return the number of tokens of each text."""
        lengths: Ids = self.starts.diff().cpu().numpy()
        return lengths

    def padded(self, rows: Ids) -> tuple[torch.Tensor, torch.Tensor]:
        """Return ids and mask (texts, tokens), int64, of some texts."""
        places = torch.from_numpy(rows).to(self.ids.device)
        first, counts = self.starts[places, None], self.starts.diff()[places, None]
        columns = torch.arange(int(counts.max()), device=self.ids.device)
        mask = columns < counts
        ids = self.ids[(first + columns).clamp_(max=len(self.ids) - 1)]
        return (ids * mask).long(), mask.long()

    def __len__(self) -> int:
        return len(self.keys)
