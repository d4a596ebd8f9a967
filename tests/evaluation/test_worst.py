from math import log2

import pytest

from recommender.evaluation.worst import Listed, worst

TITLES = {"a": "Ants", "b": "Bees", "c": "Crabs", "d": "Dogs"}
QRELS = {"a": {"b": 2, "c": 1, "gone": 2, "d": 0}, "b": {"a": 2}, "c": {"a": 1}, "d": {"a": 0}}
RUN = {"a": ["d", "c"], "b": ["a"], "c": ["b"]}


def test_the_worst_query_comes_first_and_one_without_a_similar_paper_never():
    found = worst(QRELS, RUN, 9, TITLES)
    assert [(query.id, query.title) for query in found] == [("c", "Crabs"), ("a", "Ants"), ("b", "Bees")]
    assert [query.ndcg for query in found] == [0, pytest.approx(1 / log2(3) / (2 + 2 / log2(3) + 1 / 2)), 1]


def test_only_as_many_as_are_wanted_and_ties_fall_by_id():
    qrels = {name: {"x": 1} for name in ("q2", "q10", "q1")}
    assert [query.id for query in worst(qrels, {}, 2, {})] == ["q1", "q10"]
    assert worst(qrels, {}, 0, {}) == ()


def test_the_list_bears_its_grades_and_what_was_missed_is_named_best_first():
    query = worst(QRELS, RUN, 2, TITLES)[1]
    assert query.found == (Listed("d", "Dogs", 0), Listed("c", "Crabs", 1))
    assert query.missed == (Listed("b", "Bees", 2), Listed("gone", "", 2))
    assert worst(QRELS, RUN, 1, TITLES)[0].found == (Listed("b", "Bees", None),)
    assert [one.id for one in worst({"q": {"a": 1, "b": 3}}, {}, 1, {})[0].missed] == ["b", "a"]


def test_what_stands_after_the_tenth_place_was_missed():
    query = worst({"q": {"z": 1}}, {"q": [*"abcdefghij", "z"]}, 1, {})[0]
    assert (len(query.found), [one.id for one in query.missed]) == (10, ["z"])
