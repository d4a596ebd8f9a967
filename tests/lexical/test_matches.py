"""What many rows share with a question, and what few do, is added up and chosen from alike."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.lexical.matches import BLOCK, RUN, SAMPLED, Blocks, Matches, sample

N = 3 * BLOCK + 40
STRETCH = range(100, N - 30)


def values_of(seed, share, levels=1000):
    """Return values of which a share is above 0, with ties if there are few levels."""
    chance = np.random.default_rng(seed)
    values = chance.integers(1, levels + 1, N) / levels
    return np.where(chance.random(N) < share, values, 0.0)


def both_ways(values):
    sharing = np.flatnonzero(values).astype(np.int32)
    return Matches(values, Blocks.of(values)), Matches(values, sharing)


def chosen(matches, n, allowed=None):
    return sorted(matches.values[matches.best(n, STRETCH, allowed)].tolist(), reverse=True)


@given(
    st.integers(0, 1000),
    st.sampled_from([0.0, 0.001, 0.02, 0.5, 1.0]),
    st.integers(1, 400),
    st.sampled_from([2, 1000]),
)
def test_the_best_are_the_best(seed, share, n, levels):
    values = values_of(seed, share, levels)
    inside = values[STRETCH.start : STRETCH.stop]
    expected = sorted(inside[inside > 0].tolist(), reverse=True)[:n]
    for matches in both_ways(values):
        assert chosen(matches, n) == expected
        rows = matches.best(n, STRETCH)
        assert len({*rows.tolist()}) == len(rows)
        assert {*rows.tolist()} <= {*STRETCH}


@pytest.mark.parametrize("share", [0.01, 0.7])
def test_of_some_rows_only_those_are_chosen(share):
    values = values_of(4, share)
    allowed = np.arange(STRETCH.start, STRETCH.stop, 3)
    expected = sorted(values[allowed][values[allowed] > 0].tolist(), reverse=True)[:20]
    for matches in both_ways(values):
        assert chosen(matches, 20, allowed) == expected


@pytest.mark.parametrize("share", [0.0, 0.01, 0.7])
def test_the_spread_by_what_rows_are_worth_is_that_of_the_products(share):
    values, worth = values_of(6, share), np.linspace(0, 1, N)
    expected = (values * worth)[STRETCH.start : STRETCH.stop].std()
    for matches in both_ways(values):
        assert matches.spread_by(STRETCH, Known(worth)) == pytest.approx(expected, abs=1e-12)


class Known:
    """What is known of every row."""

    def __init__(self, values):
        self.of = values.__getitem__


@pytest.mark.parametrize("share", [0.01, 0.7])
@pytest.mark.parametrize("stretch", [STRETCH, range(N), range(5), range(BLOCK, 2 * BLOCK), range(N - 50, N)])
def test_spreads_and_the_best_are_those_of_any_stretch(share, stretch):
    values = values_of(7, share)
    inside = values[stretch.start : stretch.stop]
    for matches in both_ways(values):
        assert matches.spread(stretch) == pytest.approx(inside.std())
        rows = matches.best(N, stretch)
        assert sorted(rows.tolist()) == (stretch.start + np.flatnonzero(inside)).tolist()


@pytest.mark.parametrize("share", [0.01, 0.7])
def test_what_is_scaled_is_scaled_in_all_that_is_asked(share):
    values = values_of(7, share)
    expected = values.copy()
    expected[:100] *= 0.5
    expected[STRETCH.start : STRETCH.stop] *= 3.0
    expected *= 0.25
    inside = expected[STRETCH.start : STRETCH.stop]
    for matches in both_ways(values):
        matches.scale(range(100), 0.5)
        matches.scale(STRETCH, 3.0)
        matches.scale(range(N), 0.25)
        np.testing.assert_allclose(matches.values, expected)
        some = np.array([0, 99, 100, N - 1])
        np.testing.assert_allclose(matches.of(some), expected[some])
        np.testing.assert_allclose(matches.factors(some) * values[some], expected[some])
        assert matches.spread(STRETCH) == pytest.approx(inside.std())
        assert matches.spread(range(100)) == pytest.approx(expected[:100].std())
    assert values.tolist() == values_of(7, share).tolist()  # scaling is remembered, not done


class LookedUp:
    """Words of which the value of every row is known to the test."""

    def __init__(self, values):
        self.values = values

    def __len__(self):
        return 1

    def of(self, rows):
        return self.values[rows]


def test_what_is_looked_up_counts_in_all_but_the_choice():
    telling, common = values_of(7, 0.7), values_of(8, 0.9) / 10
    both = telling + common
    matches = Matches(telling, Blocks.of(telling), LookedUp(both.copy()), LookedUp(common))
    matches.scale(STRETCH, 3.0)
    both[STRETCH.start : STRETCH.stop] *= 3.0
    inside = both[STRETCH.start : STRETCH.stop]
    np.testing.assert_allclose(matches.values, both)
    assert matches.spread(STRETCH) == pytest.approx(inside.std())  # of so few rows all are the sample
    highest = STRETCH.start + np.argsort(-telling[STRETCH.start : STRETCH.stop])[:9]
    assert telling[matches.best(9, STRETCH)].sum() == telling[highest].sum()
    np.testing.assert_allclose(matches.roughly(np.arange(100)), telling[:100])
    assert matches.n_looked_up == 1


def test_few_rows_stand_for_many():
    stretch = range(1_000, 1_000 + 20 * SAMPLED)
    rows = sample(stretch)
    assert len({*rows.tolist()}) == SAMPLED
    assert {*rows.tolist()} <= {*stretch}
    assert (rows[0], rows[-1]) == (stretch.start, stretch.stop - 1)
    assert np.diff(rows[::RUN]).max() == pytest.approx(np.diff(rows[::RUN]).min(), abs=1)
    for few in (range(7, 7), range(7, 8), range(7, 7 + SAMPLED)):
        assert sample(few).tolist() == [*few]
    chance = np.random.default_rng(3)
    telling = np.where(chance.random(stretch.stop) < 0.001, 1.0, 0.0)  # too rare for a sample to tell
    common = chance.random(stretch.stop) * (1 + telling) / 10
    matches = Matches(telling, Blocks.of(telling), LookedUp(telling + common), LookedUp(common))
    inside = (telling + common)[stretch.start :]
    assert matches.spread(stretch) == pytest.approx(inside.std(), rel=0.02)
