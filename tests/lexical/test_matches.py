"""What many rows share with a question, and what few do, is added up and chosen from alike."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.lexical.matches import BLOCK, Matches

N = 3 * BLOCK + 40
STRETCH = range(100, N - 30)


def values_of(seed, share, levels=1000):
    """Return values of which a share is above 0, with ties if there are few levels."""
    chance = np.random.default_rng(seed)
    values = chance.integers(1, levels + 1, N) / levels
    return np.where(chance.random(N) < share, values, 0.0)


def both_ways(values):
    return Matches(values.copy(), None), Matches(values.copy(), np.flatnonzero(values).astype(np.int32))


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


@pytest.mark.parametrize("share", [0.01, 0.7])
def test_sums_spreads_and_factors_are_those_of_the_stretch(share):
    values = values_of(7, share)
    factors = np.linspace(1, 2, N)
    for matches in both_ways(values):
        inside = values[STRETCH.start : STRETCH.stop]
        assert matches.total(STRETCH) == pytest.approx(inside.sum())
        assert matches.spread(STRETCH) == pytest.approx(inside.std())
        matches.scale(STRETCH, factors)
        matches.scale(range(100), 0.5)
        expected = values.copy()
        expected[STRETCH.start : STRETCH.stop] *= factors[STRETCH.start : STRETCH.stop]
        expected[:100] *= 0.5
        np.testing.assert_allclose(matches.values, expected)
