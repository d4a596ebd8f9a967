import pytest

from recommender.errors import UsageError
from recommender.training.recipe import Stream
from recommender.training.tally import Tally, as_markdown, by_kind, refuse_spoilt

GOOD = Tally("word/de", 7, {"said before": 3})
BAD = Tally("sentence/ja", 4, {"wrong language": 5, "empty side": 1})
EMPTY = Tally("word/fr", 0)


def bounds(max_refused=0.5):
    stream = Stream(family="sentence/", batch=2, passes=1, max_refused=max_refused)
    return {tally.name: stream for tally in (GOOD, BAD, EMPTY)}


def test_the_table_has_a_column_for_each_reason_the_commonest_first_and_a_sum():
    assert as_markdown([GOOD, BAD]).splitlines() == [
        "| stream | kept | refused | wrong language | said before | empty side |",
        "|---|--:|--:|--:|--:|--:|",
        "| word/de | 7 | 3 (30.0%) | 0 | 3 | 0 |",
        "| sentence/ja | 4 | 6 (60.0%) | 5 | 0 | 1 |",
        "| all | 11 | 9 (45.0%) | 5 | 3 | 1 |",
    ]


def test_a_stream_of_which_more_than_half_is_bad_ends_the_run_and_says_why():
    refuse_spoilt([GOOD, EMPTY], bounds())
    said = (
        r"sentence/ja 60% \(wrong language 5, empty side 1\).* max_refused in the recipe's stream 'sentence/'"
    )
    with pytest.raises(UsageError, match=said):
        refuse_spoilt([GOOD, BAD], bounds())


def test_the_recipe_may_allow_more():
    refuse_spoilt([GOOD, BAD], bounds(0.6))


def test_kinds_are_added_up():
    assert by_kind([GOOD, BAD, Tally("word/fr", 1, {"said before": 2, "empty side": 1})]) == [
        Tally("word", 8, {"said before": 5, "empty side": 1}),
        Tally("sentence", 4, BAD.refused),
    ]
