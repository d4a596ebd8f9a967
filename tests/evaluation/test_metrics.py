from math import log2

import ir_measures
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ir_measures import AP, RR, P, R, Success, nDCG

from recommender.evaluation.metrics import (
    FORMULAS,
    Metric,
    average_precision,
    hit,
    ndcg,
    precision,
    recall,
    reciprocal_rank,
)

RANKED = ["a", "b", "c", "d", "e"]
RELEVANT = {"b", "d", "z"}  # at ranks 2 and 4, and one that is not ranked


@pytest.mark.parametrize(
    ("formula", "k", "value"),
    [
        (recall, 1, 0),
        (recall, 2, 1 / 3),
        (recall, 5, 2 / 3),
        (recall, 100, 2 / 3),
        (hit, 1, 0),
        (hit, 2, 1),
        (precision, 4, 2 / 4),
        (precision, 10, 2 / 10),
        (reciprocal_rank, 10, 1 / 2),
        (reciprocal_rank, 1, 0),
        (average_precision, 10, (1 / 2 + 2 / 4) / 3),
        (average_precision, 3, (1 / 2) / 3),
    ],
)
def test_a_binary_metric_has_the_value_computed_by_hand(formula, k, value):
    assert formula(RANKED, RELEVANT, k) == pytest.approx(value)


def test_ndcg_has_linear_gain_and_its_ideal_is_over_all_judged_papers():
    grades = {"a": 1, "b": 3, "z": 2}  # the ideal ranking is b z a, whether or not z was found
    expected = (1 / log2(2) + 3 / log2(3)) / (3 / log2(2) + 2 / log2(3) + 1 / log2(4))
    assert ndcg(RANKED, grades, 10) == pytest.approx(expected)
    assert ndcg(RANKED, grades, 1) == pytest.approx(1 / 3)


def test_a_grade_below_one_gains_and_costs_nothing():
    assert ndcg(["a", "b"], {"a": -2, "b": 1, "c": 0}, 10) == pytest.approx(1 / log2(3))


def test_the_ideal_ranking_scores_one_and_an_empty_one_zero():
    grades = {"a": 3, "b": 2, "c": 1}
    for kind, formula in FORMULAS.items():
        assert formula(["a", "b", "c"], grades, 3) == pytest.approx(1), kind
        assert formula([], grades, 3) == 0, kind


def test_a_query_without_an_answer_scores_zero_and_one_without_a_relevant_paper_is_left_out():
    qrels = {"q": {"a": 2}, "unanswered": {"a": 3}, "empty": {"a": 2}, "weak": {"a": 1}}
    run = {"q": ["b", "a"], "empty": [], "weak": ["a"], "not judged": ["a"]}
    assert Metric("MRR", 10, relevant_from=2).per_query(qrels, run) == {"q": 0.5, "unanswered": 0, "empty": 0}


def test_a_binary_metric_counts_only_grades_from_its_minimum():
    qrels = {"q": {"a": 1, "b": 2, "c": 3}}
    run = {"q": ["a", "b"]}
    assert Metric("recall", 10, relevant_from=1).per_query(qrels, run) == {"q": pytest.approx(2 / 3)}
    assert Metric("recall", 10, relevant_from=2).per_query(qrels, run) == {"q": pytest.approx(1 / 2)}
    assert Metric("recall", 10, relevant_from=3).per_query(qrels, run) == {"q": 0}


def test_a_metric_is_written_with_its_cutoff():
    assert Metric("nDCG", 10).name == "nDCG@10"


@pytest.mark.parametrize(("k", "relevant_from"), [(0, 1), (-1, 1), (5, 0)])
def test_a_metric_that_looks_at_nothing_or_at_dissimilar_papers_is_refused(k, relevant_from):
    with pytest.raises(ValueError, match="must be 1 or more"):
        Metric("recall", k, relevant_from)


PAPERS = [f"d{number}" for number in range(12)]
GRADES = st.dictionaries(st.sampled_from(PAPERS), st.integers(0, 3), min_size=1)
RANKINGS = st.permutations(PAPERS).flatmap(lambda papers: st.integers(0, 12).map(lambda n: papers[:n]))


@given(
    qrels=st.dictionaries(st.sampled_from("qrst"), GRADES, min_size=1),
    run=st.dictionaries(st.sampled_from("qrstu"), RANKINGS, min_size=1),
    k=st.integers(1, 15),
    relevant_from=st.integers(1, 3),
)
def test_every_metric_equals_ir_measures(qrels, run, k, relevant_from):
    references = {
        "recall": R(rel=relevant_from) @ k,
        "hit": Success(rel=relevant_from) @ k,
        "precision": P(rel=relevant_from) @ k,
        "MRR": RR(rel=relevant_from),
        "MAP": AP(rel=relevant_from) @ k,
        "nDCG": nDCG @ k,
    }
    scored = {
        query: {paper: -float(rank) for rank, paper in enumerate(ranked)} for query, ranked in run.items()
    }
    for kind, reference in references.items():
        expected = {
            entry.query_id: entry.value for entry in ir_measures.iter_calc([reference], qrels, scored)
        }
        cutoff = 100 if kind == "MRR" else k  # the reference has no cutoff for it
        ours = Metric(kind, cutoff, 1 if kind == "nDCG" else relevant_from).per_query(qrels, run)
        for query, value in ours.items():
            assert value == pytest.approx(expected.get(query, 0.0), abs=1e-6), (kind, query)
        assert all(value == 0 for query, value in expected.items() if query not in ours), kind
