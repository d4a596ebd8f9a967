from dataclasses import replace

import numpy as np
import pytest
import torch

from recommender.training.likeness import TEACHER_TEMPERATURE, likeness_loss


@pytest.fixture
def vectors():
    chance = np.random.default_rng(2)
    student = chance.normal(size=(7, 8)).astype(np.float32)
    teacher = chance.normal(size=(7, 5)).astype(np.float32)
    return student, teacher / np.linalg.norm(teacher, axis=1, keepdims=True)


def by_differentiation(student, teacher, recipe):
    """The same by automatic differentiation, one text at a time."""
    vectors = torch.from_numpy(student).double().requires_grad_()
    known = torch.from_numpy(teacher).double()
    loss = torch.zeros((), dtype=torch.double)
    for dim in recipe.dims:
        unit = torch.nn.functional.normalize(vectors[:, :dim], dim=1)
        for row in range(len(unit)):
            others = [other for other in range(len(unit)) if other != row]
            wanted = (known[others] @ known[row] / TEACHER_TEMPERATURE).softmax(0)
            found = (unit[others] @ unit[row] / recipe.temperature).log_softmax(0)
            loss = loss + (wanted * (wanted.log() - found)).sum() / len(unit) / len(recipe.dims)
    loss.backward()
    return loss.item(), vectors.grad.numpy()


def test_loss_and_gradient_are_those_of_automatic_differentiation(vectors, recipe):
    loss, slope = likeness_loss(*map(torch.from_numpy, vectors), recipe)
    expected, gradient = by_differentiation(*vectors, recipe)
    assert loss == pytest.approx(expected, rel=1e-4)
    np.testing.assert_allclose(slope, gradient, atol=1e-5)


def test_a_student_that_says_what_the_teacher_says_has_nothing_to_learn(vectors, recipe):
    _, teacher = vectors
    same = np.concatenate([teacher, np.zeros((7, 3), dtype=np.float32)], axis=1)
    own = replace(recipe, dims=(8,), temperature=TEACHER_TEMPERATURE)
    loss, slope = likeness_loss(torch.from_numpy(3 * same), torch.from_numpy(teacher), own)
    assert loss == pytest.approx(0, abs=1e-5)
    np.testing.assert_allclose(slope, 0, atol=1e-5)
