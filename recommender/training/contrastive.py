"""Learn token vectors so that the two sides of a pair lie nearer than any other two of the batch.

Only the rows of the tokens in a batch are touched, and Adam keeps its state a row. A run is a fixed list of
batches, so it can stop after any and go on from there.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sized
from contextlib import contextmanager
from types import MappingProxyType

import numpy as np
import torch
from numpy.typing import NDArray

from recommender.errors import RecipeError
from recommender.training.checkpoints import Arrays, Checkpoint
from recommender.training.infonce import Table, matryoshka_loss, nearest
from recommender.training.likeness import KnownTexts, likeness_loss
from recommender.training.recipe import Recipe
from recommender.training.token_table import Reading, gradient_of, table_like
from recommender.training.tokenised import TokenisedPairs, TokenisedTexts
from recommender.vectors import Rows

__all__ = [
    "OnStep",
    "RowAdam",
    "Table",
    "TokenisedPairs",
    "TokenisedTexts",
    "learning_rates",
    "matryoshka_loss",
    "schedule",
    "train",
]
OF_ORDER = 1  # random numbers of their own: other first vectors leave the order of batches as it is
NOTHING: Mapping[str, KnownTexts] = MappingProxyType({})
OnStep = Callable[[int, int, str, float], None]  # (step, steps, stream, loss)


class RowAdam:
    """Adam (Kingma 2015, arXiv:1412.6980) that moves only the rows it is given, where the table lies."""

    def __init__(self, table: torch.Tensor, *, decay: float = 0.999) -> None:
        """Move the rows of `table`; `decay` is that of the squared gradients (beta 2)."""
        self.table = table
        self._decay = decay
        self.mean = torch.zeros_like(table)
        self.square = torch.zeros_like(table)
        self.steps = torch.zeros(len(table), dtype=torch.int32, device=table.device)

    def move(self, rows: torch.Tensor, gradient: torch.Tensor, rate: float) -> None:
        """Take one step of size `rate` on `rows`, each named once."""
        self.steps[rows] += 1
        steps = self.steps[rows, None].float()
        mean = 0.9 * self.mean[rows] + 0.1 * gradient
        square = self._decay * self.square[rows] + (1 - self._decay) * gradient**2
        self.mean[rows], self.square[rows] = mean, square
        mean /= 1 - 0.9**steps
        square /= 1 - self._decay**steps
        self.table[rows] -= rate * mean / (square.sqrt() + 1e-8)

    def tensors(self) -> dict[str, torch.Tensor]:
        """Return the tensors themselves; whoever writes into them sets the state."""
        return {"table": self.table, "mean": self.mean, "square": self.square, "steps": self.steps}


def schedule(
    streams: Mapping[str, TokenisedPairs], recipe: Recipe, known: Mapping[str, Sized] = NOTHING
) -> list[tuple[str, NDArray[np.int64]]]:
    """Return every batch of the run as (stream, rows), in random order within the stream's part of it.

    Args:
        streams: Pairs by stream.
        recipe: How each is fed.
        known: Texts whose likeness a teacher knows, by the name of their part of the recipe.
    """
    chance = np.random.default_rng([recipe.seed, OF_ORDER])
    fed = [(name, len(pairs), recipe.stream_of(name)) for name, pairs in sorted(streams.items())]
    batches = []
    places: list[NDArray[np.float64]] = []
    alike = [(part.name, len(known[part.name]), part) for part in recipe.likeness if part.name in known]
    for name, count, part in [*fed, *alike]:
        if part is None or count < 2:
            continue
        size = min(part.batch, count)
        rows = _rows(count, max(size, round(part.passes * count)), chance)
        own = [(name, rows[i : i + size]) for i in range(0, len(rows) - size + 1, size)]
        batches += own
        places.append(chance.uniform(part.begin, part.end, len(own)))
    return [batches[i] for i in np.argsort(np.concatenate(places))] if batches else []


def _rows(n: int, wanted: int, chance: np.random.Generator) -> NDArray[np.int64]:
    passes = -(-wanted // n)
    return np.concatenate([chance.permutation(n) for _ in range(passes)])[:wanted]


def learning_rates(recipe: Recipe, steps: int) -> Iterator[float]:
    """Yield the learning rate of each step: linear warm-up, then linear decay to zero."""
    warm = max(1, round(recipe.warmup * steps))
    for step in range(steps):
        share = (step + 1) / warm if step < warm else (steps - step) / (steps - warm)
        yield recipe.learning_rate * share


def train(
    streams: Mapping[str, TokenisedPairs],
    start: torch.Tensor,
    recipe: Recipe,
    on_step: OnStep,
    checkpoint: Checkpoint | None = None,
    known: Mapping[str, KnownTexts] = NOTHING,
) -> Table:
    """Return the trained token vectors (n_tokens, recipe.dim), not normalised.

    On the CPU the same arguments give the same vectors, bit for bit, on one machine with one number of
    threads; a run that goes on from a checkpoint takes the number with which it began.

    Args:
        streams: Pairs by stream; those that the recipe does not name are not used.
        start: What the tokens begin with (n_tokens, recipe.dim), where it is to learn; left as it is.
        recipe: Decides the rest.
        on_step: Told after every step.
        checkpoint: Where the state is kept now and then, and gone on from.
        known: Texts whose likeness a teacher knows, by the name of their part of the recipe.

    Raises:
        RecipeError: No stream of the recipe has two pairs.
    """
    batches = schedule(streams, recipe, known)
    if not batches:
        raise RecipeError("there is nothing to learn: no stream of the recipe has two pairs")
    learner = _Learner(start, recipe)
    state = learner.state() | {"threads": np.array([torch.get_num_threads()])}
    done = checkpoint.resume(state) if checkpoint else 0
    learner.take(state)
    rates = [*learning_rates(recipe, len(batches))]
    with _threads(int(state["threads"][0])):
        for step in range(done, len(batches)):
            name, rows = batches[step]
            if name in known:
                loss = learner.imitate(name, known[name], rows, rates[step])
            else:
                loss = learner.step(name, streams[name], rows, rates[step])
            if checkpoint:
                checkpoint.keep(
                    step + 1,
                    lambda: learner.state() | {"threads": state["threads"]},
                    is_last=step + 1 == len(batches),
                )
            on_step(step + 1, len(batches), name, loss)
    return learner.table.tensor.cpu().numpy()


class _Learner:
    """Token vectors, what they began with, and how they move."""

    def __init__(self, start: torch.Tensor, recipe: Recipe) -> None:
        self.table = table_like(start)
        self.adam = RowAdam(self.table.tensor)
        self._start = start
        self._recipe = recipe

    def state(self) -> Arrays:
        """Return all that a run goes on from, itself where it lies on the CPU, else a copy."""
        return {name: tensor.cpu().numpy() for name, tensor in self.adam.tensors().items()}

    def take(self, state: Arrays) -> None:
        """Go on from a state."""
        for name, tensor in self.adam.tensors().items():
            tensor.copy_(torch.from_numpy(state[name]))

    def step(self, name: str, pairs: TokenisedPairs, rows: Rows, rate: float) -> float:
        """Learn one batch of the stream `name`; return its loss."""
        readings = [self.table.read(side, rows) for side in (pairs.left, pairs.right)]
        left, right = (reading.vectors for reading in readings)
        same = self._same(pairs.left_text[rows]) | self._same(pairs.right_text[rows])
        no_rivals = same | nearest(left, right, self._recipe.near)
        loss, *slopes = matryoshka_loss(left, right, no_rivals, self._recipe)
        stream = self._recipe.stream_of(name)
        self._move(zip(readings, slopes, strict=True), stream.weight if stream else 1.0, rate)
        return loss

    def imitate(self, name: str, known: KnownTexts, rows: Rows, rate: float) -> float:
        """Learn from a teacher how much alike some texts are; return the loss."""
        reading = self.table.read(known.texts, rows)
        teacher = torch.from_numpy(known.vectors[rows]).to(self._start.device).float()
        loss, slope = likeness_loss(reading.vectors, teacher, self._recipe)
        weight = next(part.weight for part in self._recipe.likeness if part.name == name)
        self._move([(reading, slope)], weight, rate)
        return loss

    def _move(self, parts: Iterable[tuple[Reading, torch.Tensor]], weight: float, rate: float) -> None:
        """Take one step, given texts as they were read and the gradients of their vectors."""
        tokens, gradient = gradient_of(parts)
        self.adam.move(tokens, gradient.mul_(weight), rate)
        if self._recipe.anchor:
            table = self.table.tensor
            table[tokens] += min(1.0, rate * self._recipe.anchor) * (self._start[tokens] - table[tokens])

    def _same(self, texts: Rows) -> torch.Tensor:
        """Tell which two places of a batch hold one text, a place and itself left out."""
        numbers = torch.from_numpy(texts).to(self._start.device)
        return (numbers[:, None] == numbers[None, :]).fill_diagonal_(False)


@contextmanager
def _threads(count: int) -> Iterator[None]:
    """Compute with so many threads: a sum that is split otherwise is rounded otherwise."""
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)
