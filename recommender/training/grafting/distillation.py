"""Teach an English transformer other languages through the vectors of new tokens alone.

The body stays frozen, so English keeps its vectors. A text of another language is drawn to the vector
that the same body gives its English side (multilingual distillation, Reimers & Gurevych 2020,
arXiv:2004.09813), and two texts of one paper are drawn together (InfoNCE, arXiv:1807.03748). The gradient
passes through the body to the rows of the added tokens, which are all that moves.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer

from recommender.training.checkpoints import Arrays
from recommender.training.contrastive import RowAdam, Table
from recommender.training.grafting.recipe import GraftRecipe

Ids = NDArray[np.int64]
CHUNK = 8_192
DECAY = 0.99  # of Adam; a row is seen seldom, so its scale is learnt faster than usual


@dataclass(frozen=True, slots=True)
class Texts:
    """Texts as token ids, special tokens included."""

    ids: list[NDArray[np.int32]]

    @classmethod
    def of(cls, texts: Sequence[str], tokenizer: Tokenizer, max_tokens: int) -> "Texts":
        """Tokenise; a text cut at `max_tokens` keeps its last special token."""
        ids: list[NDArray[np.int32]] = []
        for start in range(0, len(texts), CHUNK):
            for encoding in tokenizer.encode_batch(list(texts[start : start + CHUNK])):
                whole = encoding.ids
                cut = whole if len(whole) <= max_tokens else [*whole[: max_tokens - 1], whole[-1]]
                ids.append(np.array(cut, dtype=np.int32))
        return cls(ids)

    def lengths(self) -> NDArray[np.int64]:
        """Return the number of tokens of each text."""
        return np.array([len(ids) for ids in self.ids], dtype=np.int64)

    def padded(self, rows: Ids) -> tuple[Ids, torch.Tensor]:
        """Return ids and mask (texts, tokens) of some texts."""
        texts = [self.ids[row] for row in rows]
        shape = len(texts), max(map(len, texts))
        ids, mask = np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=np.int64)
        for row, text in enumerate(texts):
            ids[row, : len(text)] = text
            mask[row, : len(text)] = 1
        return ids, torch.from_numpy(mask)


@dataclass(frozen=True, slots=True)
class Lesson:
    """Pairs of one kind: `left` is learnt; `right` is given by the teacher if it is English, else learnt."""

    left: Texts
    right: Texts
    english: bool

    def batches(self, recipe: GraftRecipe, chance: np.random.Generator) -> list[Ids]:
        """Return batches of pairs of about one length, so that little of the work is padding."""
        length = np.maximum(self.left.lengths(), self.right.lengths()) + chance.uniform(0, 3, len(self))
        order = np.argsort(length, kind="stable")
        batches, start = [], 0
        while start < len(order):
            size = int(recipe.batch_tokens / length[order[start]])
            size = min(recipe.largest_batch, max(recipe.smallest_batch, size))
            batches.append(chance.permutation(order[start : start + size]))
            start += size
        return [batch for batch in batches if len(batch) > recipe.smallest_batch // 2]

    def __len__(self) -> int:
        return len(self.left.ids)


class Body:
    """A frozen BERT encoder that reads vectors of tokens, whatever tokens they are."""

    def __init__(self, encoder: Any) -> None:
        """Take a `transformers` model; its own word embeddings are not used."""
        self._encoder = encoder.eval().requires_grad_(False)

    def __call__(self, tokens: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """Return unit text vectors (n, dim) of token vectors (n, tokens, dim): mean pooling, normalised."""
        states = self._encoder(inputs_embeds=tokens, attention_mask=mask).last_hidden_state
        share = mask.unsqueeze(-1).to(states.dtype)
        return torch.nn.functional.normalize((states * share).sum(1) / share.sum(1), dim=1)


class NewRows:
    """The rows of a matrix from `first` on, moved by Adam where they are met."""

    def __init__(self, matrix: Table, first: int) -> None:
        self.matrix = matrix
        self.first = first
        self._adam = RowAdam(matrix[first:], decay=DECAY)

    def state(self) -> Arrays:
        """Return the arrays themselves; whoever writes into them sets the state."""
        return self._adam.state()

    def move(self, ids: Ids, slopes: Table, rate: float) -> None:
        """Take one step on the rows among `ids`, given the gradient of each place."""
        new = ids >= self.first
        rows, places = np.unique(ids[new] - self.first, return_inverse=True)
        gradient = np.zeros((len(rows), self.matrix.shape[1]), dtype=np.float32)
        np.add.at(gradient, places, slopes[new])
        self._adam.move(rows, gradient, rate)


def plan_of(
    lessons: Mapping[str, Lesson], recipe: GraftRecipe, chance: np.random.Generator
) -> list[tuple[str, Ids]]:
    """Return every batch of the run as (lesson, pairs), in random order."""
    plan = [(name, rows) for name in sorted(lessons) for rows in lessons[name].batches(recipe, chance)]
    return [plan[place] for place in chance.permutation(len(plan))]


def rate_at(step: int, steps: int, recipe: GraftRecipe) -> float:
    """Return the learning rate of a step: linear warm-up, linear decay to zero."""
    return recipe.learning_rate * min((step + 1) / recipe.warmup_steps, (steps - step) / steps)


def learn(body: Body, rows: NewRows, lesson: Lesson, batch: Ids, recipe: GraftRecipe, rate: float) -> float:
    """Take one step on one batch and return its loss."""
    texts: list[torch.Tensor] = []
    learnt: list[tuple[Ids, torch.Tensor]] = []
    for side, given in ((lesson.left, False), (lesson.right, lesson.english)):
        ids, mask = side.padded(batch)
        tokens = torch.from_numpy(rows.matrix[ids])
        if not given:
            learnt.append((ids, tokens.requires_grad_()))
        with torch.set_grad_enabled(not given):
            texts.append(body(tokens, mask))
    loss = distillation_loss(texts[0], texts[1], recipe)
    loss.backward()  # type: ignore[no-untyped-call]
    ids = np.concatenate([ids.ravel() for ids, _ in learnt])
    slopes = np.concatenate([_gradient(tokens) for _, tokens in learnt])
    rows.move(ids, slopes, rate)
    return float(loss.item())


def _gradient(tokens: torch.Tensor) -> Table:
    if tokens.grad is None:
        raise RuntimeError("the body let no gradient through")
    gradient: Table = tokens.grad.flatten(0, 1).numpy()
    return gradient


def distillation_loss(left: torch.Tensor, right: torch.Tensor, recipe: GraftRecipe) -> torch.Tensor:
    """Return symmetric InfoNCE plus `recipe.closeness` × (1 − cosine) of unit vectors (n, dim)."""
    cosines = left @ right.T
    own = torch.arange(len(left))
    entropy = torch.nn.functional.cross_entropy
    odds = cosines / recipe.temperature
    loss: torch.Tensor = (entropy(odds, own) + entropy(odds.T, own)) / 2
    return loss + recipe.closeness * (1 - cosines.diagonal()).mean()
