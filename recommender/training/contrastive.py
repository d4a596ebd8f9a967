"""Learn token vectors so that the two sides of a pair lie nearer than any other two of the batch.

The loss is InfoNCE in both directions (van den Oord 2018, arXiv:1807.03748), added up over nested
prefixes of the vector (Matryoshka, Kusupati 2022, arXiv:2205.13147). Only the rows of the tokens in
the batch are touched: a text is a sparse row of token shares, and Adam keeps its state a row.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from tokenizers import Tokenizer

from recommender.training.pairs import Pairs
from recommender.training.recipe import Recipe

CHUNK = 8_192
OnStep = Callable[[int, int, str, float], None]
Table = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class TokenisedTexts:
    """Token ids of many texts in one array; text `i` is `ids[starts[i] : starts[i + 1]]`."""

    ids: NDArray[np.int32]
    starts: NDArray[np.int64]

    @classmethod
    def of(cls, texts: list[str], tokenizer: Tokenizer, max_tokens: int) -> "TokenisedTexts":
        """Tokenise, cutting each text after `max_tokens`."""
        parts: list[NDArray[np.int32]] = []
        for begin in range(0, len(texts), CHUNK):
            encodings = tokenizer.encode_batch_fast(texts[begin : begin + CHUNK], add_special_tokens=False)
            parts += [np.asarray(encoding.ids[:max_tokens], dtype=np.int32) for encoding in encodings]
        starts = np.concatenate([[0], np.cumsum([len(part) for part in parts])])
        return cls(np.concatenate(parts), starts.astype(np.int64))

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
        return cls(
            TokenisedTexts.of(pairs.left, tokenizer, max_tokens),
            TokenisedTexts.of(pairs.right, tokenizer, max_tokens),
            _numbered(pairs.left),
            _numbered(pairs.right),
        )

    def __len__(self) -> int:
        return len(self.left_text)


def _numbered(texts: list[str]) -> NDArray[np.int64]:
    numbers: dict[str, int] = {}
    return np.array([numbers.setdefault(text, len(numbers)) for text in texts], dtype=np.int64)


class RowAdam:
    """Adam (Kingma 2015, arXiv:1412.6980) that moves only the rows it is given."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.mean = np.zeros_like(table)
        self.square = np.zeros_like(table)
        self.steps = np.zeros(len(table), dtype=np.int32)

    def move(self, rows: NDArray[np.int64], gradient: Table, rate: float) -> None:
        """Take one step of size `rate` on `rows`."""
        self.steps[rows] += 1
        steps = self.steps[rows, None].astype(np.float32)
        mean = 0.9 * self.mean[rows] + 0.1 * gradient
        square = 0.999 * self.square[rows] + 0.001 * gradient**2
        self.mean[rows], self.square[rows] = mean, square
        mean /= 1 - np.float32(0.9) ** steps
        square /= 1 - np.float32(0.999) ** steps
        self.table[rows] -= rate * mean / (np.sqrt(square) + 1e-8)


def schedule(
    streams: dict[str, TokenisedPairs], recipe: Recipe, chance: np.random.Generator
) -> list[tuple[str, NDArray[np.int64]]]:
    """Return every batch of the run as (stream, rows), in random order."""
    batches = []
    for name, pairs in sorted(streams.items()):
        stream = recipe.stream_of(name)
        if stream is None or len(pairs) < 2:
            continue
        size = min(stream.batch, len(pairs))
        rows = _rows(len(pairs), max(size, round(stream.passes * len(pairs))), chance)
        batches += [(name, rows[i : i + size]) for i in range(0, len(rows) - size + 1, size)]
    return [batches[i] for i in chance.permutation(len(batches))]


