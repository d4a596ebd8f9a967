"""What papers can be filtered by, as they are written and as people write it."""

import sqlite3
from contextlib import closing
from difflib import get_close_matches

import numpy as np
import pytest

from recommender.builds import facets
from recommender.builds.facet_rows import ROWS, STARTS
from recommender.builds.facet_writer import FacetWriter
from recommender.builds.facets import AUTHOR, FILE, FILES, LANGUAGE, SUBJECT, VENUE, FacetTable
from recommender.errors import BuildError
from recommender.paper import Paper

PAPERS = [
    Paper(id="1", title="a", venue="電化教育研究", year=2020, authors=("Ma, Y.", "王伟"), language="zh"),
    Paper(id="2", title="b", venue="Ｎａｔｕｒｅ", year=1999, authors=("王伟", "王伟"), subject="Physics"),
    Paper(id="3", title="c", venue="nature", language="en"),
    Paper(id="4", title="d", venue="电化教育研究", year=2020, language="zh", authors=(" ",)),
]


def gathered(papers):
    writer = FacetWriter()
    for paper in papers:
        writer.add(paper)
    return writer


def write(papers, folder):
    gathered(papers).write(folder)


def test_facets_of_some_papers_and_of_those_after_them_are_those_of_all(tmp_path):
    every, in_parts = (tmp_path / name for name in ("all", "parts"))
    every.mkdir()
    in_parts.mkdir()
    write(PAPERS, every)
    parts = FacetWriter()
    for papers in (PAPERS[:1], [], PAPERS[1:3], PAPERS[3:]):
        parts.extend(gathered(papers))
    parts.write(in_parts)
    for name in FILES:
        assert (in_parts / name).read_bytes() == (every / name).read_bytes()


