"""Token vectors that learn: texts are read as the mean of their tokens, gradients go back to the tokens.

On the CPU a batch is a sparse matrix of SciPy, which multiplies it faster there than PyTorch's bags do; on
any other device it is those bags, and the token ids of all texts lie there.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

import torch
from scipy.sparse import csr_matrix

from recommender.training.tokenised import TokenisedTexts
from recommender.vectors import Rows

CPU = torch.device("cpu")


class Reading(Protocol):
    """Some texts as they were read.

    Attributes:
        vectors: One (n_texts, dim) each.
        tokens: The distinct tokens (m,) of all of them.
    """

    @property
    def vectors(self) -> torch.Tensor: ...

    @property
    def tokens(self) -> torch.Tensor: ...

    def back(self, slope: torch.Tensor) -> torch.Tensor:
        """Return the gradient (m, dim) of the tokens, given that (n_texts, dim) of the texts."""
        ...


class TokenTable(Protocol):
    """Token vectors where they learn.

    Attributes:
        tensor: One (n_tokens, dim) each.
    """

    tensor: torch.Tensor

    def read(self, texts: TokenisedTexts, rows: Rows) -> Reading:
        """Read some of the texts."""
        ...


def table_like(vectors: torch.Tensor) -> TokenTable:
    """Return a copy of token vectors (n_tokens, dim) that learns where they are."""
    return CpuTable(vectors) if vectors.device == CPU else DeviceTable(vectors)


def gradient_of(parts: Iterable[tuple[Reading, torch.Tensor]]) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the distinct tokens (m,) of several readings, and the sum (m, dim) of their gradients.

    Args:
        parts: Readings, each with the gradient of its texts.
    """
    found = [(reading.tokens, reading.back(slope)) for reading, slope in parts]
    tokens, places = torch.unique(torch.cat([tokens for tokens, _ in found]), return_inverse=True)
    slopes = torch.cat([slope for _, slope in found])
    return tokens, slopes.new_zeros((len(tokens), slopes.shape[1])).index_add_(0, places, slopes)


@dataclass(frozen=True, slots=True)
class _SparseReading:
    vectors: torch.Tensor
    tokens: torch.Tensor
    bag: csr_matrix  # (n_texts, m)

    def back(self, slope: torch.Tensor) -> torch.Tensor:
        return torch.from_numpy(self.bag.T @ slope.numpy())


class CpuTable:
    """Token vectors on the CPU."""

    def __init__(self, vectors: torch.Tensor) -> None:
        self.tensor = vectors.clone()

    def read(self, texts: TokenisedTexts, rows: Rows) -> Reading:
        tokens, bag = texts.bag(rows)
        vectors = torch.from_numpy(bag @ self.tensor.numpy()[tokens])
        return _SparseReading(vectors, torch.from_numpy(tokens), bag)


@dataclass(frozen=True, slots=True)
class _BagReading:
    vectors: torch.Tensor
    tokens: torch.Tensor
    weights: torch.Tensor  # (m, dim), of which the vectors were made
    made: torch.Tensor  # the same vectors, which remember how

    def back(self, slope: torch.Tensor) -> torch.Tensor:
        return torch.autograd.grad(self.made, self.weights, slope)[0]


class DeviceTable:
    """Token vectors on a device of PyTorch, beside the token ids of every text that was read once."""

    def __init__(self, vectors: torch.Tensor) -> None:
        self.tensor = vectors.clone()
        # The texts stand beside their tensors, so that none is collected and another gets its id().
        self._there: dict[int, tuple[TokenisedTexts, torch.Tensor, torch.Tensor]] = {}

    def read(self, texts: TokenisedTexts, rows: Rows) -> Reading:
        ids, starts = self._taken(texts)
        chosen = torch.from_numpy(rows).to(ids.device)
        begins = starts[chosen]
        lengths = starts[chosen + 1] - begins
        ends = lengths.cumsum(0)
        places = torch.arange(int(ends[-1]), device=ids.device)
        places += torch.repeat_interleave(begins - ends + lengths, lengths)
        tokens, own = torch.unique(ids[places], return_inverse=True)
        weights = self.tensor[tokens].requires_grad_()
        made = torch.nn.functional.embedding_bag(own, weights, ends - lengths, mode="mean")
        return _BagReading(made.detach(), tokens.long(), weights, made)

    def _taken(self, texts: TokenisedTexts) -> tuple[torch.Tensor, torch.Tensor]:
        if id(texts) not in self._there:
            ids, starts = (
                torch.from_numpy(array).to(self.tensor.device) for array in (texts.ids, texts.starts)
            )
            self._there[id(texts)] = (texts, ids, starts)
        return self._there[id(texts)][1:]
