import numpy as np

from recommender.evaluation.intervals import Estimate
from recommender.training.card import write_card
from recommender.training.development import (
    Figure,
    as_markdown,
    first_is_own,
    precision_of_label,
    recall_of_sharing,
)

SCORES = np.array(
    [[1.0, 0.9, 0.1, 0.2], [0.9, 1.0, 0.3, 0.2], [0.1, 0.3, 1.0, 0.8], [0.2, 0.2, 0.8, 1.0]], dtype=np.float32
)


def test_own_answer_first_counts_one():
    assert first_is_own(SCORES[[0, 1, 3]]).tolist() == [1, 1, 0]


def test_the_paper_itself_is_no_neighbour():
    assert precision_of_label(SCORES, ["a", "a", "b", "b"], k=1).tolist() == [1, 1, 1, 1]
    assert precision_of_label(SCORES, ["a", "b", "b", "b"], k=2).tolist() == [0, 0.5, 1, 0.5]


def test_papers_that_share_a_keyword_with_none_are_left_out():
    shared = [{"x"}, {"x", "y"}, {"y"}, {"z"}]
    assert recall_of_sharing(SCORES, shared, k=1).tolist() == [1, 0.5, 0]


def test_the_table_is_in_percent_and_says_where_there_is_no_baseline():
    table = as_markdown(
        [
            Figure("one", 1000, Estimate(0.285, 0.27, 0.3), Estimate(0.2, 0.1, 0.3)),
            Figure("two", 5, Estimate(1, 1, 1)),
        ]
    )
    assert "| one | 1,000 | 28.5 [27.0, 30.0] | 20.0 [10.0, 30.0] |" in table
    assert "| two | 5 | 100.0 [100.0, 100.0] | – |" in table


def test_the_card_tells_data_seed_figures_and_what_was_left_out(tmp_path, recipe):
    figures = [Figure("CSL", 10, Estimate(0.5, 0.4, 0.6))]
    write_card(
        tmp_path / "README.md", recipe, 1234, {"word/de": 1000, "word/fr": 500, "zh/title": 9}, figures
    )
    card = (tmp_path / "README.md").read_text(encoding="utf-8")
    for part in (
        "# tiny",
        "1,234 tokens",
        "seed 7",
        "word 1,500, zh 9",
        "| CSL | 10 | 50.0",
        "freedict",
        "CC-CEDICT",
    ):
        assert part in card
