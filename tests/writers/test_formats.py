"""What exactly is written, letter by letter."""

import csv
import io
import json
from datetime import UTC, datetime
from xml.etree import ElementTree as ET

import pytest
import rispy

from recommender.errors import UsageError
from recommender.paper import Paper
from recommender.writers import WRITERS, About, writer_for, writer_named
from recommender.writers.atom import ATOM


def text_of(name, *papers, about=None):
    return writer_named(name).text(papers, about)


def test_ris_has_one_line_a_value(paper):
    assert text_of("ris", paper).split("\r\n") == [
        "TY  - JOUR",
        "ID  - wang2021",
        "TI  - “双高计划”下的专业群",
        "AU  - 王作鹏",
        "AU  - Smith, John",
        "PY  - 2021",
        "T2  - 教育与职业",
        "VL  - 998",
        "IS  - 22",
        "SP  - 91",
        "EP  - 96",
        "DO  - 10.1000/xyz_1",
        "UR  - https://example.org/~a_b",
        "LA  - zh",
        "KW  - 双高计划",
        "KW  - 专业群",
        "N1  - Subject: 教育学",
        "AB  - 第一段。 第二段，5%。",
        "ER  - ",
        "",
        "",
    ]


def test_another_reader_of_ris_understands_the_same(paper):
    [record] = rispy.loads(text_of("ris", paper).replace("\r\n", "\n"))
    assert record["title"] == paper.title
    assert record["authors"] == [*paper.authors]
    assert record["keywords"] == [*paper.keywords]
    assert (record["start_page"], record["end_page"]) == ("91", "96")
    assert record["abstract"] == "第一段。 第二段，5%。"


def test_bibtex_escapes_what_latex_would_obey(paper):
    assert text_of("bibtex", paper) == (
        "@article{wang2021,\n  title = {“双高计划”下的专业群},\n  author = {王作鹏 and Smith, John},\n"
        "  journal = {教育与职业},\n  year = {2021},\n  volume = {998},\n  number = {22},\n"
        "  pages = {91--96},\n"
        "  doi = {10.1000/xyz_1},\n  url = {https://example.org/~a_b},\n  keywords = {双高计划; 专业群},\n"
        "  language = {zh},\n  subject = {教育学},\n  abstract = {第一段。\n\n第二段，5\\%。}\n}\n\n"
    )


@pytest.mark.parametrize(("paper_id", "start"), [("a b", "@misc{a-b-c8687a08,\n  recommender-id = {a b},")])
def test_an_id_that_cannot_be_a_key_is_kept_beside_one(paper_id, start):
    assert text_of("bibtex", Paper(id=paper_id, title="x")).startswith(start)


def test_csl_json_has_names_in_parts_and_no_empty_values(paper):
    [item] = json.loads(text_of("csljson", paper))
    assert item["author"] == [{"literal": "王作鹏"}, {"family": "Smith", "given": "John"}]
    assert item["issued"] == {"date-parts": [[2021]]}
    assert (item["type"], item["container-title"], item["page"]) == ("article-journal", "教育与职业", "91-96")
    assert json.loads(text_of("csljson", Paper(id="1", title="x"))) == [
        {"id": "1", "type": "article", "title": "x"}
    ]


