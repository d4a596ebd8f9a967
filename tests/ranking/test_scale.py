"""How alike papers of two languages are, and how far the best reach, told by pairs of papers."""

import numpy as np
import pytest

from recommender.ranking.known import Known
from recommender.ranking.scale import PRIOR_PAIRS, REACH, SMALLEST_REACH, Scale, languages_of
from tests.ranking.test_labels import grade_of, known, placed

MANY, FEW = 3 * PRIOR_PAIRS, PRIOR_PAIRS


def pairs(cosine, n, words=0.1):
    return np.array([np.full(n, cosine), np.full(n, words)])


def test_what_few_pairs_tell_is_nearer_to_what_all_of_their_kind_tell():
    legs = {("en", "en"): pairs(0.4, MANY), ("zh", "zh"): pairs(0.2, FEW), ("en", "zh"): pairs(0.1, 5)}
    scale = Scale.of({**legs, ("fr", "fr"): np.zeros((2, 0))}, within=0.3, across=0.1)
    pool = (3 * 0.4 + 0.2) / 4  # of papers of one language
    expected = {
        ("en", "en"): (3 * 0.4 + pool) / 4,
        ("zh", "zh"): (0.2 + pool) / 2,
        ("en", "zh"): 0.1,  # alone of its kind
        ("fr", "fr"): pool,
        ("de", "de"): pool,
        ("de", "fr"): 0.1,
        ("", ""): 0.1,  # small languages that share a group
    }
    for languages, cosine in expected.items():
        assert scale.usual(languages) == pytest.approx([cosine, 0.1])


def test_the_best_reach_as_far_as_the_mixture_of_both_legs_goes_beyond_the_mean():
    chance = np.random.default_rng(4)
    legs = {
        ("en", "en"): chance.normal(size=(2, 50_000)),
        ("en", "zh"): 0.1 * chance.normal(size=(2, 50_000)),
    }
    scale = Scale.of(legs, within=0.3, across=0.1)
    for languages, weight in ((("en", "en"), 0.3), (("en", "zh"), 0.1)):
        mixed = np.array([1 - weight, weight]) @ legs[languages]
        assert scale.reach(languages) == pytest.approx(np.quantile(mixed - mixed.mean(), REACH), rel=0.01)


def test_without_pairs_nothing_is_usual_and_nothing_is_stretched():
    scale = Scale.of({}, within=0.3, across=0.1)
    assert (scale.usual(("en", "en")).tolist(), scale.reach(("en", "zh"))) == ([0.0, 0.0], 1.0)
    assert (
        Scale.of({("en", "en"): pairs(0.4, 9)}, within=0.3, across=0.1).reach(("en", "en")) == SMALLEST_REACH
    )


def test_languages_come_in_one_order():
    assert languages_of("zh", "en") == languages_of("en", "zh") == ("en", "zh")


def test_known_papers_tell_of_all_pairs():
    every = known()
    vectors = placed(every)
    pairs = Known.of(every, vectors, vectors).pairs
    names = [paper.language for paper in every.papers]
    assert {*pairs} == {("en", "en"), ("en", "zh"), ("zh", "zh")}
    n_en, n_zh = names.count("en"), names.count("zh")
    sizes = [pairs[languages].legs.shape[1] for languages in sorted(pairs)]
    assert sizes == [n_en * (n_en - 1) // 2, n_en * n_zh, n_zh * (n_zh - 1) // 2]
    for (left, right), legs, grades in pairs.values():  # the cosine of each grade is a certain one
        assert legs[0] == pytest.approx(np.array([0, 0.4, 0.6, 0.9])[grades], abs=1e-5)
        assert [grade_of(*pair) for pair in zip(left, right, strict=True)] == grades.tolist()
    assert pairs["en", "en"].legs[1].min() > 0.99  # all have the same word


def test_what_is_usual_is_told_by_all_that_are_not_one_work():
    every = known()
    learnt = Known.of(every, placed(every), placed(every))
    names = [paper.language for paper in every.papers]
    one_work = [names[a] == names[b] for a, b, grade in every.graded if grade == 3]
    assert learnt.legs["en", "zh"].shape[1] == (
        learnt.pairs["en", "zh"].legs.shape[1] - one_work.count(False)
    )
    assert max(values[0].max() for values in learnt.legs.values()) < 0.7  # that of one work is 0.9
    assert learnt.titles is not None
