from dataclasses import replace

from recommender.evaluation.intervals import Estimate
from recommender.training.card import account_of, write_card
from recommender.training.development import Figure
from recommender.training.tally import Tally


def test_the_card_tells_data_seed_figures_and_what_was_left_out(tmp_path, recipe):
    tallies = [Tally("word/de", 1000, {"said before": 20}), Tally("word/fr", 500), Tally("zh/title", 9)]
    figures = [Figure("CSL", 10, Estimate(0.5, 0.4, 0.6))]
    write_card(tmp_path / "README.md", account_of(recipe, 1234), tallies, figures)
    card = (tmp_path / "README.md").read_text(encoding="utf-8")
    told = (
        "# tiny",
        "1,234 tokens",
        "seed 7",
        "| word | 1,500 | 20 (1.3%) | 20 |",
        "| zh | 9 | 0 (0.0%) | 0 |",
        "| CSL | 10 | 50.0",
        "freedict",
        "CC-CEDICT",
    )
    for part in told:
        assert part in card


def test_a_teacher_is_named_with_its_licence_and_nothing_is_said_where_there_is_none(tmp_path, recipe):
    figures = [Figure("CSL", 10, Estimate(0.5, 0.4, 0.6))]
    cards = []
    for name in ("", "all-MiniLM-L6-v2"):
        account = account_of(replace(recipe, teacher=name), 9)
        write_card(tmp_path / "README.md", account, [Tally("word/de", 9)], figures)
        cards.append((tmp_path / "README.md").read_text(encoding="utf-8"))
    assert ["all-MiniLM-L6-v2 |" in card for card in cards] == [False, True]
    assert ["English words begin" in card for card in cards] == [False, True]


def test_a_run_that_went_on_names_the_recipes_before_and_all_teachers(recipe):
    first = replace(recipe, teacher="all-MiniLM-L6-v2", taught=0.9)
    second = replace(recipe, start="first", keep_tokens=True, averaged=0.5, teacher="both", taught=0.0)
    account = account_of(second, 9, {"first.toml": first})
    assert account.command.endswith("DATA --start EARLIER --english TEACHER")
    assert "went on from what `first.toml`" in account.how
    assert "English words begin with the vectors that all-MiniLM-L6-v2" in account.how
    assert [line.split(" | ")[0] for line in account.teacher.splitlines()] == [
        "| all-MiniLM-L6-v2",
        "| models/both",
    ]
    assert "went on" not in account_of(first, 9).how
