import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.evaluation import intervals
from recommender.evaluation.intervals import bootstrap, paired_difference

VALUES = st.lists(st.floats(0, 1), min_size=1, max_size=40)


@pytest.fixture
def generator():
    return np.random.default_rng(7)


def test_the_interval_of_a_coin_is_that_of_the_binomial(generator):
    # 50 of 100: the standard error is 0.05, so the interval is about 0.5 ± 1.96 * 0.05
    estimate = bootstrap([0.0, 1.0] * 50, generator)
    assert estimate.mean == 0.5
    assert estimate.low == pytest.approx(0.402, abs=0.015)
    assert estimate.high == pytest.approx(0.598, abs=0.015)


def test_the_interval_holds_the_true_mean_in_about_95_of_100_samples():
    generator = np.random.default_rng(20)
    estimates = [bootstrap(generator.beta(2, 3, 60), generator) for _ in range(400)]
    covered = np.mean([estimate.low <= 2 / 5 <= estimate.high for estimate in estimates])
    assert 0.92 <= covered <= 0.98


@given(values=VALUES)
def test_the_interval_holds_the_mean_and_stays_within_the_values(values):
    estimate = bootstrap(values, np.random.default_rng(0))
    assert min(values) - 1e-12 <= estimate.low <= estimate.mean + 1e-12
    assert estimate.mean - 1e-12 <= estimate.high <= max(values) + 1e-12


def test_the_interval_of_one_value_is_that_value(generator):
    assert bootstrap([0.25], generator) == intervals.Estimate(0.25, 0.25, 0.25)


def test_one_seed_gives_one_interval_however_the_draws_are_cut_into_blocks(monkeypatch):
    values = [0.0, 0.3, 0.5, 1.0, 0.2]
    whole = bootstrap(values, np.random.default_rng(3))
    monkeypatch.setattr(intervals, "BLOCK", 7 * len(values))
    assert bootstrap(values, np.random.default_rng(3)) == whole
    assert bootstrap(values, np.random.default_rng(4)) != whole


@given(values=VALUES)
def test_identical_values_differ_by_nothing_and_p_is_one(values):
    difference = paired_difference(values, values, np.random.default_rng(0))
    assert difference == intervals.Difference(0.0, 0.0, 0.0, 1.0)
    assert not difference.is_significant


def test_a_gain_of_every_query_is_significant_however_far_the_queries_lie_apart(generator):
    theirs = np.linspace(0.0, 0.9, 30)
    difference = paired_difference(theirs + 0.1, theirs, generator)
    assert (difference.mean, difference.low, difference.high) == pytest.approx((0.1, 0.1, 0.1))
    assert difference.p == pytest.approx(2 / 1001)
    assert difference.is_significant


def test_a_difference_that_goes_either_way_is_not_significant(generator):
    difference = paired_difference([0.1, 0.0] * 10, [0.0, 0.1] * 10, generator)
    assert difference.mean == 0
    assert difference.low < 0 < difference.high
    assert difference.p > 0.5


def test_p_is_twice_the_share_of_resamples_on_the_other_side(generator):
    # 60 of 100 queries better by 1, 40 worse by 1: a resample has a mean of 0 or less where it draws at most
    # 50 better ones, and P(Binomial(100, 0.6) <= 50) = 0.0271
    ours, theirs = [1.0] * 60 + [0.0] * 40, [0.0] * 60 + [1.0] * 40
    difference = paired_difference(ours, theirs, generator, resamples=20_000)
    assert difference.mean == pytest.approx(0.2)
    assert difference.p == pytest.approx(2 * 0.0271, abs=0.008)


def test_the_sign_says_which_is_better(generator):
    assert paired_difference([0.0, 0.1], [1.0, 0.9], generator).mean == pytest.approx(-0.9)


@pytest.mark.parametrize("values", [[], [0.5, float("nan")], [float("inf")], [[0.5]]])
def test_values_without_a_mean_are_refused(generator, values):
    with pytest.raises(ValueError, match="one finite value per query"):
        bootstrap(values, generator)


def test_values_of_different_queries_are_refused(generator):
    with pytest.raises(ValueError, match="got 2 and 1"):
        paired_difference([0.1, 0.2], [0.1], generator)
