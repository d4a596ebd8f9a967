"""What every reader promises."""

import csv
import gzip
import json
import random
import string

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from recommender.errors import RecommenderError, RecordError, SourceError, UsageError
from recommender.paper import FIELDS, Paper
from recommender.readers import READERS, detect, read_papers, stop
from recommender.text.printable import guarded

NO_DEADLINE = settings(deadline=None)  # the machine may be busy

SUFFIXES = sorted({suffix for reader in READERS for suffix in reader.suffixes})
NAMES = [reader.name for reader in READERS]

WORDS = [
    *(
        "相似文献",
        "共查询到2条相似文献",
        "1.",
        "2.",
        "3.",
        "\n",
        "\r\n",
        "\u00a0 相似文献\n",
        "《学报》2021,9(1):1-2",
    ),
    *(
        "{",
        "}",
        "[",
        "]",
        '"id"',
        '"title"',
        ":",
        ",",
        '"',
        "NaN",
        "9" * 20,
        "\\ud800",
        "null",
        "true",
        "\\u0000",
    ),
    *("id", "title", "abstract", "year", "\t", ";", '""', "摘要", "x", "\0", "\ud7ff", "\U0001f600"),
    *("<p>", "<br", "<!--", "-->", "<script>", "</script>", "&#", "&nbsp;", "<![", ">", "<html>"),
]
SOURCES = st.one_of(
    st.binary(max_size=200),
    st.lists(st.sampled_from(WORDS), max_size=60).map("".join).map(str.encode),
    st.lists(st.sampled_from(WORDS), max_size=30).map("".join).map(lambda text: text.encode("utf-16")),
    st.lists(st.sampled_from(WORDS), max_size=30).map("".join).map(lambda text: text.encode("gb18030")),
)

TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")).map(str.strip)
WORDS_OF_NAMES = st.text(string.ascii_letters + "王作鹏", min_size=1).filter(lambda word: word != "and")
PAPERS = st.lists(
    st.builds(
        Paper,
        id=st.text(string.ascii_letters + string.digits + string.punctuation + "相似é", min_size=1),
        title=TEXTS,
        abstract=TEXTS,
        authors=st.lists(WORDS_OF_NAMES).map(tuple),
        venue=TEXTS,
        year=st.none() | st.integers(1000, 2999),
        volume=TEXTS,
        issue=TEXTS,
        pages=TEXTS,
        doi=TEXTS,
        url=TEXTS,
        keywords=st.lists(WORDS_OF_NAMES).map(tuple),
        language=st.sampled_from(["", "zh", "en"]),
        subject=TEXTS,
    ),
    min_size=1,
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("sources")


def test_names_and_suffixes_are_unambiguous():
    assert len(set(NAMES)) == len(READERS)
    assert len(SUFFIXES) == sum(len(reader.suffixes) for reader in READERS)
    assert all(suffix == suffix.lower() and suffix.startswith(".") for suffix in SUFFIXES)


@pytest.mark.parametrize("suffix", [*SUFFIXES, ".unknown", ""])
@NO_DEADLINE
@given(content=SOURCES, stops=st.booleans())
@example(content=b"[" * 100_000, stops=True)
def test_any_bytes_give_papers_or_an_error_the_user_can_act_on(folder, suffix, content, stops):
    path = folder / f"bytes{suffix}"
    path.write_bytes(content)
    found, problem = [], None
    try:
        found.extend(read_papers(path, stop if stops else found.append))
    except RecommenderError as error:
        problem = error
    messages = [str(entry) for entry in (*found, problem) if isinstance(entry, RecommenderError)]
    assert all(message.startswith(str(path)) and message.encode() for message in messages)
    assert found or problem


@pytest.mark.parametrize("name", NAMES)
@NO_DEADLINE
@given(content=SOURCES)
def test_any_bytes_are_safe_for_a_reader_that_was_asked_for(folder, name, content):
    path = folder / "bytes"
    path.write_bytes(content)
    rejected = []
    try:
        papers = [*read_papers(path, rejected.append, reader=name)]
    except SourceError:
        return
    assert papers or rejected
    places = [found.place for found in papers]
    assert len(set(places)) == len(places)


@NO_DEADLINE
@given(papers=PAPERS)
def test_papers_written_as_json_lines_come_back_the_same(folder, papers):
    path = folder / "papers.jsonl"
    lines = (json.dumps(paper.as_dict(), ensure_ascii=False) + "\n" for paper in papers)
    path.write_text("".join(lines), encoding="utf-8", newline="")
    assert [found.paper for found in read_papers(path)] == papers


@NO_DEADLINE
@given(papers=PAPERS)
def test_papers_written_as_a_json_array_come_back_the_same(folder, papers):
    path = folder / "papers.json"
    path.write_text(json.dumps([paper.as_dict() for paper in papers], indent=1), encoding="utf-8")
    assert [found.paper for found in read_papers(path)] == papers


@pytest.mark.parametrize(
    ("name", "delimiter"), [("papers.csv", ","), ("papers.csv", ";"), ("papers.tsv", "\t")]
)
@NO_DEADLINE
@given(papers=PAPERS)
@example(papers=[Paper(id="'0", subject="'=", title="=1", venue="it's")])
def test_papers_written_as_a_table_come_back_the_same(folder, name, delimiter, papers):
    path = folder / name
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, FIELDS, delimiter=delimiter)
        writer.writeheader()
        for paper in papers:
            lists = {"authors": "; ".join(paper.authors), "keywords": "; ".join(paper.keywords)}
            cells = paper.as_dict() | lists
            # a mark before a formula guards it: a text that begins like that has a guard of its own
            guards = {n: guarded(cell) for n, cell in cells.items() if str(cell).startswith("'")}
            writer.writerow(cells | guards)
    assert [found.paper for found in read_papers(path)] == papers


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("a.jsonl", '{"title": "x"}', "jsonl"),
        ("a.JSON", '[{"title": "x"}]', "jsonl"),
        ("a.jsonl", "broken", "jsonl"),
        ("a.ndjson", '{"title": "x"}', "jsonl"),
        ("a.csv", "title,abstract\n", "delimited"),
        ("a.csv", "name,abstract\n", "delimited"),
        ("a.tsv", "title\tabstract\n", "delimited"),
        ("a.txt", "第一篇摘要。\n", "plain"),
        ("a.txt", "Text, tables and figures are read.\n", "plain"),
        ("a.txt", "[1] A reference\n", "plain"),
        ("a.txt", "{braces} of a set\n", "plain"),
        ("a.txt", '{"title": "x"}', "jsonl"),
        ("a.txt", "title,abstract\nx,y\n", "delimited"),
        ("a.txt", "共查询到1条相似文献\n1.\n甲。 相似文献\n", "similar_page"),
        ("a.txt", "本文检索相似文献。\n第二篇。\n", "plain"),
        ("a.html", "<p>1.</p>", "similar_page"),
        ("a.htm", "<p>1.</p>", "similar_page"),
        ("a.html", '{"title": "x"}', "jsonl"),
        ("a.csv", '{"title": "x"}', "jsonl"),
        ("a.csv", 'title,abstract\nx,"相似文献\n1.\n"\n', "delimited"),
        ("noname", "<p>相似文献<p>1.<p>甲。", "similar_page"),
        ("a.data", "篇名\t摘要\n", "delimited"),
        ("a.json", '[{"authorships": [], "title": "x"}]', "jsonl"),
        ("a.json", '[{"url": "https://openalex.org/W1", "title": "x"}]', "jsonl"),
        ("a.json", '[{"id": "https://openalex.org/W1", "authorships": []}]', "openalex"),
        ("a.xml", "<xml><records><record><titles/></record></records></xml>", "endnotexml"),
    ],
)
def test_the_suffix_decides_unless_the_content_can_only_be_another_format(source, name, content, expected):
    assert detect(source(name, content)).name == expected


