import numpy as np
import pytest

from recommender.training.development.figures import of_worst_group, over_groups, over_queries
from recommender.training.development.legs import legs_as_markdown, over_better_leg

RIGHT = np.ones(40)
HALF = np.array([0.0, 1.0] * 20)
WRONG = np.zeros(40)


def compared(**columns):
    table = {name: [over_queries("R@1", values)] for name, values in columns.items()}
    return [*over_better_leg(table, "both", [name for name in columns if name != "both"])]


def test_the_difference_is_to_the_better_of_the_legs():
    (entry,) = compared(both=RIGHT, vectors=WRONG, words=HALF)
    assert (entry.name, entry.leg, entry.difference.mean) == ("R@1", "words", 0.5)
    assert entry.difference.is_significant


def test_queries_are_compared_one_by_one():
    moved = HALF.copy()
    moved[0] = 1.0
    (entry,) = compared(both=moved, vectors=HALF, words=WRONG)
    assert entry.difference.mean == pytest.approx(1 / 40)
    assert 0 <= entry.difference.low <= entry.difference.high < 0.1  # the means themselves vary by 0.3
    assert not entry.difference.is_significant


def test_a_leg_that_cannot_answer_a_line_is_left_out_and_so_is_a_line_of_one_group():
    groups = {"de": HALF, "hi": RIGHT[:10]}
    lines = [over_groups("mean", groups), of_worst_group("worst", groups)]
    table = {"both": lines, "vectors": lines, "words": []}
    (entry,) = over_better_leg(table, "both", ["vectors", "words"])
    assert (entry.name, entry.leg, entry.difference.mean) == ("mean", "vectors", 0.0)


def test_the_values_of_groups_have_the_mean_of_their_means():
    figure = over_groups("mean", {"de": HALF, "hi": RIGHT[:10]})
    assert figure.values.mean() == pytest.approx(figure.model.mean) == pytest.approx(0.75)


def test_differences_are_in_points_of_percent():
    table = legs_as_markdown(iter(compared(both=RIGHT, vectors=WRONG, words=RIGHT)))
    assert table.splitlines()[-1] == "| R@1 | words | +0.00 [+0.00, +0.00] | 1.000 |"