@pytest.fixture
def table(tmp_path):
    write(PAPERS, tmp_path)
    return FacetTable(tmp_path)


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
    writer.write(tmp_path)
    table = FacetTable(tmp_path)
    assert table.close_to(AUTHOR, "Zhnag Wei") == ["Zhang Wei", "Zhang Weiwei"]
    assert table.close_to(AUTHOR, "apersom 00010")[:1] == ["aperson 00010"]
    assert table.close_to(AUTHOR, "ei") == ["Zhang Wei", "Zhang Weiwei"]
    assert compared == [2, len(people) // 10, 0]
    table.close()


def test_no_papers_make_a_table_too(tmp_path):
    FacetWriter().write(tmp_path)
    table = FacetTable(tmp_path)
    assert table.rows(VENUE, "nature").tolist() == []
    assert table.years(0).tolist() == []


LATER = [
    Paper(id="0", title="0", venue="Science", authors=("王偉", "New, N.")),
    Paper(id="2", title="b", venue="Ｎａｔｕｒｅ", year=2001, authors=("王伟",), subject="Chemistry"),
    Paper(id="3", title="c", venue="nature", language="en"),
    Paper(id="4", title="d", venue="电化教育研究", year=2020, language="zh", authors=(" ",)),
]


def test_facets_go_on_from_those_of_the_build_before(tmp_path):
    """Paper 1 is gone, 2 has changed and is read again, 0 is new; 3 and 4 stay where they are."""
    before, later, anew = (tmp_path / name for name in ("before", "later", "anew"))
    for folder in (before, later, anew):
        folder.mkdir()
    write(PAPERS, before)
    gathered(LATER[:2]).write_onto(before, np.array([-1, -1, 2, 3]), np.array([0, 1]), later)
    write(LATER, anew)
    found, right = FacetTable(later), FacetTable(anew)
    assert (
        found.values(VENUE)
        == right.values(VENUE)
        == [("Ｎａｔｕｒｅ", 2), ("Science", 1), ("电化教育研究", 1)]
    )
    assert found.values(AUTHOR) == right.values(AUTHOR) == [("New, N.", 1), ("王偉", 2)]
    assert found.values(SUBJECT) == [("Chemistry", 1)]
    assert found.rows(VENUE, "NATURE").tolist() == [1, 2]
    assert found.rows(AUTHOR, "Ma, Y.").tolist() == []
    assert found.years(4).tolist() == right.years(4).tolist() == [0, 2001, 0, 2020]
    assert found.close_to(AUTHOR, "Ma, Y") == []
    with closing(sqlite3.connect(later / FILE)) as connection:
        names = connection.execute("SELECT name, number FROM spellings ORDER BY number").fetchall()
    assert {name for name, _ in names} == {
        *("Science", "王偉", "王伟", "New, N.", "Ｎａｔｕｒｅ", "nature", "Chemistry"),
        *("电化教育研究", "2001", "2020", "zh", "en"),
    }
    assert [number for _, number in names] == [*range(12)]  # new ones have taken those of names that are gone
    found.close()
    right.close()


def test_of_two_spellings_that_of_the_earliest_row_is_shown_also_when_another_becomes_it(tmp_path):
    before, later = tmp_path / "before", tmp_path / "later"
    before.mkdir()
    later.mkdir()
    spelt = ["NATURE", "nature", "Nature", "nature", "NATURE"]
    write([Paper(id=f"{n}", title="a", venue=venue) for n, venue in enumerate(spelt)], before)
    FacetWriter().write_onto(before, np.array([-1, 3, 1, 0, 2]), np.arange(0), later)
    for folder, shown in ((before, ("NATURE", 5)), (later, ("nature", 4))):
        table = FacetTable(folder)
        assert table.values(VENUE) == [shown]
        assert table.close_to(VENUE, "natur") == [shown[0]]
        assert table.rows(VENUE, "Nature").tolist() == [*range(shown[1])]
        table.close()


@pytest.mark.parametrize("name", [STARTS, ROWS])
def test_files_that_do_not_fit_each_other_are_refused(tmp_path, name):
    write(PAPERS, tmp_path)
    array = np.load(tmp_path / name)
    np.save(tmp_path / name, array[:-1])
    with pytest.raises(BuildError, match="does not fit"):
        FacetTable(tmp_path)
    (tmp_path / name).unlink()
    with pytest.raises(BuildError, match="cannot be read"):
        FacetTable(tmp_path)


@pytest.mark.parametrize("beyond", [0, 99])
def test_a_number_without_rows_is_refused(tmp_path, beyond):
    write(PAPERS, tmp_path)
    starts = np.load(tmp_path / STARTS)
    np.save(tmp_path / STARTS, np.append(starts, starts[-1]))  # one more number, which has none
    with closing(sqlite3.connect(tmp_path / FILE)) as connection, connection:
        connection.execute(
            "UPDATE spellings SET number = ? WHERE name = 'Physics'", (len(starts) - 1 + beyond,)
        )
    table = FacetTable(tmp_path)
    with pytest.raises(BuildError, match="does not fit"):
        table.rows(SUBJECT, "Physics")
    assert table.rows(LANGUAGE, "zh").tolist() == [0, 3]
    table.close()


def test_a_file_that_is_no_table_is_refused(tmp_path):
    write(PAPERS, tmp_path)
    (tmp_path / FILE).write_text("no database")
    with pytest.raises(BuildError, match=r"facets\.db is damaged"):
        FacetTable(tmp_path).rows(VENUE, "nature")


def test_every_name_is_listed_with_how_many_papers_have_it(tmp_path):
    papers = [
        Paper(id=f"{name} {n}", title="a", subject=name)
        for name, count in (("Bees", 1), ("Ants", 5), ("Wasps", 12))
        for n in range(count)
    ]
    write(papers, tmp_path)
    table = FacetTable(tmp_path)
    assert table.values(SUBJECT) == [("Ants", 5), ("Bees", 1), ("Wasps", 12)]
    table.close()
