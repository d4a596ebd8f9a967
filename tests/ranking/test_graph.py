"""Who is near whom: whose candidates are whose."""

import numpy as np

from recommender.ranking import graph
from recommender.ranking.graph import NONE, Graph, share_kept


def offered_of(found):
    """Return what is offered to each row of a graph."""
    ends = (found.starts + found.sizes).tolist()
    return [found.offered[start:end].tolist() for start, end in zip(found.starts, ends, strict=True)]


def of(found):
    return [[row for row in line if row != NONE] for line in found.tolist()]


def test_in_a_plain_graph_candidates_are_who_is_near_and_who_is_near_to_these():
    found = Graph.of(np.array([[1, 2], [3, NONE], [NONE, NONE], [0, 1]], dtype=np.int32))
    assert of(found.candidates(np.array([0, 3]))) == [[1, 2, 3], [0, 1, 2, 3]]
    assert of(found.candidates(np.array([2]))) == [[]]


def test_in_a_mutual_graph_all_ask_on_and_know_whom_they_are_near_to():
    #   0 → 1 → 2 → 3 and 4 → 2
    found = Graph.mutual(np.array([[1], [2], [3], [NONE], [2]], dtype=np.int32))
    assert of(found.candidates(np.arange(5))) == [[1, 2], [0, 2, 3], [1, 3, 4], [2], [2, 3]]


def test_who_is_near_to_very_many_takes_those_first_to_whom_it_is_nearest(monkeypatch):
    monkeypatch.setattr(graph, "MOST_ASKING", 2)
    near = np.array([[NONE, NONE], [2, 0], [0, 1], [0, 2], [2, 0]], dtype=np.int32)
    found = Graph.mutual(near)
    assert offered_of(found) == [[2, 3], [2], [1, 4], [], []]


def test_offers_are_those_of_a_plain_list_place_by_place():
    chance = np.random.default_rng(0)
    near = chance.integers(-1, 40, (40, 25)).astype(np.int32)
    near = np.where(np.arange(25) < chance.integers(0, 26, (40, 1)), near, NONE).astype(np.int32)
    expected = [[] for _ in range(40)]
    for column in near[:, : graph.ASKING].T.tolist():
        for asking, row in enumerate(column):
            if row != NONE:
                expected[row].append(asking)
    found = Graph.mutual(near)
    assert offered_of(found) == [own[: graph.MOST_ASKING] for own in expected]
    assert found.offered.dtype == np.int32


def test_the_share_that_is_kept_is_of_the_full_lists_and_goes_by_scores():
    full, again = (
        [np.array([0.9, 0.5]), np.array([0.8, 0.8])],
        [np.array([0.9, 0.4]), np.array([0.8, 0.8, 0.8])],
    )
    assert share_kept(full, again) == 0.75
    assert share_kept([], []) == 1.0
