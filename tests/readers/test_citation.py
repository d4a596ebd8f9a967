import pytest

from recommender.readers.citation import parse_citation

SEED = {
    "authors": ("王作鹏",),
    "venue": "教育与职业",
    "year": 2021,
    "volume": "998",
    "issue": "22",
    "pages": "91-96",
}


@pytest.mark.parametrize(
    ("line", "changed"),
    [
        ("王作鹏 《教育与职业》2021,998(22):91-96", {}),
        ("  王作鹏《教育与职业》 2021年，998（22）：91-96.", {}),
        ("王作鹏 《教育与职业》2021,998:91-96", {"issue": ""}),
        ("王作鹏 《教育与职业》2021,(22):91-96", {"volume": ""}),
        ("王作鹏 《教育与职业》2021(22):91-96", {"volume": ""}),
        ("王作鹏 《教育与职业》2021,998(22)", {"pages": ""}),
        ("王作鹏 《教育与职业》2021,998(22):", {"pages": ""}),
        ("王作鹏 《教育与职业》2021,998(Z1-2):91-96,101", {"issue": "Z1-2", "pages": "91-96,101"}),
        ("《教育与职业》2021,998(22):91-96", {"authors": ()}),
    ],
)
def test_a_citation_line_gives_its_six_fields(line, changed):
    assert parse_citation(line) == SEED | changed


@pytest.mark.parametrize(
    "line",
    [
        "",
        "市域产教联合体是一种共同体。",
        "《教育与职业》2021年第22期发表的文章认为,专业群建设是重要载体。",
        "参见《教育与职业》2021:这是说明",
        "《甲》与《乙》2021,1(2):3",
        "王作鹏 《教育与职业》21,998(22):91-96",
        "长" * 600 + "《教育与职业》2021,998(22):91-96",
    ],
)
def test_a_sentence_is_no_citation_line(line):
    assert parse_citation(line) is None
