import numpy as np
import pytest

from recommender.evaluation.intervals import Estimate
from recommender.training.development import Figure, as_markdown, table_as_markdown
from recommender.training.development.figures import of_worst_group, over_groups, over_queries

HALF = Estimate(0.5, 0.4, 0.6)
GROUPS = {"de": np.array([1.0, 1.0, 0.0, 1.0]), "hi": np.array([0.0, 1.0])}


def test_a_figure_is_the_mean_over_its_queries_inside_its_interval():
    figure = over_queries("x", np.array([1.0, 0.0, 0.0, 0.0]))
    assert (figure.name, figure.n, figure.model.mean) == ("x", 4, 0.25)
    assert figure.model.low < 0.25 < figure.model.high


def test_the_same_values_give_the_same_interval_whatever_was_measured_before():
    values = np.linspace(0, 1, 50)
    first = over_queries("x", values)
    over_queries("y", values[:7])
    assert over_queries("x", values) == first


def test_groups_count_alike_however_many_queries_they_have():
    figure = over_groups("mean", GROUPS)
    assert figure.n == 6
    assert figure.model.mean == pytest.approx((0.75 + 0.5) / 2)  # the mean over all queries would be 4 / 6


def test_the_interval_of_groups_comes_from_within_the_groups_alone():
    sure = {"de": np.ones(5), "hi": np.zeros(5)}
    assert over_groups("mean", sure).model == Estimate(0.5, 0.5, 0.5)


def test_the_worst_group_is_named_and_has_its_own_interval():
    figure = of_worst_group("worst", GROUPS)
    assert (figure.note, figure.n, figure.model) == ("hi", 2, over_queries("", GROUPS["hi"]).model)


def test_the_card_table_is_in_percent_and_says_where_there_is_no_baseline():
    table = as_markdown(
        [
            Figure("one", 1000, Estimate(0.285, 0.27, 0.3), Estimate(0.2, 0.1, 0.3)),
            Figure("two", 5, Estimate(1, 1, 1), note="th"),
        ]
    )
    assert "| one | 1,000 | 28.5 [27.0, 30.0] | 20.0 [10.0, 30.0] |" in table
    assert "| two | 5 | 100.0 [100.0, 100.0] (th) | – |" in table


def test_models_are_columns_and_what_one_lacks_is_a_dash():
    ours = [Figure("one", 1000, HALF), Figure("two", 5, HALF, note="th")]
    table = table_as_markdown({"tfidf": [Figure("one", 1000, Estimate(0, 0, 0))], "ours": ours})
    assert table.splitlines() == [
        "| development set | n | tfidf | ours |",
        "|---|--:|--:|--:|",
        "| one | 1,000 | 0.0 [0.0, 0.0] | 50.0 [40.0, 60.0] |",
        "| two | 5 | – | 50.0 [40.0, 60.0] (th) |",
    ]


def test_a_line_over_different_numbers_of_queries_names_none():
    table = table_as_markdown({"a": [Figure("worst", 548, HALF)], "b": [Figure("worst", 1000, HALF)]})
    assert "| worst | – | 50.0 [40.0, 60.0] | 50.0 [40.0, 60.0] |" in table


def test_goals_have_a_column_where_they_are_asked_for():
    table = table_as_markdown({"a": [Figure("one", 1, HALF), Figure("two", 1, HALF)]}, {"one": "31"})
    assert "| development set | n | goal | a |\n|---|--:|--:|--:|\n" in table
    assert "| one | 1 | 31 | 50.0" in table
    assert "| two | 1 | – | 50.0" in table
