"""What is exported and imported again is what it was."""

from dataclasses import replace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from recommender.paper import FIELDS, Paper
from recommender.readers import detect, read_papers
from recommender.text.printable import one_line
from recommender.writers import WRITERS, writer_named

WHOLE = ("json", "jsonl", "csv", "csljson")  # every field, to the character
WORDS = ("ris", "bibtex")  # every field, but white space is single spaces
FOR_PEOPLE = ("gbt7714", "markdown", "atom")
SUFFIX = {writer.name: writer.suffixes[0] for writer in WRITERS}

NASTY = [
    "=1+1", "'=x", "@article{a,", "TY  - JOUR", "ER  - ", "\\textbf{x}", "{", "}", "$x_1$", "a~b", '"', "\\",
    "100%", "&amp;", "# 1", "--", "``x''", "产教融合，治理", "王, 作鹏", "\n", "\r\n", "\t", "e\u0301", "]]>",
    "<b>", ", ", " and ",
]  # fmt: skip
CHARACTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\0\r")
TEXTS = (st.text(CHARACTERS, max_size=12) | st.lists(st.sampled_from(NASTY), max_size=4).map("".join)).map(
    str.strip
)
NAMES = (
    st.text(CHARACTERS, min_size=1, max_size=8)
    | st.sampled_from(["Smith, John", "王作鹏", "OECD", "A and B"])
).map(one_line)
PLAIN_NAMES = NAMES.filter(
    lambda name: name and not set(name) & set(";；、|,，") and name.casefold() != "others"
)
PLAIN_KEYWORDS = NAMES.filter(lambda word: word and not set(word) & set(";；"))
IDS = st.text(st.characters(categories=["L", "N", "P", "S"]), min_size=1, max_size=8)
PAGES = st.sampled_from(["", "91-96", "5-5", "e12", "91-96,101", "91–96", "S1-S9", "91-91a"])
PAPERS = st.lists(
    st.builds(
        Paper,
        id=IDS,
        title=TEXTS,
        abstract=TEXTS,
        authors=st.lists(PLAIN_NAMES, max_size=3).map(tuple),
        venue=TEXTS,
        year=st.none() | st.integers(1000, 2999),
        volume=TEXTS,
        issue=TEXTS,
        pages=PAGES,
        doi=st.sampled_from(["", "10.1000/xyz_1", "10.1000/a{b}c\\d"]),
        url=st.sampled_from(["", "https://example.org/~a_b?c=%20&d#e", "https://example.org/{x}"]),
        keywords=st.lists(PLAIN_KEYWORDS, max_size=3).map(tuple),
        language=st.sampled_from(["", "zh", "en"]),
        subject=TEXTS,
    ),
    min_size=1,
    max_size=3,
    unique_by=lambda paper: paper.id,
)
SETTINGS = settings(deadline=None, max_examples=60)
ONE_KEYWORD = Paper(id="1", title="x", keywords=("1,2-dichloroethane, pure",))
COUNTED = Paper(id="1", title="x", keywords=("C、N、P化学计量学", "a|b"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("exports")


def written_and_read(folder, name, papers):
    path = folder / f"papers{SUFFIX[name]}"
    path.write_text(writer_named(name).text(papers), encoding="utf-8", newline="")
    return [found.paper for found in read_papers(path)]


def in_single_spaces(paper):
    texts = {field: one_line(text) for field in FIELDS if isinstance(text := getattr(paper, field), str)}
    lists = {field: tuple(map(one_line, getattr(paper, field))) for field in ("authors", "keywords")}
    return Paper(**(paper.as_dict() | texts | lists | {"id": paper.id}))


def test_every_format_is_one_of_these():
    assert {*WHOLE, *WORDS, *FOR_PEOPLE} == {writer.name for writer in WRITERS}


@pytest.mark.parametrize("name", WHOLE)
@SETTINGS
@given(papers=PAPERS)
@example(papers=[ONE_KEYWORD])
@example(papers=[COUNTED])
@example(papers=[Paper(id="1", title="x", authors=("a; b", "王作鹏，李四", "[x]"))])
def test_a_format_that_carries_everything_gives_the_same_papers(folder, name, papers):
    assert written_and_read(folder, name, papers) == papers


@pytest.mark.parametrize("name", WORDS)
@SETTINGS
@given(papers=PAPERS)
@example(papers=[replace(ONE_KEYWORD, id="a {b} %"), COUNTED])
@example(papers=[Paper(id="1", title="x", abstract="First.\n@article(y, z\nThird.")])
def test_a_format_of_lines_gives_the_same_papers_but_for_white_space(folder, name, papers):
    read = written_and_read(folder, name, papers)
    assert [in_single_spaces(paper) for paper in read] == [in_single_spaces(paper) for paper in papers]


def test_a_name_that_holds_separators_stays_whole_in_bibtex(folder):
    names = ("a; b", "王作鹏，李四", "Barnes and Noble", "others", "Smith,John", "{x}")
    [read] = written_and_read(folder, "bibtex", [Paper(id="1", title="x", authors=names)])
    assert read.authors == names


@pytest.mark.parametrize("name", [*WHOLE, *WORDS])
def test_a_second_round_changes_nothing_more(folder, name, paper):
    once = written_and_read(folder, name, [paper])
    assert written_and_read(folder, name, once) == once


@pytest.mark.parametrize("name", [*WHOLE, *WORDS])
def test_an_export_is_recognised_whatever_it_is_called(folder, name, paper):
    path = folder / "export.data"
    path.write_text(writer_named(name).text([paper]), encoding="utf-8", newline="")
    expected = {"json": "jsonl", "csv": "delimited"}.get(name, name)
    assert detect(path).name == expected
    assert [in_single_spaces(found.paper) for found in read_papers(path)] == [in_single_spaces(paper)]


@pytest.mark.parametrize("name", FOR_PEOPLE)
@SETTINGS
@given(papers=PAPERS)
def test_a_format_for_people_writes_any_paper(name, papers):
    assert writer_named(name).text(papers).encode()