def _rows(n: int, wanted: int, chance: np.random.Generator) -> NDArray[np.int64]:
    passes = -(-wanted // n)
    return np.concatenate([chance.permutation(n) for _ in range(passes)])[:wanted]


def learning_rates(recipe: Recipe, steps: int) -> Iterator[float]:
    """Yield the learning rate of each step: linear warm-up, then linear decay to zero."""
    warm = max(1, round(recipe.warmup * steps))
    for step in range(steps):
        share = (step + 1) / warm if step < warm else (steps - step) / (steps - warm)
        yield recipe.learning_rate * share


def train(streams: dict[str, TokenisedPairs], n_tokens: int, recipe: Recipe, on_step: OnStep) -> Table:
    """Return the trained token vectors (n_tokens, recipe.dim), not normalised."""
    chance = np.random.default_rng(recipe.seed)
    table = chance.normal(0, recipe.spread, (n_tokens, recipe.dim)).astype(np.float32)
    adam = RowAdam(table)
    batches = schedule(streams, recipe, chance)
    rates = learning_rates(recipe, len(batches))
    for step, ((name, rows), rate) in enumerate(zip(batches, rates, strict=True)):
        loss = _step(adam, streams[name], rows, recipe, rate)
        on_step(step + 1, len(batches), name, loss)
    return table


def _step(
    adam: RowAdam, pairs: TokenisedPairs, rows: NDArray[np.int64], recipe: Recipe, rate: float
) -> float:
    bags = [side.bag(rows) for side in (pairs.left, pairs.right)]
    texts = [bag @ adam.table[tokens] for tokens, bag in bags]
    same = _same(pairs.left_text[rows]) | _same(pairs.right_text[rows])
    loss, *slopes = matryoshka_loss(texts[0], texts[1], same, recipe)
    tokens = np.unique(np.concatenate([tokens for tokens, _ in bags]))
    gradient = np.zeros((len(tokens), recipe.dim), dtype=np.float32)
    for (own, bag), slope in zip(bags, slopes, strict=True):
        gradient[np.searchsorted(tokens, own)] += bag.T @ slope
    adam.move(tokens, gradient, rate)
    return loss


def _same(texts: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Tell which two places of a batch hold one text, a place and itself left out."""
    equal: NDArray[np.bool_] = texts[:, None] == texts[None, :]
    np.fill_diagonal(equal, val=False)
    return equal


def matryoshka_loss(
    left: Table, right: Table, same: NDArray[np.bool_], recipe: Recipe
) -> tuple[float, Table, Table]:
    """Return the mean InfoNCE loss over all nested sizes and both directions, and its gradients.

    Written out by hand, since one exponential serves both directions: several times faster than
    automatic differentiation, which a test compares it with.

    Args:
        left: Text vectors (n, dim).
        right: Likewise; row i of one belongs to row i of the other.
        same: (n, n), true where a rival is no rival since it is the same text.
        recipe: For the sizes and the temperature. Scores are below 1 / temperature, which must not
            overflow an exponential in float32 (temperature above 0.012).
    """
    loss = 0.0
    sides = torch.from_numpy(left), torch.from_numpy(right)
    slopes = torch.zeros_like(sides[0]), torch.zeros_like(sides[1])
    rivals = torch.from_numpy(~same).float() if same.any() else None
    for dim in recipe.dims:
        part, (one, other) = _infonce(sides[0][:, :dim], sides[1][:, :dim], rivals, recipe.temperature)
        loss += part / len(recipe.dims)
        slopes[0][:, :dim] += one / len(recipe.dims)
        slopes[1][:, :dim] += other / len(recipe.dims)
    return loss, slopes[0].numpy(), slopes[1].numpy()


def _infonce(
    left: torch.Tensor, right: torch.Tensor, rivals: torch.Tensor | None, temperature: float
) -> tuple[float, tuple[torch.Tensor, torch.Tensor]]:
    """Return the symmetric InfoNCE loss of one size and its gradients with respect to both sides."""
    norms = [side.norm(dim=1, keepdim=True).clamp_min(1e-12) for side in (left, right)]
    one, other = left / norms[0], right / norms[1]
    logits = (one @ other.T).div_(temperature)
    own = logits.diagonal().clone()
    odds = logits.exp_()
    if rivals is not None:
        odds *= rivals
    rows, columns = odds.sum(1), odds.sum(0)
    loss = (rows.log() + columns.log() - 2 * own).mean().item() / 2
    slope = odds.mul_(1 / rows[:, None] + 1 / columns[None, :])
    slope.diagonal().sub_(2)
    slope.div_(2 * len(left) * temperature)
    return loss, (
        _through_normalisation(slope @ other, one, norms[0]),
        _through_normalisation(slope.T @ one, other, norms[1]),
    )


def _through_normalisation(slope: torch.Tensor, unit: torch.Tensor, norm: torch.Tensor) -> torch.Tensor:
    """Carry a gradient from unit vectors back to the vectors they were made of."""
    return (slope - unit * (slope * unit).sum(1, keepdim=True)) / norm
