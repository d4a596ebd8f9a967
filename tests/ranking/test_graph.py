"""Who is near whom: whose candidates are whose."""

import tracemalloc

import numpy as np

from recommender.lexical import sparse
from recommender.ranking import graph
from recommender.ranking.graph import NONE, carry, mutual, share_kept
from recommender.workers import HERE


def carried():
    earlier = np.array([[1, 2], [0, NONE], [1, 0], [NONE, NONE], [2, 1]], dtype=np.int32)
    near = {3: [0, 4, NONE]}
    return carry(
        earlier,
        np.array([False, False, False, True, False]),
        lambda rows: np.array([near[row] for row in rows.tolist()]),
    )


def offered_of(found):
    """Return what is offered to each row of a graph."""
    ends = (found.starts + found.sizes).tolist()
    return [found.offered[start:end].tolist() for start, end in zip(found.starts, ends, strict=True)]


def of(found):
    return [[row for row in line if row != NONE] for line in found.tolist()]


def test_a_row_whose_list_is_full_has_its_neighbours_of_before_and_the_new_rows_that_are_near():
    found = carried()
    assert of(found.candidates(np.array([0]))) == [[1, 2, 3]]
    assert of(found.candidates(np.array([2, 4]))) == [[0, 1], [1, 2, 3]]
    assert len(found) == 4


def test_a_row_of_which_a_neighbour_is_gone_asks_the_others_for_theirs():
    assert of(carried().candidates(np.array([1]))) == [[0, 1, 2]]  # 0 is its own, 1 and 2 are near to that
    assert carried().asks.tolist() == [False, True, False, False, False]


def test_a_new_row_has_what_a_search_found():
    assert of(carried().candidates(np.array([3]))) == [[0, 4]]


def test_of_the_offers_of_many_new_rows_only_some_are_in_memory(monkeypatch, tmp_path):
    monkeypatch.setattr(sparse, "SORTED_AT_ONCE", 10_000)
    monkeypatch.setattr(sparse, "TURNED_AT_ONCE", 10_000)
    n, width = 8_000, 2_000
    is_fresh = np.arange(n) % 8 == 3

    def nearest(rows):
        return (rows[:, None] + np.arange(width)) % n

    tracemalloc.start()
    found = carry(np.zeros((n, 1), dtype=np.int32), is_fresh, nearest, HERE, tmp_path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    n_offers = 1_000 * width + 1_000 * width * 7 // 8
    assert len(found.offered) == found.sizes.sum() == n_offers
    assert peak < 2 * found.offered.nbytes  # as pairs that are put in order they took seven times this file
    assert [*tmp_path.iterdir()] == []
    offered = offered_of(found)
    assert offered[3] == [*range(3, 3 + width)]
    assert offered[4_000] == [row for row in range(4_000 - width + 1, 4_001) if row % 8 == 3]


def test_in_a_mutual_graph_all_ask_on_and_know_whom_they_are_near_to():
    #   0 → 1 → 2 → 3 and 4 → 2
    found = mutual(np.array([[1], [2], [3], [NONE], [2]], dtype=np.int32))
    assert len(found) == 5
    assert of(found.candidates(np.arange(5))) == [[1, 2], [0, 2, 3], [1, 3, 4], [2], [2, 3]]


def test_who_is_near_to_very_many_takes_those_first_to_whom_it_is_nearest(monkeypatch):
    monkeypatch.setattr(graph, "MOST_ASKING", 2)
    near = np.array([[NONE, NONE], [2, 0], [0, 1], [0, 2], [2, 0]], dtype=np.int32)
    found = mutual(near)
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
    found = mutual(near)
    assert offered_of(found) == [own[: graph.MOST_ASKING] for own in expected]
    assert found.offered.dtype == np.int32


def test_the_share_that_is_kept_is_of_the_full_lists_and_goes_by_scores():
    full, again = (
        [np.array([0.9, 0.5]), np.array([0.8, 0.8])],
        [np.array([0.9, 0.4]), np.array([0.8, 0.8, 0.8])],
    )
    assert share_kept(full, again) == 0.75
    assert share_kept([], []) == 1.0