def test_xml_of_another_kind_is_not_taken_for_records_of_endnote(source):
    with pytest.raises(SourceError, match="format"):
        read_papers(source("a.xml", "<library><record><title>x</title></record></library>"))
    with pytest.raises(SourceError, match="format"):
        read_papers(source("b.xml", "<xml><book><title>x</title></book></xml>"))


def test_the_year_of_a_work_is_that_of_its_date_where_it_has_no_other(read):
    work = (
        '{"id": "https://openalex.org/W1", "title": "x", "authorships": [], "publication_date": "2019-05-01"}'
    )
    assert [paper.year for paper in read("a.jsonl", work)] == [2019]


def test_the_year_of_a_reference_is_the_first_of_a_range_even_of_one_that_is_cut_off(read):
    item = [{"id": "1", "type": "article", "title": "x", "issued": {"date-parts": [[2019, 5], []]}}]
    assert [paper.year for paper in read("a.json", json.dumps(item), reader="csljson")] == [2019]


def test_a_work_without_a_field_has_the_subject_of_its_topic(read):
    work = {"id": "https://openalex.org/W1", "title": "x", "authorships": []}
    topic = {"primary_topic": {"display_name": "Bee health"}}
    assert [paper.subject for paper in read("a.jsonl", json.dumps(work | topic))] == ["Bee health"]


def test_a_record_that_lost_its_beginning_is_rejected_at_the_beginning_of_a_file_too(source):
    rejected = []
    lines = "TI  - lost\nAU  - Nobody\nTY  - JOUR\nTI  - found\nER  - \n"
    found = [*read_papers(source("a.ris", lines), rejected.append, reader="ris")]
    assert [one.paper.title for one in found] == ["found"]
    assert [error.place for error in rejected] == ["line 1"]


def test_a_guard_is_taken_off_in_our_own_exports_alone(read):
    assert [paper.title for paper in read("a.csv", "id,title\n1,'=x\n")] == ["'=x"]
    assert [paper.title for paper in read("b.csv", "title,zz\n'=x,1\n")] == ["'=x"]


def test_a_page_is_not_counted_by_what_an_abstract_says(read):
    page = "1.\n本文共查询到3条相似文献。 相似文献\n2.\n乙。 相似文献\n"
    assert len(read("a.txt", page, reader="similar_page")) == 2


def test_a_file_compressed_with_the_largest_window_is_read(read):
    """Gzip looks back up to 32 kB, and here has to look back more than 16."""
    noise = bytes(random.Random(1).choices(range(97, 123), k=20_000)).decode()
    line = json.dumps({"title": noise})
    assert [paper.title for paper in read("a.jsonl.gz", gzip.compress(f"{line}\n{line}\n".encode()))] == [
        noise,
        noise,
    ]


def test_a_file_in_no_known_format_is_refused_with_the_list_of_formats(source):
    path = source("a.doc", "第一篇摘要。\n")
    with pytest.raises(SourceError) as caught:
        read_papers(path)
    message = str(caught.value)
    assert message.startswith(
        f"{path} is in no known format; the formats are: parquet (.parquet); oai; pubmed;"
    )
    assert all(reader.name in message for reader in READERS)


def test_a_format_that_is_asked_for_is_not_detected(read):
    assert [paper.abstract for paper in read("a.doc", '{"title": "x"}\n', reader="plain")] == [
        '{"title": "x"}'
    ]


def test_a_format_that_does_not_exist_is_refused_with_those_that_do(source):
    with pytest.raises(UsageError) as caught:
        read_papers(source("a.txt", "x"), reader="word")
    assert str(caught.value) == f"there is no format 'word'; choose one of: {', '.join(NAMES)}"


def test_an_unreadable_file_is_refused_at_the_call_and_not_at_the_first_paper(tmp_path):
    with pytest.raises(SourceError):
        read_papers(tmp_path)


def test_a_file_whose_records_were_all_rejected_is_not_called_empty(source):
    rejected = []
    assert list(read_papers(source("a.jsonl", "{}\n"), rejected.append)) == []
    assert [type(error) for error in rejected] == [RecordError]
