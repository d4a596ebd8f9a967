import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.training.development import rankings
from recommender.training.development.rankings import (
    best,
    blocks,
    first_is_own,
    overlap_of_sets,
    precision_of_label,
    recall_of_related,
    sharing,
)

SCORES = np.array([[0.1, 0.9, 0.5, 0.9], [0.4, 0.2, 0.3, 0.1]], dtype=np.float32)


def test_the_highest_scores_come_first_and_ties_fall_by_column():
    assert best(SCORES.copy(), 3).tolist() == [[1, 3, 2], [0, 2, 1]]
    assert best(SCORES.copy(), 1).tolist() == [[1], [0]]


def test_a_tie_at_the_cut_falls_by_column_too():
    assert best(np.array([[0.5, 0.7, 0.5, 0.5]], dtype=np.float32), 2).tolist() == [[1, 0]]


def test_what_is_no_answer_is_never_found_even_where_it_leaves_fewer():
    without = np.array([[1, 2], [0, 1]])
    assert best(SCORES.copy(), 1, without).tolist() == [[3], [2]]
    assert best(SCORES.copy(), 9, without).tolist() == [[3, 0], [2, 3]]


@given(
    st.lists(st.lists(st.integers(0, 5), min_size=6, max_size=6), min_size=1, max_size=4), st.integers(1, 9)
)
def test_the_order_is_that_of_a_stable_sort(lines, k):
    scores = np.array(lines, dtype=np.float32)
    assert best(scores.copy(), k).tolist() == np.argsort(-scores, axis=1, kind="stable")[:, :k].tolist()


def test_blocks_cover_every_query_once(monkeypatch):
    monkeypatch.setattr(rankings, "SCORES_AT_ONCE", 20)
    assert [(part.start, part.stop) for part in blocks(7, 10)] == [(0, 2), (2, 4), (4, 6), (6, 7)]
    assert [(part.start, part.stop) for part in blocks(2, 100)] == [(0, 1), (1, 2)]


def test_own_text_first_counts_one_wherever_it_stands_in_the_corpus():
    corpus = ["x", "own", "own", "y"]
    assert first_is_own(np.array([[2], [1], [0]]), ["own", "own", "y"], corpus).tolist() == [1, 1, 0]


def test_precision_is_the_share_of_the_same_label():
    nearest = np.array([[0, 1], [2, 3], [1, 3]])
    assert precision_of_label(nearest, ["a", "a", "b"], ["a", "a", "b", "a"]).tolist() == [1, 0.5, 0]


def test_recall_is_the_share_of_the_related_that_was_found():
    assert recall_of_related(np.array([[0, 1], [2, 3]]), [{1, 2, 3, 4}, {2, 3}]).tolist() == [0.25, 1]


def test_a_query_without_anything_to_find_is_refused():
    with pytest.raises(ValueError, match="no recall"):
        recall_of_related(np.array([[0]]), [set()])


def test_overlap_is_common_over_all_elements_averaged_over_the_nearest():
    corpus = [{"a", "b"}, {"a"}, {"c"}]
    assert overlap_of_sets(np.array([[1, 2]]), [{"a", "b"}], corpus).tolist() == [0.25]


def test_a_row_shares_with_others_never_with_itself():
    assert sharing([{"x"}, {"x", "y"}, {"y"}, set()]) == [{1}, {0, 2}, {1}, set()]
