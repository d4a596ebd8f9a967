"""The columns of well-known exports, and those that nobody knows."""

import json

import pytest

from recommender.readers import read_papers
from recommender.readers.aliases import ALIASES, ENDS_OF_PAGES, TAGS

WEB_OF_SCIENCE = (
    "Publication Type\tAuthors\tAuthor Full Names\tArticle Title\tSource Title\tAuthor Keywords\tAbstract\t"
    "Start Page\tEnd Page\tDOI\tPublication Year\tVolume\tIssue\tUT (Unique WOS ID)\n"
    "J\tSmith, J; Müller, K"
    "\tSmith, John; Müller, Karl\tOn bees\tActa\tbees; honey\tText.\t91\t96\t10.1/x\t2015\t3"
    "\t2\tWOS:1\n"
)
TAGGED = (
    "PT\tAU\tAF\tTI\tSO\tDE\tID\tAB\tBP\tEP\tAR\tDI\tPY\tVL\tIS\tUT\n"
    "J\tSmith, J\tSmith, John\tOn bees\tActa\tbees; honey\tAPIS\tText.\t91\t96\t\t10.1/x\t2015\t3\t2\tWOS:1\n"
)
SCOPUS = (
    '"Authors","Author full names","Author(s) ID","Title","Year","Source title","Volume","Issue","Art. No.",'
    '"Page start","Page end","Page count","DOI","Link","Abstract","Author Keywords","Index Keywords","Source"'
    ',"EID"\n"Smith J.; Müller K.","Smith, John (57190000001); Müller, Karl (57190000002)","57190000001",'
    '"On bees","2015","Acta","3","2","","91","96","6","10.1/x","https://x.org","Text.","bees; honey","apis",'
    '"Scopus","2-s2.0-1"\n'
)
CNKI = (
    "SrcDatabase-来源库,Title-题名,Author-作者,Organ-单位,Source-文献来源,Keyword-关键词,Summary-摘要,"
    "PubTime-发表时间,Year-年,Volume-卷,Period-期,PageCount-页码,DOI-DOI\n"
    "期刊,产教融合,王作鹏;李四;,某大学,教育与职业,双高;治理,摘要文。,2021-11-20,2021,998,22,91-96,10.1/x\n"
)
CHINESE = (
    "论文题目,作者,作者单位,文献来源,发表时间,卷号,期号,起止页码,摘要,关键词\n"
    "产教融合,王作鹏;李四,某大学,教育与职业,2021-11-20,998,22,91-96,摘要文。,双高;治理\n"
)
BEES = {
    "title": "On bees", "authors": ["Smith, John", "Müller, Karl"], "venue": "Acta", "year": 2015,
    "volume": "3", "issue": "2", "pages": "91-96", "doi": "10.1/x", "abstract": "Text.",
    "keywords": ["bees", "honey"],
}  # fmt: skip
FUSION = {
    "title": "产教融合", "authors": ["王作鹏", "李四"], "venue": "教育与职业", "year": 2021, "volume": "998",
    "issue": "22", "pages": "91-96", "abstract": "摘要文。", "keywords": ["双高", "治理"],
}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "content", "wanted"),
    [
        ("wos.tsv", WEB_OF_SCIENCE, BEES | {"id": "WOS:1"}),
        ("savedrecs.txt", TAGGED, BEES | {"id": "WOS:1", "authors": ["Smith, John"]}),
        ("scopus.csv", SCOPUS, BEES | {"id": "2-s2.0-1", "url": "https://x.org"}),
        ("cnki.csv", CNKI, FUSION | {"doi": "10.1/x", "id": "2"}),
        ("table.csv", CHINESE, FUSION | {"id": "2"}),
        (
            "papers.json",
            '[{"id": 7, "title": "x", "author_list": ["Smith, John"], "journal_name": "Acta",'
            ' "publication_year": 2015}]',
            {"id": "7", "title": "x", "authors": ["Smith, John"], "venue": "Acta", "year": 2015},
        ),
    ],
)
def test_the_columns_of_well_known_exports_are_read(read, name, content, wanted):
    [paper] = read(name, content)
    assert {field: value for field, value in paper.as_dict().items() if value} == wanted


def test_an_article_number_stands_for_the_pages_it_has_not(read):
    [paper] = read("a.csv", "title,Start Page,End Page,Article Number\nx,,,e17\n")
    assert paper.pages == "e17"


def test_no_name_stands_for_two_fields():
    for aliases in (ALIASES | ENDS_OF_PAGES, TAGS):
        names = [name for known in aliases.values() for name in known]
        assert len(names) == len(set(names))


def notes_of(path):
    notes = []
    assert [*read_papers(path, on_note=notes.append)]
    return notes


def test_columns_and_keys_that_are_not_read_are_named_once(source):
    said = "not read, as no field of a paper is called so: 'price', 'Organ'; rename those that are one"
    table = "title,price,,Organ\na,1,,b\nc,2,,d\n"
    lines = "".join(
        json.dumps(one) + "\n" for one in ({"title": "a", "price": 1}, {"title": "b", "Organ": 1, "price": 2})
    )
    assert notes_of(source("a.csv", table)) == [said]
    assert notes_of(source("a.jsonl", lines)) == [said]


def test_nothing_is_said_of_a_file_of_which_everything_is_read(source):
    assert notes_of(source("a.csv", "id,title,年份\n1,x,2015\n")) == []
    answer = '{"build": "b", "query": "q", "results": [{"id": "1", "title": "x", "score": 0.5}]}'
    assert notes_of(source("a.json", answer)) == []


def test_the_import_says_which_columns_were_not_read(source, tmp_path, monkeypatch, capsys):
    from recommender.main import run

    monkeypatch.setenv("RECOMMENDER_HOME", str(tmp_path / "home"))
    assert run(["import", str(source("a.csv", "title,price\na,1\nb,2\n"))]) == 0
    assert capsys.readouterr().err.count("'price'") == 1


def test_a_first_line_that_names_the_separator_is_no_header(read):
    [paper] = read("a.csv", "sep=;\r\ntitle;abstract\r\nx, y;z\r\n")
    assert (paper.id, paper.title, paper.abstract) == ("3", "x, y", "z")
