from itertools import permutations
from statistics import fmean
from typing import get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.evaluation.chance import level
from recommender.evaluation.metrics import Kind, Metric

KINDS = get_args(Kind)


@pytest.mark.parametrize(
    ("kind", "k", "value"),
    [
        ("recall", 5, 5 / 10),
        ("recall", 99, 1),
        ("hit", 5, 1 - (5 * 4) / (10 * 9)),  # both relevant ones are among the other five
        ("hit", 9, 1),
        ("precision", 5, 2 / 10),
        ("precision", 20, 2 / 20),
        ("MRR", 1, 2 / 10),
        ("MRR", 2, 2 / 10 + (8 / 10) * (2 / 9) / 2),
        ("nDCG", 1, ((3 + 2) / 10) / 3),
    ],
)
def test_the_level_of_two_relevant_among_ten_is_the_one_computed_by_hand(kind, k, value):
    corpus = {"q", *"abcdefghij"}
    assert level(Metric(kind, k), "q", {"a": 3, "b": 2, "c": 0}, corpus) == pytest.approx(value)


@given(
    kind=st.sampled_from(KINDS),
    k=st.integers(1, 7),
    relevant_from=st.integers(1, 2),
    grades=st.dictionaries(st.sampled_from("abcdexyz"), st.integers(0, 3)),
    n=st.integers(1, 5),
)
def test_the_level_is_the_mean_over_all_rankings(kind, k, relevant_from, grades, n):
    metric = Metric(kind, k, relevant_from)
    candidates = "abcde"[:n]
    grades = {**grades, "a": 3}
    rankings = {"".join(ranked): ranked for ranked in permutations(candidates)}
    values = metric.per_query(dict.fromkeys(rankings, grades), rankings).values()
    assert level(metric, "q", grades, {"q", *candidates}) == pytest.approx(fmean(values))


@pytest.mark.parametrize("kind", KINDS)
def test_the_level_is_what_a_simulation_of_a_larger_corpus_comes_to(kind):
    generator = np.random.default_rng(11)
    papers = np.array([f"d{number}" for number in range(60)])
    grades = {"d3": 3, "d7": 1, "d20": 2, "d41": 1, "not in the corpus": 2}
    run = {str(number): generator.permutation(papers)[:10].tolist() for number in range(8_000)}
    values = [*Metric(kind, 10).per_query(dict.fromkeys(run, grades), run).values()]
    error = np.std(values) / np.sqrt(len(values))
    assert level(Metric(kind, 10), "q", grades, {*papers.tolist()}) == pytest.approx(
        fmean(values), abs=4 * error
    )


def test_the_query_itself_is_no_candidate():
    metric = Metric("recall", 1)
    assert level(metric, "q", {"a": 1}, {"q", "a", "b"}) == 1 / 2
    assert level(metric, "elsewhere", {"a": 1}, {"q", "a", "b"}) == 1 / 3


@pytest.mark.parametrize("kind", KINDS)
def test_papers_that_are_not_in_the_corpus_cannot_be_found(kind):
    assert level(Metric(kind, 5), "q", {"z": 2}, {"q"}) == 0


def test_a_query_without_a_relevant_paper_has_no_level():
    with pytest.raises(ValueError, match="query 'q' has no paper that is relevant to recall@5"):
        level(Metric("recall", 5, relevant_from=2), "q", {"a": 1}, {"q", "a"})
