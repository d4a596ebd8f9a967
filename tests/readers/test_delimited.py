import csv
import io

import pytest

from recommender.errors import RecordError, SourceError
from recommender.readers import read_papers


def test_a_ragged_row_stops_the_read_with_its_first_line(source):
    path = source("a.csv", 'id,title\n1,"two\nlines"\n2,"x\ny",z\n')
    with pytest.raises(RecordError) as caught:
        list(read_papers(path))
    assert str(caught.value) == f"{path}, line 4: 3 columns, but the header has 2"


def test_papers_come_before_the_file_has_been_read_to_its_end(source):
    papers = read_papers(source("a.csv", "id,title\n1,x\n2\n"))
    assert next(papers).paper.id == "1"
    with pytest.raises(RecordError):
        next(papers)


@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
@pytest.mark.parametrize("name", ["a.csv", "a.tsv", "a.txt"])
def test_the_delimiter_is_that_of_the_header_whatever_the_suffix(read, delimiter, name):
    [paper] = read(name, f"id{delimiter}title{delimiter}abstract\n1{delimiter}x{delimiter}y\n")
    assert (paper.id, paper.title, paper.abstract) == ("1", "x", "y")


def test_the_suffix_decides_where_the_header_has_one_column(read):
    assert [paper.abstract for paper in read("a.tsv", "abstract\nfirst, second; third\n")] == [
        "first, second; third"
    ]


def test_a_field_of_a_million_characters_is_read(read):
    text = "产教融合。" * 200_000
    [paper] = read("a.csv", f"id,abstract\n9,{text}\n")
    assert paper.abstract == text


def test_a_field_of_ten_megabytes_is_rejected_and_the_next_row_read(source):
    rejected = []
    path = source("a.csv", "id,abstract\n8," + "产教融合。" * 700_000 + "\n9,x\n")
    assert [found.paper.id for found in read_papers(path, rejected.append)] == ["9"]
    assert [(error.place, error.paper_id) for error in rejected] == [("line 2", "8")]
    assert "abstract has 3,500,000 characters" in rejected[0].reason


def test_columns_without_a_name_are_ignored(read):
    [paper] = read("a.csv", "id,title,,\n1,x,,note\n")
    assert paper.title == "x"


def test_blank_lines_before_the_header_are_skipped_and_counted(read):
    [paper] = read("a.csv", "\n\ntitle,abstract\nx,y\n")
    assert paper.id == "4"


@pytest.mark.parametrize("content", ['title,abstract\n"a"b,c\n', 'title,abstract\n"a,b\n'])
def test_a_damaged_quote_ends_the_read_whatever_the_policy(source, content):
    with pytest.raises(SourceError, match=r"line 2: .*; close the quotes, and double those inside a field"):
        list(read_papers(source("a.csv", content), lambda _: None))


def test_a_file_with_one_endless_line_is_refused_in_one_short_sentence(source):
    with pytest.raises(SourceError, match="neither a title nor an abstract among the columns") as caught:
        list(read_papers(source("a.csv", "没有列名" * 1_000_000)))
    assert len(str(caught.value)) < 1_000


def test_the_default_limit_of_other_readers_in_the_process_is_not_lowered(read):
    csv.field_size_limit(2**31 - 1)
    read("a.csv", "title\nx\n")
    assert next(csv.reader(io.StringIO("x" * 200_000))) == ["x" * 200_000]
