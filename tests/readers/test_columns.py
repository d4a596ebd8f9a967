from datetime import timedelta
from pathlib import Path

import pytest

from recommender.errors import RecordError
from recommender.paper import Paper
from recommender.readers.aliases import ALIASES
from recommender.readers.columns import Row, columns_of, papers_of
from recommender.readers.reader import LONGEST_REASON, stop


def paper_of(values):
    [found] = papers_of([Row(1, "line 1", {"id": "x", "title": "t"} | values)], Path("a.jsonl"), stop)
    return found.paper


def reason_for(values):
    with pytest.raises(RecordError) as caught:
        paper_of(values)
    return caught.value.reason


def test_every_field_of_a_paper_has_a_column():
    assert set(ALIASES) == set(Paper(id="x").as_dict())


@pytest.mark.parametrize("name", ["Abstract", " ABSTRACT ", "\uff21bstract", "摘要", "summary", "Text"])
def test_column_names_are_known_whatever_their_case_width_and_padding(name):
    assert dict(columns_of((name,))) == {"abstract": (name,)}


@pytest.mark.parametrize("name", ["Paper ID", "paper-id", "PAPER_ID"])
def test_words_of_a_column_name_may_be_joined_in_any_way(name):
    assert columns_of((name, "title"))["id"] == (name,)


def test_of_several_columns_for_a_field_the_first_alias_with_a_value_counts():
    assert paper_of({"text": "full text", "abstract": "short"}).abstract == "short"
    assert paper_of({"text": "full text", "abstract": " "}).abstract == "full text"


def test_an_empty_id_is_not_replaced_by_that_of_another_column():
    assert reason_for({"id": "", "doc_id": "7"}) == "id is empty"


@pytest.mark.parametrize(
    ("value", "year"),
    [
        (2021, 2021),
        (2021.0, 2021),
        ("2021", 2021),
        ("2021-11-20", 2021),
        ("2021年11月", 2021),
        ("20 Nov 2021", 2021),
        ("20211120", 2021),
        ("202111", 2021),
        ("2021-11-20T02:15:00Z", 2021),
        ("２０２１", 2021),
        ("", None),
        (None, None),
        ("n.d.", None),
        ("in press", None),
    ],
)
def test_the_year_is_the_four_digits_of_a_date(value, year):
    assert paper_of({"date": value}).year == year


@pytest.mark.parametrize("value", ["12021", 1614902400, 21, 21.5, "0"])
def test_a_date_without_a_year_is_refused_rather_than_guessed(value):
    assert "year of four digits" in reason_for({"year": value})


@pytest.mark.parametrize("value", ["0000", 999, 3000, "9999"])
def test_an_impossible_year_is_refused_and_not_taken_for_none(value):
    assert "year" in reason_for({"year": value})


@pytest.mark.parametrize(
    ("value", "language"),
    [("zh", "zh"), ("EN", "en"), ("zh-Hant-TW", "zh"), ("pt_BR", "pt"), ("Chinese", ""), ("", "")],
)
def test_a_language_is_the_two_letters_of_its_tag_or_left_to_detection(value, language):
    assert paper_of({"lang": value}).language == language


@pytest.mark.parametrize(
    ("value", "volume"), [(998, "998"), (998.0, "998"), ("S 1", "S 1"), (1.5, "1.5"), (None, "")]
)
def test_a_number_where_text_is_expected_is_written_out(value, volume):
    assert paper_of({"volume": value}).volume == volume


@pytest.mark.parametrize(("value", "kind"), [(True, "true or false"), ([], "a list"), ({}, "an object")])
def test_anything_else_where_text_is_expected_is_refused(value, kind):
    assert reason_for({"abstract": value}) == f"abstract must be text, got {kind}"


def test_text_is_trimmed_and_otherwise_kept():
    assert paper_of({"abstract": "\u00a0 a\u00a0\u00a0b \n c\u00a0"}).abstract == "a\u00a0\u00a0b \n c"


def test_an_id_that_cannot_be_printed_is_quoted_and_not_passed_on():
    with pytest.raises(RecordError) as caught:
        paper_of({"id": "a\ud800"})
    assert caught.value.paper_id is None
    assert "'a\\ud800'" in str(caught.value)
    str(caught.value).encode()


def test_a_reason_stays_one_line_whatever_it_quotes():
    reason = reason_for({"year": "1" * 10_000_000})
    assert len(reason) == LONGEST_REASON
    assert reason.endswith("…")


def test_a_missing_column_names_the_first_twenty_there_are():
    with pytest.raises(ValueError, match=r"^neither .* columns: 'c0', .*, 'c19' and 480 more$"):
        columns_of(tuple(f"c{number}" for number in range(500)))


def test_the_first_record_decides_whether_the_source_has_ids():
    rejected = []
    rows = [
        Row(1, "line 1", {"title": "a"}),
        Row(2, "line 2", {"id": "1", "title": "b"}),
        Row(3, "line 3", {"title": "c"}),
    ]
    papers = [found.paper.id for found in papers_of(rows, Path("a.jsonl"), rejected.append)]
    assert papers == ["1", "3"]
    assert [error.place for error in rejected] == ["line 2"]


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (timedelta(days=1), "timedelta"),
        ([timedelta(days=1)], "timedelta"),
        ([("map", 1)], "a list"),
        (("a", 1), "a list"),
        ({"a": 1}, "an object"),
        (True, "true or false"),
    ],
)
def test_a_value_of_any_kind_that_tables_have_is_refused_for_what_it_is(value, kind):
    assert reason_for({"authors": value}).endswith(f"must be text, got {kind}")
