import json

import pytest

from recommender.errors import RecordError, SourceError
from recommender.readers import read_papers


def test_a_bad_line_stops_the_read_with_file_line_and_reason(source):
    path = source("a.jsonl", '{"id": "1", "title": "x"}\n{"id": "2"}\n')
    with pytest.raises(RecordError) as caught:
        list(read_papers(path))
    assert str(caught.value) == f"{path}, line 2: neither a title nor an abstract among the columns: 'id'"


def test_papers_come_before_the_file_has_been_read_to_its_end(source):
    papers = read_papers(source("a.jsonl", '{"id": "1", "title": "x"}\nbroken\n'))
    assert next(papers).paper.id == "1"
    with pytest.raises(RecordError):
        next(papers)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("[" * 100_000, "broken JSON"),
        ('{"title": ' + "[" * 100_000, "nested too deeply"),
        ('{"title": "x", "id": ' + "9" * 5_000 + "}", "a number of 5000 digits; write it as text"),
        ('{"title": "x", "id": "1"} {"id": "2"}', "broken JSON at character 27: Extra data"),
        ("{}", "neither a title nor an abstract among the columns: none"),
        ("null", "expected an object in braces { }, with a title or an abstract"),
    ],
)
def test_json_that_is_no_record_is_rejected_and_the_next_line_read(source, line, reason):
    rejected = []
    path = source("a.jsonl", '{"title": "first"}\n' + line + '\n{"title": "third"}\n')
    assert [found.paper.title for found in read_papers(path, rejected.append)] == ["first", "third"]
    assert [error.place for error in rejected] == ["line 2"]
    assert reason in rejected[0].reason


@pytest.mark.parametrize("content", ["[" * 100_000, '[{"title": ' + "[" * 100_000])
def test_an_array_nested_too_deeply_is_refused(source, content):
    with pytest.raises(SourceError, match="line 1: broken JSON array: nested too deeply"):
        list(read_papers(source("a.json", content), lambda _: None))


@pytest.mark.parametrize(
    "content", ["[", "[1", "[{}", "[{} {}]", "[{}] x", "[,]", '[{"title": "x"}', '[{"title": "x"]']
)
def test_a_broken_array_is_refused_whatever_the_policy(source, content):
    with pytest.raises(SourceError, match=r"line 1: broken JSON array: .*; correct it there"):
        list(read_papers(source("a.json", content), lambda _: None))


def test_a_comma_behind_the_last_record_of_an_array_is_harmless(read):
    assert [paper.id for paper in read("a.json", '[{"title": "x"}, ]')] == ["1"]


def test_a_text_of_a_million_characters_is_read(read):
    text = "产教融合。" * 200_000
    [paper] = read("a.jsonl", json.dumps({"id": "9", "abstract": text}))
    assert paper.abstract == text


def test_a_line_of_ten_megabytes_is_rejected_and_the_next_line_read(source):
    rejected = []
    long = json.dumps({"id": "8", "abstract": "产教融合。" * 700_000})
    path = source("a.jsonl", long + '\n{"id": "9", "abstract": "x"}\n')
    assert [found.paper.id for found in read_papers(path, rejected.append)] == ["9"]
    assert [(error.place, error.paper_id) for error in rejected] == [("line 1", "8")]


def test_escaped_pairs_of_surrogates_are_characters(read):
    [paper] = read("a.jsonl", '{"id": "1", "title": "\\ud840\\udc00"}')
    assert paper.title == "\U00020000"


def test_papers_of_an_answer_without_ids_are_numbered_from_1(source):
    answer = {"build": "b", "query": {}, "results": [{"title": "first"}, {"title": "second"}]}
    path = source("a.json", json.dumps(answer))
    assert [(found.paper.id, found.place) for found in read_papers(path)] == [
        ("1", "line 1, record 1"),
        ("2", "line 1, record 2"),
    ]


def test_what_json_says_is_not_cut_off_before_a_place(source):
    rejected = []
    assert [*read_papers(source("a.jsonl", '{"title": "a\tb"}\n'), rejected.append)] == []
    assert rejected[0].reason == "broken JSON at character 13: Invalid control character"
    with pytest.raises(SourceError, match="broken JSON array: Unterminated string; correct it there"):
        [*read_papers(source("a.json", '[{"title": "a'))]
