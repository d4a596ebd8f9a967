"""What papers can be filtered by, as they are written and as people write it."""

from difflib import get_close_matches

import pytest

from recommender.builds import facets
from recommender.builds.facets import AUTHOR, FILE, LANGUAGE, SUBJECT, VENUE, FacetTable, FacetWriter
from recommender.errors import BuildError
from recommender.paper import Paper

PAPERS = [
    Paper(id="1", title="a", venue="電化教育研究", year=2020, authors=("Ma, Y.", "王伟"), language="zh"),
    Paper(id="2", title="b", venue="Ｎａｔｕｒｅ", year=1999, authors=("王伟", "王伟"), subject="Physics"),
    Paper(id="3", title="c", venue="nature", language="en"),
    Paper(id="4", title="d", venue="电化教育研究", year=2020, language="zh", authors=(" ",)),
]


def write(papers, path):
    writer = FacetWriter()
    for paper in papers:
        writer.add(paper)
    writer.write(path)


def test_facets_of_some_papers_and_of_those_after_them_are_those_of_all(tmp_path):
    write(PAPERS, tmp_path / "all.db")
    parts = FacetWriter()
    for papers in (PAPERS[:1], [], PAPERS[1:3], PAPERS[3:]):
        own = FacetWriter()
        for paper in papers:
            own.add(paper)
        parts.extend(own)
    parts.write(tmp_path / "parts.db")
    assert (tmp_path / "parts.db").read_bytes() == (tmp_path / "all.db").read_bytes()


@pytest.fixture
def table(tmp_path):
    write(PAPERS, tmp_path / FILE)
    return FacetTable(tmp_path / FILE)


@pytest.mark.parametrize(
    ("facet", "name", "rows"),
    [
        (VENUE, "电化教育研究", [0, 3]),
        (VENUE, " 電化教育研究 ", [0, 3]),
        (VENUE, "NATURE", [1, 2]),
        (VENUE, "Science", []),
        (AUTHOR, "王伟", [0, 1]),
        (AUTHOR, "ma, y.", [0]),
        (AUTHOR, "", []),
        (SUBJECT, "physics", [1]),
        (LANGUAGE, "zh", [0, 3]),
        (LANGUAGE, "nature", []),
    ],
)
def test_a_name_has_its_rows_however_it_is_written(table, facet, name, rows):
    assert table.rows(facet, name).tolist() == rows


@pytest.mark.parametrize(
    ("first", "last", "rows"),
    [(1000, 2999, [0, 1, 3]), (2000, 2020, [0, 3]), (1999, 1999, [1]), (2021, 2999, []), (999, 10_000, [])],
)
def test_years_are_a_range_with_both_ends(table, first, last, rows):
    assert table.rows_of_years(first, last).tolist() == rows


def test_every_row_has_its_year_or_none(table):
    assert table.years(4).tolist() == [2020, 1999, 0, 2020]


def test_a_name_that_no_paper_has_is_answered_with_close_ones(table):
    assert table.close_to(VENUE, "电化教育") == ["電化教育研究"]
    assert table.close_to(VENUE, "Natur") == ["Ｎａｔｕｒｅ"]
    assert table.close_to(VENUE, "Journal of Something Else") == []
    assert table.close_to(VENUE, "") == []


@pytest.fixture
def compared(monkeypatch):
    """How many names were compared with one that no paper has, each time."""
    found = []

    def close(word, possibilities, **how):
        found.append(len(possibilities))
        return get_close_matches(word, possibilities, **how)

    monkeypatch.setattr(facets.difflib, "get_close_matches", close)
    return found


def test_of_many_names_those_that_begin_alike_are_compared(tmp_path, compared):
    writer = FacetWriter()
    people = [f"{'abcdefghij'[n % 10]}person {n:05}" for n in range(facets.MANY + 1_000)]
    for name in [*people, "Zhang Wei", "Zhang Weiwei", "a" * 100]:
        writer.add(Paper(id=name, title="a", authors=(name,)))
    writer.write(tmp_path / FILE)
    table = FacetTable(tmp_path / FILE)
    assert table.close_to(AUTHOR, "Zhnag Wei") == ["Zhang Wei", "Zhang Weiwei"]
    assert table.close_to(AUTHOR, "apersom 00010")[:1] == ["aperson 00010"]
    assert table.close_to(AUTHOR, "ei") == ["Zhang Wei", "Zhang Weiwei"]
    assert compared == [2, len(people) // 10, 0]
    table.close()


def test_no_papers_make_a_table_too(tmp_path):
    FacetWriter().write(tmp_path / FILE)
    table = FacetTable(tmp_path / FILE)
    assert table.rows(VENUE, "nature").tolist() == []
    assert table.years(0).tolist() == []


def test_a_file_that_is_no_table_is_refused(tmp_path):
    (tmp_path / FILE).write_text("no database")
    with pytest.raises(BuildError, match=r"facets\.db is damaged"):
        FacetTable(tmp_path / FILE).rows(VENUE, "nature")


def test_every_name_is_listed_with_how_many_papers_have_it(tmp_path):
    papers = [
        Paper(id=f"{name} {n}", title="a", subject=name)
        for name, count in (("Bees", 1), ("Ants", 5), ("Wasps", 12))
        for n in range(count)
    ]
    write(papers, tmp_path / FILE)
    table = FacetTable(tmp_path / FILE)
    assert table.values(SUBJECT) == [("Ants", 5), ("Bees", 1), ("Wasps", 12)]
    table.close()
