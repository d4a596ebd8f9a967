import pytest

from recommender.evaluation.own_language import Languages, own_language

PAPERS = {"z1": "zh", "z2": "zh", "z3": "zh", "e1": "en", "e2": "en", "e3": "en", "x": ""}
LANGUAGES = Languages(queries=PAPERS, papers=PAPERS)
RELEVANT = {"z1": {"z2": 1, "e1": 1}, "e1": {"e2": 1, "z1": 1, "z2": 1, "z3": 1}}


def compared(relevant, run, baseline=None, languages=LANGUAGES):
    return own_language(relevant, run, languages, baseline=baseline, seed=0)


def test_the_share_of_the_nearest_is_beside_that_of_the_relevant():
    report = compared(RELEVANT, {"z1": ["z2", "z3", "e1", "e2"], "e1": ["e2", "e3", "z1"]})
    assert report.nearest.mean == pytest.approx((2 / 4 + 2 / 3) / 2)
    assert report.relevant.mean == pytest.approx((1 / 2 + 1 / 4) / 2)
    assert report.bias.mean == pytest.approx((0 + 2 / 3 - 1 / 4) / 2)
    assert (report.n_queries, report.n_unanswered, report.baseline) == (2, 0, None)


def test_chance_is_the_share_of_the_other_papers_in_the_language():
    report = compared(RELEVANT, {"z1": ["z2"], "e1": ["e2"]})
    assert report.chance == pytest.approx(2 / 5)  # of six papers of a known language five are others


def test_only_the_ten_nearest_count():
    papers = {"q": "zh", "r": "zh", "s": "en"} | {f"e{n}": "en" for n in range(10)}
    languages = Languages(queries=papers, papers=papers)
    run = {"q": [*(f"e{n}" for n in range(10)), "r"]}
    assert compared({"q": {"r": 1, "s": 1}}, run, languages=languages).nearest.mean == 0


def test_a_query_that_has_relevant_papers_in_one_language_alone_takes_no_part():
    run = {query: ["z3", "e3"] for query in ("z1", "z2", "e1")}
    report = compared({**RELEVANT, "z2": {"z1": 1}, "z3": {"e1": 1}}, run)
    assert report.n_queries == 2
    assert compared({"z2": {"z1": 1}, "z3": {"e1": 1}}, run) is None


def test_a_paper_or_query_of_no_known_language_is_in_no_share():
    report = compared({"z1": {"z2": 1, "e1": 1, "x": 1, "gone": 1}}, {"z1": ["x", "z2"]})
    assert (report.nearest.mean, report.relevant.mean) == (1, 1 / 2)
    assert compared({"x": {"z2": 1, "e1": 1}}, {"x": ["z1"]}) is None


def test_a_query_that_was_not_answered_is_counted_and_has_no_share():
    report = compared(RELEVANT, {"z1": ["z2"]})
    assert (report.n_queries, report.n_unanswered) == (1, 1)


def test_the_baseline_has_its_own_share():
    report = compared(RELEVANT, {"z1": ["z2"], "e1": ["z2"]}, {"z1": ["z2", "e1"]})
    assert (report.nearest.mean, report.baseline.mean) == (1 / 2, 1 / 2)
