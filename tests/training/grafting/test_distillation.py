import numpy as np
import pytest
import torch

from recommender.training.grafting.distillation import (
    Lesson,
    NewRows,
    Texts,
    distillation_loss,
    learn,
    plan_of,
    rate_at,
)
from recommender.training.grafting.recipe import GraftRecipe

N_ENGLISH = 6


@pytest.fixture
def recipe():
    return GraftRecipe(
        name="toy",
        kind="graft",
        seed=1,
        aligner="fast",
        learning_rate=0.05,
        families=(),
        warmup_steps=4,
        smallest_batch=2,
        largest_batch=3,
        batch_tokens=8,
    )


@pytest.fixture
def matrix():
    return np.random.default_rng(0).normal(size=(12, 8)).astype(np.float32)


@pytest.fixture
def lesson():
    """Six texts of one new token each, and the English token that it means."""
    return Lesson(
        Texts([np.array([N_ENGLISH + n]) for n in range(6)]), Texts([np.array([n]) for n in range(6)]), True
    )


def body(tokens, mask):
    """Read a text as the mean of its tokens."""
    share = mask.unsqueeze(-1).float()
    return torch.nn.functional.normalize((tokens * share).sum(1) / share.sum(1), dim=1)


def test_new_tokens_move_to_what_they_mean_and_english_ones_stay(matrix, lesson, recipe):
    before = matrix[:N_ENGLISH].copy()
    rows = NewRows(matrix, N_ENGLISH)
    losses = [learn(body, rows, lesson, np.arange(6), recipe, 0.05) for _ in range(150)]
    assert losses[-1] < losses[0] / 10
    np.testing.assert_array_equal(matrix[:N_ENGLISH], before)
    unit = matrix / np.linalg.norm(matrix, axis=1, keepdims=True)
    assert np.diag(unit[N_ENGLISH:] @ unit[:N_ENGLISH].T).min() > 0.85


def test_two_sides_that_are_both_learnt_both_move(matrix, recipe):
    sides = [Texts([np.array([N_ENGLISH + n + offset]) for n in range(3)]) for offset in (0, 3)]
    before = matrix.copy()
    learn(body, NewRows(matrix, N_ENGLISH), Lesson(*sides, False), np.arange(3), recipe, 0.05)
    assert (matrix[N_ENGLISH:] != before[N_ENGLISH:]).any(axis=1).all()


def test_the_loss_of_two_orthogonal_pairs_is_known(recipe):
    side = torch.eye(2)
    alone = np.log1p(np.exp(-1 / recipe.temperature))
    assert distillation_loss(side, side, recipe).item() == pytest.approx(alone, abs=1e-6)
    swapped = distillation_loss(side, side.flip(0), recipe).item()
    assert swapped == pytest.approx(1 / recipe.temperature + alone + recipe.closeness, rel=1e-5)


def test_every_pair_is_in_one_batch_of_its_length(lesson, recipe):
    plan = plan_of({"a": lesson}, recipe, np.random.default_rng(1))
    assert sorted(np.concatenate([rows for _, rows in plan]).tolist()) == [*range(6)]
    assert all(len(rows) <= recipe.largest_batch for _, rows in plan)


def test_padding_is_masked():
    ids, mask = Texts([np.array([5, 6, 7]), np.array([8])]).padded(np.array([0, 1]))
    assert ids.tolist() == [[5, 6, 7], [8, 0, 0]]
    assert mask.tolist() == [[1, 1, 1], [1, 0, 0]]


def test_the_rate_warms_up_and_falls_to_nothing(recipe):
    rates = [rate_at(step, 100, recipe) for step in range(100)]
    assert rates[0] == pytest.approx(recipe.learning_rate / 4)
    assert max(rates) == pytest.approx(recipe.learning_rate * 0.97)
    assert rates[-1] == pytest.approx(recipe.learning_rate / 100)
