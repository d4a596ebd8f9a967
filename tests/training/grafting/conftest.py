import numpy as np
import pytest
import torch

from recommender.training.grafting.lessons import Given, Lesson
from recommender.training.grafting.recipe import GraftRecipe
from recommender.training.grafting.texts import Texts

N_ENGLISH = 6


def texts(*ids):
    """Texts of these tokens."""
    return Texts.joined([np.array(part, dtype=np.int32) for part in ids])


class MeanBody:
    """Reads a text as the mean of its tokens, each dimension times a weight."""

    def __init__(self, dim=8):
        self.exact = torch.ones(dim)
        self.weights = torch.ones(dim, requires_grad=True)

    def __call__(self, tokens, mask):
        share = mask.unsqueeze(-1).float()
        return torch.nn.functional.normalize((tokens * self.weights * share).sum(1) / share.sum(1), dim=1)

    def take_gradient(self):
        gradient, self.weights.grad = self.weights.grad, None
        return gradient

    def take_weights(self):
        with torch.no_grad():
            self.weights.copy_(self.exact)


@pytest.fixture
def toy():
    return GraftRecipe(
        name="toy",
        kind="graft",
        seed=1,
        aligner="fast",
        learning_rate=0.05,
        body_rate=0.0,
        families=(),
        warmup_steps=4,
        smallest_batch=2,
        largest_batch=3,
        batch_tokens=8,
    )


@pytest.fixture
def body():
    return MeanBody()


@pytest.fixture
def matrix():
    return torch.from_numpy(np.random.default_rng(0).normal(size=(12, 8)).astype(np.float32))


@pytest.fixture
def lesson():
    """Six texts of one new token each, and the vector of the English token that it means."""
    english = np.random.default_rng(0).normal(size=(12, 8))[:N_ENGLISH]
    unit = (english / np.linalg.norm(english, axis=1, keepdims=True)).astype(np.float16)
    return Lesson(texts(*([N_ENGLISH + n] for n in range(6))), Given(torch.from_numpy(unit), np.arange(6)))
