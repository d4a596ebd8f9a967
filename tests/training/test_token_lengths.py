"""Lengths of token vectors: directions stay, scripts that were learnt little of are brought level."""

import numpy as np
import pytest

from recommender.errors import RecipeError
from recommender.training.recipe import Lengths
from recommender.training.token_lengths import evened

TOKENS = ["▁word", "other", "3d", "वायरस", "▁एजेंट", "12", "ไทย", "词"]
LENGTHS = np.array([8.0, 4.0, 6.0, 2.0, 4.0, 13.0, 3.0, 7.0])


@pytest.fixture
def table():
    directions = np.random.default_rng(1).normal(size=(len(TOKENS), 5))
    return (directions * (LENGTHS / np.linalg.norm(directions, axis=1))[:, None]).astype(np.float32)


def lengths_of(table):
    return np.linalg.norm(table, axis=1)


def test_without_a_wish_all_is_left_as_it_is(table):
    assert evened(table, TOKENS, Lengths()) == pytest.approx(table, rel=1e-6)


def test_a_script_is_brought_to_the_median_of_latin_and_no_other_moves(table):
    # of Latin 8, 4 and 6 ("3d" begins with a letter of it): 6; of Devanagari 2 and 4: 3
    found = lengths_of(evened(table, TOKENS, Lengths(scripts=("Devanagari",))))
    assert found == pytest.approx([8, 4, 6, 4, 8, 13, 3, 7], rel=1e-6)


def test_a_power_brings_all_nearer_to_each_other_after_that(table):
    found = lengths_of(evened(table, TOKENS, Lengths(scripts=("Devanagari", "Thai"), power=0.5)))
    assert found == pytest.approx(np.sqrt([8, 4, 6, 4, 8, 13, 6, 7]), rel=1e-6)


def test_directions_stay(table):
    after = evened(table, TOKENS, Lengths(scripts=("Thai",), power=0.9))
    cosines = (after * table).sum(axis=1) / lengths_of(after) / lengths_of(table)
    assert cosines == pytest.approx(np.ones(len(TOKENS)), abs=1e-6)


def test_a_token_without_a_vector_stays_without(table):
    table[[3, 6]] = 0
    after = evened(table, TOKENS, Lengths(scripts=("Devanagari", "Thai"), power=0.9))
    assert lengths_of(after)[[3, 6]].tolist() == [0, 0]
    assert np.isfinite(after).all()


def test_a_script_that_no_token_has_changes_nothing(table):
    assert evened(table, TOKENS, Lengths(scripts=("Hangul",))) == pytest.approx(table, rel=1e-6)


def test_what_is_no_script_or_no_power_is_refused():
    with pytest.raises(RecipeError, match="no script 'Klingon'"):
        Lengths(scripts=("Klingon",))
    with pytest.raises(RecipeError, match=r"between 0 and 1, got 1\.5"):
        Lengths(power=1.5)
