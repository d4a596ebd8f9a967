"""Tables of pandas and Polars, in and out."""

import datetime
import sys

import pandas as pd
import polars as pl
import pytest

from recommender import papers_from, recommender_of, to_pandas, to_polars
from recommender.errors import MissingExtraError, RecordError, UsageError
from recommender.paper import Paper

ROWS = {
    "id": ["a", "b", "c"],
    "title": ["产教融合的治理", "职业教育的校企合作", "Perovskite solar cells"],
    "abstract": ["市域产教联合体推动产业协同。", "校企合作是基本办学模式。", None],
    "year": [2023, None, 2020],
    "authors": [["王作鹏"], [], ["A. Berg", "B. Ito"]],
    "score": [0.1, 0.2, 0.3],
}


@pytest.mark.parametrize("frame", [pd.DataFrame(ROWS), pl.DataFrame(ROWS)], ids=["pandas", "polars"])
def test_a_table_of_either_library_gives_the_same_papers(frame):
    assert papers_from(frame) == [
        Paper(
            id="a",
            title="产教融合的治理",
            abstract="市域产教联合体推动产业协同。",
            year=2023,
            authors=("王作鹏",),
        ),
        Paper(id="b", title="职业教育的校企合作", abstract="校企合作是基本办学模式。"),
        Paper(id="c", title="Perovskite solar cells", year=2020, authors=("A. Berg", "B. Ito")),
    ]


def test_times_missing_values_and_the_index_are_read_as_they_are_meant():
    columns = {
        "篇名": ["一", "二"],
        "date": [datetime.datetime(2021, 5, 1), pd.NaT],
        "keywords": pd.array(["x; y", pd.NA]),
    }
    frame = pd.DataFrame(columns, index=pd.Index([7, 8], name="编号"))
    assert papers_from(frame) == [
        Paper(id="7", title="一", year=2021, keywords=("x", "y")), Paper(id="8", title="二"),
    ]  # fmt: skip
    assert [paper.id for paper in papers_from(pl.DataFrame({"title": ["x", "y"]}))] == ["1", "2"]


def test_what_is_no_table_of_papers_is_refused_in_one_sentence():
    with pytest.raises(UsageError, match="give a DataFrame of pandas or Polars, not list"):
        papers_from([1])
    with pytest.raises(UsageError, match="neither a title nor an abstract among the columns: 'x'; rename"):
        papers_from(pl.DataFrame({"x": [1]}))
    with pytest.raises(RecordError, match=r"DataFrame, row 2: id must be text or a whole number, got 1.5"):
        papers_from(pd.DataFrame({"id": [1, 1.5], "title": ["x", "y"]}, dtype=object))


@pytest.mark.parametrize("frame", [[1], pl.DataFrame({"x": [1]}), pd.DataFrame({"x": [1]})], ids=type)
def test_what_is_no_table_of_papers_makes_no_home(tmp_path, frame):
    with pytest.raises(UsageError):
        recommender_of(frame, tmp_path / "home")
    assert not (tmp_path / "home").exists()


def test_five_lines_lead_to_recommendations_and_back_to_a_table(tmp_path):
    recommender = recommender_of(pd.DataFrame(ROWS), tmp_path / "home")
    answer = recommender.similar_to("a", k=2)
    for table in (to_pandas(answer), to_polars(answer)):
        assert [*table["id"]] == ["b", "c"]
        assert [*table["rank"]] == [1, 2]
        assert [*table["score"]] == [result.score for result in answer.results]
        assert [*table.columns][:5] == ["rank", "score", "similarity", "label", "id"]
    fewer = recommender_of(pl.DataFrame(ROWS).head(2), tmp_path / "home")
    assert fewer.build.manifest.n_papers == 2
    with pytest.raises(RecordError, match="'a'"):
        recommender_of(pd.DataFrame({"id": ["a", "a"], "title": ["x", "y"]}), tmp_path / "home")


@pytest.mark.parametrize("read", [to_pandas, to_polars])
def test_papers_survive_the_way_out_and_in_again(read):
    papers = papers_from(pl.DataFrame(ROWS))
    assert papers_from(read(papers)) == papers
    assert [*read([]).columns] == [*read(papers).columns]


@pytest.mark.parametrize(("convert", "name"), [(to_pandas, "pandas"), (to_polars, "polars")])
def test_a_missing_library_is_asked_for(monkeypatch, convert, name):
    monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(MissingExtraError, match=rf"pip install 'recommender\[{name}\]'"):
        convert([])
