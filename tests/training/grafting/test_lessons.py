from collections import Counter
from dataclasses import replace

import numpy as np
import torch

from recommender.training.grafting.lessons import Given, Lesson, plan_of
from tests.training.grafting.conftest import texts


def test_same_texts_are_known_by_their_tokens_or_by_their_vector():
    given = Given(torch.eye(3), np.array([0, 1, 0, 2]))
    for right in (texts([1], [1, 2], [1], [3]), given):
        same = Lesson(texts([0], [1], [2], [3]), right).same(np.arange(4))
        pairs = same.nonzero().tolist()
        assert pairs == [[0, 2], [2, 0]]


def test_rivals_are_never_of_the_batch():
    given = Given(torch.eye(9), np.array([0, 1, 0, 2, 3, 4, 5, 6, 7, 8]))
    found = given.rivals(np.array([0, 1, 5]), 500, np.random.default_rng(0))
    assert found.tolist() == [2, 3, 5, 6, 7, 8]


def test_every_pair_is_seen_once_a_pass_and_no_batch_holds_it_twice(lesson, toy):
    for passes in (1, 3):
        plan = plan_of({"a": replace(lesson, passes=passes)}, toy, np.random.default_rng(1))
        assert sorted(np.concatenate([rows for _, rows in plan]).tolist()) == sorted([*range(6)] * passes)
        assert all(len({*rows}) == len(rows) <= toy.largest_batch for _, rows in plan)


def test_a_batch_holds_pairs_of_one_length(toy):
    side = texts(*([0] * length for length in (1, 60, 2, 61, 3, 62)))
    plan = plan_of({"a": Lesson(side, side)}, toy, _chance())
    assert sorted(sorted(rows.tolist()) for _, rows in plan)[0] in ([0, 2, 4], [0, 2])
    assert all({*(side.lengths()[rows] < 9).tolist()} in ({True}, {False}) for _, rows in plan)


def test_lessons_come_in_their_part_of_the_run(lesson, toy):
    parts = {"late": replace(lesson, begin=0.5, passes=9), "early": replace(lesson, end=0.5, passes=9)}
    names = [name for name, _ in plan_of(parts, toy, _chance())]
    assert names == sorted(names)


def test_a_run_may_end_before_all_was_seen(lesson, toy):
    lessons = {"a": replace(lesson, passes=3)}
    whole, part = (plan_of(lessons, replace(toy, steps=steps), _chance()) for steps in (0, 2))
    assert len(whole) == 6
    assert [rows.tolist() for _, rows in part] == [rows.tolist() for _, rows in whole[:2]]


def test_of_a_part_of_a_pass_no_pair_is_seen_twice(lesson, toy):
    plan = plan_of({"a": replace(lesson, passes=1.5)}, toy, _chance())
    assert sorted(Counter(np.concatenate([rows for _, rows in plan]).tolist()).values()) == [1, 1, 1, 2, 2, 2]


def _chance():
    return np.random.default_rng(2)
