import numpy as np
import pytest
import torch
from torch.nn import functional

from recommender.training.infonce import matryoshka_loss, nearest


def test_the_gradient_is_that_of_automatic_differentiation(recipe):
    chance = np.random.default_rng(0)
    left, right = (chance.normal(size=(12, 8)).astype(np.float32) for _ in range(2))
    same = torch.zeros((12, 12), dtype=torch.bool)
    same[2, 5] = same[5, 2] = True
    tensors = [torch.tensor(side, requires_grad=True) for side in (left, right)]
    losses = []
    for dim in recipe.dims:
        one, other = (functional.normalize(side[:, :dim], dim=1) for side in tensors)
        logits = (one @ other.T / recipe.temperature).masked_fill(same, -torch.inf)
        target = torch.arange(12)
        losses += [functional.cross_entropy(logits, target), functional.cross_entropy(logits.T, target)]
    expected = torch.stack(losses).mean()
    expected.backward()
    loss, *slopes = matryoshka_loss(*map(torch.from_numpy, (left, right)), same, recipe)
    assert loss == pytest.approx(expected.item(), rel=1e-5)
    for slope, tensor in zip(slopes, tensors, strict=True):
        np.testing.assert_allclose(slope, tensor.grad.numpy(), atol=1e-6)


def test_the_nearest_of_each_text_on_the_other_side_are_found_a_pair_left_out():
    left = torch.tensor([[1, 0], [0.9, 0.1], [0, 1], [-1, 0.1]])
    mask = nearest(left, left, share=1 / 3)  # one of the three others
    #                 0 is nearest to 1 and 1 to 0; 1 is nearest to 2, 2 to 3
    assert mask.argwhere().tolist() == [[0, 1], [1, 0], [1, 2], [2, 1], [2, 3], [3, 2]]


def test_no_share_finds_none():
    assert not nearest(torch.eye(4), torch.eye(4), share=0.0).any()
    assert not nearest(torch.ones((1, 4)), torch.ones((1, 4)), share=0.9).any()
