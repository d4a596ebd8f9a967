from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
import torch

from recommender.errors import RecipeError
from recommender.training import contrastive
from recommender.training.checkpoints import Checkpoint
from recommender.training.contrastive import RowAdam, learning_rates, schedule, train
from recommender.training.first_vectors import starting_vectors
from recommender.training.likeness import KnownTexts
from recommender.training.pairs import Pairs
from recommender.training.recipe import Likeness, Stream
from recommender.training.token_table import DeviceTable
from recommender.training.tokenised import TokenisedPairs, TokenisedTexts

WORDS = ["[UNK]", "cat", "dog", "gato", "perro", "sun", "moon", "sol", "luna"]
PAIRS = Pairs(["cat", "dog", "sun", "moon"], ["gato", "perro", "sol", "luna"])


class KilledError(Exception):
    pass


def quiet(*_):
    pass


@pytest.fixture
def streams(tokenizer):
    return {"word/es": TokenisedPairs.of(PAIRS, tokenizer, 4)}


@pytest.fixture
def start(tokenizer, recipe):
    return torch.from_numpy(starting_vectors(tokenizer, recipe))


def test_adam_moves_only_the_rows_it_is_given_by_the_rate_at_first():
    table = np.ones((3, 2), dtype=np.float32)
    RowAdam(torch.from_numpy(table)).move(torch.tensor([1]), torch.tensor([[4.0, -0.5]]), 0.1)
    np.testing.assert_allclose(table, [[1, 1], [0.9, 1.1], [1, 1]], atol=1e-5)


def test_the_rate_rises_then_falls_towards_zero(recipe):
    rates = list(learning_rates(recipe, 20))
    assert rates[:2] == pytest.approx([0.025, 0.05])
    assert rates[2:] == sorted(rates[2:], reverse=True)
    assert 0 < rates[-1] < 0.005


def test_every_pair_is_seen_as_often_as_the_recipe_says(recipe, tokenizer):
    pairs = TokenisedPairs.of(Pairs(["cat"] * 8, ["gato"] * 8), tokenizer, 4)
    batches = schedule({"word/es": pairs, "other": pairs}, recipe)
    assert {name for name, _ in batches} == {"word/es"}
    assert np.bincount(np.concatenate([rows for _, rows in batches])).tolist() == [60] * 8


def test_a_stream_is_fed_in_its_part_of_the_run(recipe, tokenizer):
    pairs = TokenisedPairs.of(Pairs(["cat"] * 8, ["gato"] * 8), tokenizer, 4)
    parts = {"late": (0.5, 1.0), "early": (0.0, 0.5), "always": (0.0, 1.0)}
    fed = tuple(Stream(family=f, batch=4, passes=60, begin=a, end=b) for f, (a, b) in parts.items())
    order = [name for name, _ in schedule(dict.fromkeys(parts, pairs), replace(recipe, streams=fed))]
    places = {name: np.flatnonzero(np.array(order) == name) / len(order) for name in parts}
    assert places["early"].max() < places["late"].min()
    means = [places[name].mean() for name in ("early", "always", "late")]
    assert means == pytest.approx([0.25, 0.5, 0.75], abs=0.05)
    assert order != sorted(order)


def test_training_brings_translations_together(recipe, streams, start):
    losses = []
    before = start.clone()
    table = train(streams, start, recipe, lambda step, steps, name, loss: losses.append(loss))
    unit = table / np.linalg.norm(table, axis=1, keepdims=True)
    english, spanish = (unit[[WORDS.index(word) for word in side]] for side in (PAIRS.left, PAIRS.right))
    assert (english @ spanish.T).argmax(axis=1).tolist() == [0, 1, 2, 3]
    assert losses[-1] < losses[0] / 5
    np.testing.assert_array_equal(start, before)


def test_the_same_seed_gives_the_same_weights_and_another_seed_others(recipe, streams, tokenizer):
    one, again, other = (
        train(streams, torch.from_numpy(starting_vectors(tokenizer, chosen)), chosen, quiet)
        for chosen in (recipe, recipe, replace(recipe, seed=8))
    )
    np.testing.assert_array_equal(one, again)
    assert not np.array_equal(one, other)


@pytest.mark.parametrize("stop", [1, 7, 59, 60])
def test_a_run_that_stops_after_any_step_ends_with_the_same_weights(recipe, streams, start, tmp_path, stop):
    whole = train(streams, start, recipe, quiet)

    def killed(step, *_):
        if step == stop:
            raise KilledError

    checkpoint = Checkpoint(tmp_path, "run", minutes=0)
    with pytest.raises(KilledError):
        train(streams, start, recipe, killed, checkpoint)
    seen = []
    rest = train(streams, start, recipe, lambda step, *_: seen.append(step), checkpoint)
    np.testing.assert_array_equal(rest, whole)
    assert seen == [*range(stop + 1, 61)]


