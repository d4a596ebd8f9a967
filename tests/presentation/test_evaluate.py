"""`recommend evaluate` as its users see it; four papers, a and b on one subject, c and d on another."""

import json

import pytest

PAIRS = "id_a\tid_b\tgrade\na\tb\t2\nc\td\t2\na\tc\t1\n"


@pytest.fixture
def pairs(write):
    return write(PAIRS, "pairs.tsv")


def test_the_table_is_split_by_language_unless_another_split_is_asked_for(built, pairs):
    shown = built("evaluate", pairs, "--k", "2").out
    assert "recall@2 zh→zh" in shown
    assert "≤" not in shown
    by_length = built("evaluate", pairs, "--k", "2", "--by", "length", "--by", "subject").out
    assert "zh→zh" not in by_length
    assert "recall@2 ≤" in by_length
    assert "recall@2 none" in by_length


def test_every_split_is_in_the_json(built, pairs):
    report = json.loads(built("evaluate", pairs, "--json").out)
    assert {entry["split"] for entry in report["groups"]} == {"length", "subject"}
    assert {entry["query_language"] for entry in report["language_pairs"]} == {"zh", "en"}


def test_same_language_bias_has_a_line(built, pairs):
    assert "own language@10" not in built("evaluate", pairs).out  # no query is relevant in two languages
    shown = built("evaluate", pairs, "--relevant-from", "1").out
    assert "own language@10" in shown
    report = json.loads(built("evaluate", pairs, "--relevant-from", "1", "--json").out)
    assert report["own_language"]["relevant"]["mean"] == 1 / 2  # a: b and c; c: d and a
    assert report["own_language"]["nearest"]["mean"] == pytest.approx(1 / 3)  # of all others one is its own
