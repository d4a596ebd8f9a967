import pytest

from recommender.paper import Paper
from recommender.text.printable import printable
from recommender.writers.citations import citation_line, display_title

CASES = [
    (
        {
            "authors": ("王作鹏",),
            "venue": "教育与职业",
            "year": 2021,
            "volume": "998",
            "issue": "22",
            "pages": "91-96",
        },
        "王作鹏 《教育与职业》2021,998(22):91-96",
    ),
    ({"authors": ("甲", "乙", "丙", "丁"), "venue": "学报", "year": 2020}, "甲, 乙, 丙 等 《学报》2020"),
    (
        {"authors": ("A. Berg",), "venue": "Acta", "year": 2019, "volume": "3", "pages": "1-9"},
        "A. Berg. Acta 2019,3:1-9",
    ),
    ({"authors": ("A", "B", "C", "D"), "venue": "Acta"}, "A, B, C et al. Acta"),
    ({"venue": "Acta", "issue": "4"}, "Acta (4)"),
    ({"authors": ("김철수",), "venue": "한국학보", "year": 2018}, "김철수. 한국학보 2018"),
    ({}, ""),
]


@pytest.mark.parametrize(("fields", "line"), CASES)
def test_a_citation_line_says_what_is_known_and_nothing_else(fields, line):
    assert citation_line(Paper(id="1", abstract="x", **fields)) == line


def test_a_paper_without_a_title_goes_by_its_first_sentence():
    assert display_title(Paper(id="1", abstract="第一句。第二句。")) == "第一句。"
    assert display_title(Paper(id="1", title="题名", abstract="第一句。")) == "题名"


def test_what_is_printed_is_one_line_without_control_characters():
    assert printable("a\nb\x1b[2J\u202ec") == "a b [2J c"