@pytest.mark.parametrize(
    ("fields", "reference"),
    [
        (
            {"title": "双高计划", "authors": ("王作鹏",), "venue": "教育与职业"}
            | {"year": 2021, "volume": "998", "issue": "22", "pages": "91-96"},
            "王作鹏. 双高计划[J]. 教育与职业, 2021, 998(22): 91-96.",
        ),
        (
            {"title": "四位作者", "authors": ("甲", "乙", "丙", "丁"), "venue": "学报"}
            | {"year": 2020, "issue": "S1", "pages": "5"},
            "甲, 乙, 丙, 等. 四位作者[J]. 学报, 2020(S1): 5.",
        ),
        (
            {"title": "On bees.", "authors": ("Smith, John Q.", "Jane Doe", "Ng, B", "Last, L")}
            | {"venue": "Acta", "year": 2019, "volume": "3", "doi": "10.1000/x"},
            "SMITH J Q, DOE J, NG B, et al. On bees[J]. Acta, 2019, 3. DOI: 10.1000/x.",
        ),
        (
            {"title": "A preprint", "year": 2021, "url": "https://example.org/1"},
            "A preprint[EB/OL]. 2021. https://example.org/1.",
        ),
        ({"abstract": "没有题名。第二句。"}, "没有题名[Z]."),
    ],
)  # fmt: skip
def test_a_reference_is_as_gb_t_7714_2015_has_it(fields, reference):
    assert text_of("gbt7714", Paper(id="1", **fields)) == f"[1] {reference}\n"


def test_references_are_numbered_in_order(paper):
    assert [line[:4] for line in text_of("gbt7714", paper, Paper(id="2", title="x")).splitlines()] == [
        "[1] ",
        "[2] ",
    ]


def test_csv_opens_in_a_spreadsheet_without_running_anything():
    formulas = ["=1+1", "+1", "-1", "@SUM(A1)", "＝1", "'=1"]
    text = text_of("csv", *(Paper(id=str(n), title=formula) for n, formula in enumerate(formulas)))
    assert text.startswith("\ufeffid,title,")
    rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline="")))
    assert [row["title"] for row in rows] == [f"'{formula}" for formula in formulas]


def test_markdown_shows_text_as_it_is_and_links_to_the_web_only(paper):
    assert text_of("markdown", paper, Paper(id="2", title="*a* <script> [b](c)", url="javascript:x")) == (
        "1. **[“双高计划”下的专业群](https://example.org/~a_b)**  \n"
        "   王作鹏, Smith, John 《教育与职业》2021,998(22):91-96\n\n   第一段。\n\n   第二段，5%。\n\n"
        "2. **\\*a\\* \\<script\\> \\[b\\](c)**\n\n"
    )


def test_atom_is_well_formed_and_the_same_every_time(paper):
    about = About("题", datetime(2026, 11, 24, 2, 15, tzinfo=UTC))
    text = text_of("atom", paper, Paper(id="2", title="a\x0bb & <c>"), about=about)
    feed = ET.fromstring(text)  # noqa: S314 - our own
    assert feed.find(f"{{{ATOM}}}updated").text == "2026-11-24T02:15:00+00:00"
    entries = feed.findall(f"{{{ATOM}}}entry")
    assert [entry.find(f"{{{ATOM}}}title").text for entry in entries] == [paper.title, "a b & <c>"]
    assert entries[0].find(f"{{{ATOM}}}link").get("href") == "https://example.org/~a_b"
    assert entries[0].find(f"{{{ATOM}}}summary").text.endswith("第二段，5%。")
    assert text == text_of("atom", paper, Paper(id="2", title="a\x0bb & <c>"), about=about)


@pytest.mark.parametrize("name", [writer.name for writer in WRITERS])
def test_no_paper_is_an_answer_too(name):
    assert isinstance(text_of(name), str)


def test_names_and_suffixes_are_unambiguous():
    suffixes = [suffix for writer in WRITERS for suffix in writer.suffixes]
    assert len({*suffixes}) == len(suffixes)
    assert len({writer.name for writer in WRITERS}) == len(WRITERS)


def test_a_format_is_found_by_name_or_by_the_ending_of_a_file(tmp_path):
    assert writer_for(tmp_path / "a.BIB").name == "bibtex"
    with pytest.raises(
        UsageError, match="there is no format 'word' to write; choose one of: json, jsonl, csv"
    ):
        writer_named("word")
    with pytest.raises(UsageError, match=r"does not end as a known format does .* say --format"):
        writer_for(tmp_path / "a.doc")
