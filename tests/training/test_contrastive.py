import numpy as np
import pytest
import torch
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace
from torch.nn import functional

from recommender.training.contrastive import (
    RowAdam,
    TokenisedPairs,
    TokenisedTexts,
    learning_rates,
    matryoshka_loss,
    schedule,
    train,
)
from recommender.training.pairs import Pairs

WORDS = ["[UNK]", "cat", "dog", "gato", "perro", "sun", "moon", "sol", "luna"]


@pytest.fixture
def tokenizer():
    tokenizer = Tokenizer(WordLevel({word: n for n, word in enumerate(WORDS)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = Whitespace()
    return tokenizer


def test_the_gradient_is_that_of_automatic_differentiation(recipe):
    chance = np.random.default_rng(0)
    left, right = (chance.normal(size=(12, 8)).astype(np.float32) for _ in range(2))
    same = np.zeros((12, 12), dtype=bool)
    same[2, 5] = same[5, 2] = True
    tensors = [torch.tensor(side, requires_grad=True) for side in (left, right)]
    losses = []
    for dim in recipe.dims:
        one, other = (functional.normalize(side[:, :dim], dim=1) for side in tensors)
        logits = (one @ other.T / recipe.temperature).masked_fill(torch.tensor(same), -torch.inf)
        target = torch.arange(12)
        losses += [functional.cross_entropy(logits, target), functional.cross_entropy(logits.T, target)]
    expected = torch.stack(losses).mean()
    expected.backward()
    loss, *slopes = matryoshka_loss(left, right, same, recipe)
    assert loss == pytest.approx(expected.item(), rel=1e-5)
    for slope, tensor in zip(slopes, tensors, strict=True):
        np.testing.assert_allclose(slope, tensor.grad.numpy(), atol=1e-6)


def test_a_bag_holds_each_text_as_shares_of_its_tokens(tokenizer):
    texts = TokenisedTexts.of(["cat dog", "sun", "cat cat cat dog sun"], tokenizer, max_tokens=4)
    tokens, bag = texts.bag(np.array([2, 0]))
    assert [WORDS[token] for token in tokens] == ["cat", "dog"]
    assert bag.toarray().tolist() == [[0.75, 0.25], [0.5, 0.5]]  # the fifth token was cut off


def test_adam_moves_only_the_rows_it_is_given_by_the_rate_at_first():
    table = np.ones((3, 2), dtype=np.float32)
    RowAdam(table).move(np.array([1]), np.array([[4.0, -0.5]], dtype=np.float32), 0.1)
    np.testing.assert_allclose(table, [[1, 1], [0.9, 1.1], [1, 1]], atol=1e-5)


def test_the_rate_rises_then_falls_towards_zero(recipe):
    rates = list(learning_rates(recipe, 20))
    assert rates[:2] == pytest.approx([0.025, 0.05])
    assert rates[2:] == sorted(rates[2:], reverse=True)
    assert 0 < rates[-1] < 0.005


def test_every_pair_is_seen_as_often_as_the_recipe_says(recipe, tokenizer):
    pairs = TokenisedPairs.of(Pairs(["cat"] * 8, ["gato"] * 8), tokenizer, 4)
    batches = schedule({"word/es": pairs, "other": pairs}, recipe, np.random.default_rng(0))
    assert {name for name, _ in batches} == {"word/es"}
    assert np.bincount(np.concatenate([rows for _, rows in batches])).tolist() == [60] * 8


def test_training_brings_translations_together(recipe, tokenizer):
    pairs = Pairs(["cat", "dog", "sun", "moon"], ["gato", "perro", "sol", "luna"])
    streams = {"word/es": TokenisedPairs.of(pairs, tokenizer, 4)}
    losses = []
    table = train(streams, len(WORDS), recipe, lambda step, steps, name, loss: losses.append(loss))
    unit = table / np.linalg.norm(table, axis=1, keepdims=True)
    english, spanish = (unit[[WORDS.index(word) for word in side]] for side in (pairs.left, pairs.right))
    assert (english @ spanish.T).argmax(axis=1).tolist() == [0, 1, 2, 3]
    assert losses[-1] < losses[0] / 5


def test_the_same_seed_gives_the_same_weights(recipe, tokenizer):
    pairs = TokenisedPairs.of(Pairs(["cat", "dog"], ["gato", "perro"]), tokenizer, 4)
    tables = [train({"word/es": pairs}, len(WORDS), recipe, lambda *_: None) for _ in range(2)]
    np.testing.assert_array_equal(*tables)