def test_a_run_goes_on_with_as_many_threads_as_it_began_with(recipe, streams, start, tmp_path):
    before = torch.get_num_threads()
    used = []

    def killed(step, *_):
        used.append(torch.get_num_threads())
        if step == 3:
            raise KilledError

    checkpoint = Checkpoint(tmp_path, "run", minutes=0)
    try:
        torch.set_num_threads(1)
        with pytest.raises(KilledError):
            train(streams, start, recipe, killed, checkpoint)
        torch.set_num_threads(2)
        train(streams, start, recipe, lambda *_: used.append(torch.get_num_threads()), checkpoint)
        assert (set(used), torch.get_num_threads()) == ({1}, 2)
    finally:
        torch.set_num_threads(before)


def test_an_anchor_keeps_the_tokens_near_where_they_began_and_the_others_where_they_were(
    recipe, streams, start
):
    free, held = (train(streams, start, replace(recipe, anchor=anchor), quiet) for anchor in (0.0, 10.0))
    distances = [np.linalg.norm(table - start.numpy(), axis=1) for table in (free, held)]
    assert distances[0][0] == distances[1][0] == 0  # no text holds the unknown token
    assert (distances[1][1:] < distances[0][1:] / 2).all()
    assert (distances[1][1:] > 0).all()


def test_what_lies_nearest_is_no_rival(recipe, streams, start):
    one = replace(recipe, near=0.9)  # all of the three others
    losses = []
    train(streams, start, one, lambda step, steps, name, loss: losses.append(loss))
    assert losses == pytest.approx([0.0] * len(losses), abs=1e-6)


def test_the_heavier_stream_decides_where_two_contradict_each_other(recipe, tokenizer, start):
    streams = {
        "one/a": TokenisedPairs.of(Pairs(["cat", "dog"], ["gato", "perro"]), tokenizer, 4),
        "other/a": TokenisedPairs.of(Pairs(["cat", "dog"], ["perro", "gato"]), tokenizer, 4),
    }

    def own(heavy):
        weights = {name: 100.0 if name == heavy else 1.0 for name in ("one", "other")}
        fed = tuple(Stream(family=name, batch=2, passes=60, weight=weights[name]) for name in weights)
        unit = train(streams, start, replace(recipe, streams=fed), quiet)
        unit /= np.linalg.norm(unit, axis=1, keepdims=True)
        return unit[WORDS.index("cat")] @ (unit[WORDS.index("gato")] - unit[WORDS.index("perro")])

    assert own("one") > 0.2
    assert own("other") < -0.2


def test_what_a_teacher_says_is_alike_comes_together(recipe, streams, tokenizer, start):
    part = Likeness(stream="word/es", texts=4, batch=4, passes=60, weight=3.0)
    taught = replace(recipe, teacher="one", likeness=(part,))
    texts = TokenisedTexts.of(["cat", "sun", "dog", "moon"], tokenizer, 4)
    known = KnownTexts(texts, np.eye(2, dtype=np.float16)[[0, 1, 0, 1]])

    def likeness(unit):
        unit = unit / np.linalg.norm(unit, axis=1, keepdims=True)
        one, other = (unit[WORDS.index("cat")] @ unit[WORDS.index(word)] for word in ("dog", "sun"))
        return one - other

    seen = Counter()
    on_step = lambda _step, _steps, name, _loss: seen.update([name])  # noqa: E731
    table = train(streams, start, taught, on_step, known={part.name: known})
    assert seen == {"word/es": 60, "likeness of word/es, left": 60}
    assert likeness(table) > likeness(train(streams, start, taught, quiet)) + 0.5


def test_a_recipe_without_a_stream_of_two_pairs_is_refused(recipe, tokenizer, start):
    one = TokenisedPairs.of(Pairs(["cat"], ["gato"]), tokenizer, 4)
    for streams in ({}, {"word/es": one}, {"other": one}):
        with pytest.raises(RecipeError, match="nothing to learn"):
            train(streams, start, recipe, quiet)


def test_elsewhere_the_same_is_learnt_as_on_the_cpu(streams, start, tokenizer, recipe, monkeypatch):
    part = Likeness(stream="word/es", texts=4, batch=4, passes=20)
    taught = replace(recipe, teacher="any", likeness=(part,), near=0.3, anchor=0.5)
    known = {
        part.name: KnownTexts(
            TokenisedTexts.of(PAIRS.left, tokenizer, 4), np.eye(2, dtype=np.float16)[[0, 1, 0, 1]]
        )
    }
    here = train(streams, start, taught, quiet, known=known)
    monkeypatch.setattr(contrastive, "table_like", DeviceTable)
    np.testing.assert_allclose(train(streams, start, taught, quiet, known=known), here, atol=1e-3)
