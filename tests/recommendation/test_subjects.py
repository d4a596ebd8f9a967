"""What a subject consists of, with vectors that can be computed by hand."""

import pytest

from recommender.paper import Paper
from recommender.recommendation.subjects import central, newest, rows_of_subject, subjects_of

PAPERS = [
    Paper(id="1", title="a a a", subject="Letters", year=2020),
    Paper(id="2", title="a b", subject="Letters", year=2024),
    Paper(id="3", title="b b b", subject="letters"),
    Paper(id="4", title="z", subject="End", year=2024),
    Paper(id="5", title="a a b", subject="Letters", year=2024),
]


@pytest.fixture
def engine():
    from recommender.index import engine_named

    return engine_named("flat")


@pytest.fixture
def build(recommender_of):
    return recommender_of(PAPERS).build


def ids(build, rows):
    return [build.papers.paper(row).id for row in rows.tolist()]


def test_subjects_are_counted_whatever_their_case_and_the_largest_comes_first(build):
    assert subjects_of(build) == [("Letters", 4), ("End", 1)]


def test_the_newest_come_first_and_papers_without_a_year_last(build):
    rows = rows_of_subject(build, "LETTERS")
    assert ids(build, newest(build, rows, 9)) == ["2", "5", "1", "3"]
    assert ids(build, newest(build, rows, 1)) == ["2"]


def test_central_papers_are_those_nearest_to_the_mean_of_the_subject(build):
    rows = rows_of_subject(build, "letters")
    # The mean of (1, 0), (.71, .71), (0, 1), (.89, .45) points to 40°; they lie at 0°, 45°, 90°, 27°.
    assert ids(build, central(build, rows, 9)) == ["2", "5", "1", "3"]
    assert ids(build, central(build, rows_of_subject(build, "End"), 2)) == ["4"]


def test_no_subject_has_no_papers(build):
    assert len(rows_of_subject(build, "Physics")) == 0
    assert len(central(build, rows_of_subject(build, "Physics"), 3)) == 0
