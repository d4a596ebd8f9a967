"""Scores, and what share of random pairs lies lower, against a count over all pairs of a small corpus."""

from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.lexical import TermMatrix
from recommender.ranking import COSINE, FUSED, LanguageGroups, fit
from recommender.vectors import cosines, cosines_with, normalised

LANGUAGES = ["en"] * 40 + ["fr"] * 25 + ["zh"] * 30
WORDS = {"en": "the of firm school", "fr": "le de firme école", "zh": "学 校 企业 的 机"}
GROUPS = LanguageGroups.of(LANGUAGES)
EACH = GROUPS.each()


def corpus():
    """Return the vectors and words of papers that are more alike within a language."""
    chance = np.random.default_rng(6)
    own = np.repeat(np.eye(12)[:3], [GROUPS.sizes[group] for group in range(3)], axis=0)
    vectors = normalised(chance.normal(size=(len(LANGUAGES), 12)) + 2 * own)
    texts = [" ".join(chance.choice([*WORDS[language].split(), "ai", "pisa"], 6)) for language in LANGUAGES]
    return vectors, TermMatrix.of(texts)


VECTORS, MATRIX = corpus()
FITTED = {ranking.name: fit(VECTORS, MATRIX, GROUPS, ranking) for ranking in (COSINE, FUSED)}


@pytest.fixture(params=sorted(FITTED))
def calibration(request):
    return FITTED[request.param]


def scored(calibration, left, right):
    """Return the scores of pairs as the formula has them."""
    cosine, words = cosines(VECTORS, left, right), MATRIX.similarities(left, right)
    fused = calibration.fused(cosine, words, EACH[left], EACH[right])
    hubness = calibration.hubness.astype(np.float64)
    usual = calibration.usual_between(EACH[left], EACH[right]) + 0.5 * (hubness[left] + hubness[right])
    return calibration.scores(fused, usual, EACH[left], EACH[right])


def all_pairs(a, b):
    rows = combinations(GROUPS.rows(a), 2) if a == b else product(GROUPS.rows(a), GROUPS.rows(b))
    return np.array([*rows]).T


def test_the_vectors_alone_score_their_cosines():
    left, right = all_pairs(0, 1)
    cosine = cosines(VECTORS, left, right)
    assert (FITTED["cosine"].weights.any(), FITTED["cosine"].calibrated) == (False, False)
    assert scored(FITTED["cosine"], left, right).tolist() == cosine.tolist()


def test_cosines_are_exact_to_six_decimals_whatever_is_computed_beside():
    left, right = all_pairs(0, 2)
    together = cosines(VECTORS, left, right)
    exact = (VECTORS[left].astype(float) * VECTORS[right]).sum(axis=1)
    assert together == pytest.approx(exact, abs=5.1e-7)
    assert (together == np.round(together, 6)).all()
    assert [cosines(VECTORS, left[[n]], right[[n]])[0] for n in range(50)] == together[:50].tolist()
    row = np.full(len(VECTORS), 3)
    assert cosines_with(VECTORS, VECTORS[3]).tolist() == cosines(VECTORS, row, np.arange(95)).tolist()


def test_a_cosine_never_exceeds_one():
    longer = np.array([[1.0004, 0], [-1.0004, 0]], dtype=np.float32)
    assert cosines_with(longer, longer[0]).tolist() == [1.0, -1.0]


def test_words_and_vectors_are_mixed_by_the_weight_of_their_languages():
    calibration = FITTED[FUSED.name]
    own, across = calibration.weights[1, 1], calibration.weights[1, 2]
    assert 0 < across < own < 1
    mixed = calibration.fused(np.array([0.5, 1.0]), np.array([0.1, 0.0]), 1, np.array([1, 2]))
    assert mixed == pytest.approx([0.5 - 0.4 * own, 1 - across])
    assert calibration.weights[3].tolist() == [across] * 3  # of a foreign text


@pytest.mark.parametrize(("a", "b"), [(0, 0), (1, 1), (2, 2), (0, 1), (1, 2), (2, 0)])
def test_a_similarity_is_the_share_of_pairs_that_score_lower(calibration, a, b):
    scores = scored(calibration, *all_pairs(a, b))
    lower = [(scores < score).mean() for score in scores]
    found = calibration.similarities(scores, a, np.full(len(scores), b))
    assert found == pytest.approx(lower, abs=0.012)


def test_a_foreign_text_is_measured_by_the_pairs_of_different_languages(calibration):
    every = [scored(calibration, *all_pairs(a, 1)) for a in (0, 2)]
    pairs = np.concatenate(every)
    scores = np.linspace(pairs.min(), pairs.max(), 50)
    lower = [(pairs < score).mean() for score in scores]
    found = calibration.similarities(scores, len(GROUPS), np.full(50, 1))
    assert found == pytest.approx(lower, abs=0.012)
    assert calibration.n_pairs[3].tolist() == [40 * 55, 25 * 70, 30 * 65]


def test_what_scores_as_all_pairs_do_has_none_below():
    alike = np.repeat(np.eye(3, dtype=np.float32)[:1], 10, axis=0)
    calibration = fit(alike, TermMatrix.of(["x"] * 10), LanguageGroups.of(["en"] * 10), COSINE)
    found = calibration.similarities(np.array([0.9, 1.0, 1.1]), 0, np.zeros(3, dtype=np.int64))
    assert found.tolist() == [0.0, 0.0, 0.97826]  # 45 / 46, in whole millionths


def test_half_of_the_pairs_that_tie_lie_not_below_each_other():
    axes = np.repeat(np.eye(2, dtype=np.float32), 10, axis=0)
    calibration = fit(axes, TermMatrix.of(["x"] * 20), LanguageGroups.of(["en"] * 20), COSINE)
    found = calibration.similarities(np.array([0.0, 0.001, 1.0]), 0, np.zeros(3, dtype=np.int64))
    assert found == pytest.approx([0.0, 100 / 190, 100 / 190], abs=0.01)


def test_knots_are_as_coarse_as_the_scores_so_that_ties_stay_ties(calibration):
    assert (calibration.knots == np.round(calibration.knots, 6)).all()


@given(
    st.lists(st.floats(-3, 3) | st.floats(allow_nan=False), min_size=2), st.integers(0, 3), st.integers(0, 2)
)
def test_a_higher_score_never_has_a_lower_similarity_and_none_reaches_one(scores, group, other):
    for calibration in FITTED.values():
        ascending = np.array(sorted(scores))
        found = calibration.similarities(ascending, group, np.full(len(scores), other))
        assert (np.diff(found) >= 0).all()
        assert found.min() >= 0
        assert found.max() < 1


def test_similarities_of_several_languages_come_in_the_order_asked(calibration):
    scores, others = np.array([0.2, 0.1, 0.2, 0.05]), np.array([2, 0, 1, 2])
    alone = [calibration.similarities(scores[[n]], 1, others[[n]])[0] for n in range(4)]
    assert calibration.similarities(scores, 1, others).tolist() == alone
    assert len(set(alone)) == 4
