from dataclasses import replace

import numpy as np
import pytest
import torch

from recommender.training.grafting.distillation import contrastive_loss, learn, share_at
from recommender.training.grafting.lessons import Lesson
from recommender.training.grafting.student import Student
from tests.training.grafting.conftest import N_ENGLISH, texts

TEMPERATURE = 0.05
ALONE = np.log1p(np.exp(-1 / TEMPERATURE))  # the loss of one of two orthogonal pairs


def test_new_tokens_move_to_what_they_mean_and_english_ones_stay(body, matrix, lesson, toy):
    before = matrix[:N_ENGLISH].clone()
    student = Student(body, matrix, N_ENGLISH)
    losses = [learn(student, lesson, np.arange(6), toy, (10, 400)) for _ in range(150)]
    assert losses[-1] < losses[0] / 10
    np.testing.assert_array_equal(matrix[:N_ENGLISH], before)
    unit = torch.nn.functional.normalize(matrix)
    assert (unit[N_ENGLISH:] * unit[:N_ENGLISH]).sum(dim=1).min() > 0.85


def test_two_sides_that_are_both_learnt_both_move(body, matrix, toy):
    sides = [texts(*([N_ENGLISH + n + offset] for n in range(3))) for offset in (0, 3)]
    before = matrix.clone()
    learn(Student(body, matrix, N_ENGLISH), Lesson(*sides), np.arange(3), toy, (4, 9))
    assert (matrix[N_ENGLISH:] != before[N_ENGLISH:]).any(dim=1).all()


def test_closeness_counts_where_the_teacher_gives_the_vector_and_only_there(body, matrix, lesson, toy):
    rates = replace(toy, learning_rate=1e-9, rivals=1)
    student, batch = Student(body, matrix, N_ENGLISH), np.arange(6)
    losses = [
        learn(student, lesson, batch, replace(rates, closeness=weight), (4, 9)) for weight in (0.0, 1.0, 2.0)
    ]
    unit = torch.nn.functional.normalize(matrix[N_ENGLISH:])
    far = 1 - (unit * lesson.right.vectors.float()).sum(dim=1).mean().item()
    assert np.diff(losses) == pytest.approx([far, far], rel=1e-3)
    learnt = Lesson(lesson.left, texts(*([n] for n in range(6))))
    losses = [
        learn(student, learnt, batch, replace(rates, closeness=weight), (4, 9)) for weight in (0.0, 9.0)
    ]
    assert losses[0] == pytest.approx(losses[1], rel=1e-4)


def loss_of(left, right, rivals=None, same=None):
    n, dim = left.shape
    rivals = torch.zeros((0, dim)) if rivals is None else rivals
    same = torch.zeros((n, n), dtype=torch.bool) if same is None else same
    return contrastive_loss(left, right, rivals, same=same, temperature=TEMPERATURE).item()


def test_the_loss_of_two_orthogonal_pairs_is_known():
    side = torch.eye(2)
    assert loss_of(side, side) == pytest.approx(ALONE, abs=1e-6)
    assert loss_of(side, side.flip(0)) == pytest.approx(1 / TEMPERATURE + ALONE, rel=1e-5)


def test_a_rival_outside_the_batch_counts_in_the_direction_from_the_learnt_side_alone():
    side = torch.eye(3)[:2]
    rivalled = np.log(2 + np.exp(-1 / TEMPERATURE))  # the first text has a rival just as near as its own
    assert loss_of(side, side, rivals=side[:1]) == pytest.approx(
        ((rivalled + ALONE) / 2 + ALONE) / 2, abs=2e-6
    )


def test_the_same_text_on_the_other_side_is_no_rival():
    side = torch.eye(2)[[0, 0]]
    assert loss_of(side, side) == pytest.approx(np.log(2), abs=1e-6)
    assert loss_of(side, side, same=~torch.eye(2, dtype=torch.bool)) == pytest.approx(0, abs=1e-6)


def test_the_rate_warms_up_and_falls_to_nothing(toy):
    shares = [share_at(step, 100, toy) for step in range(100)]
    assert shares[0] == pytest.approx(1 / 4)
    assert max(shares) == pytest.approx(0.97)
    assert shares[-1] == pytest.approx(1 / 100)
