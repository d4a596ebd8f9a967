"""What a recovery saves of damaged rows; `tests/reliability/damage.py` damages at random."""

import sqlite3
from contextlib import closing
from datetime import timedelta

import pytest

from recommender.library import Library, recover
from tests.library.conftest import NIGHT

NOW = NIGHT + timedelta(days=3)


@pytest.fixture
def spoilt(three, path):
    """Change rows of a library of three papers behind its back: `spoilt("UPDATE …")`."""
    three.close()

    def change(statement):
        with closing(sqlite3.connect(path)) as connection, connection:
            connection.execute(statement)
        return recover(path, now=NOW)

    return change


@pytest.mark.parametrize(
    "change", ["added_at = 'x'", "added_at = '2020-01-01T00:00:00+00:00'", "source = 7", "stamp = 0"]
)
def test_a_record_whose_times_and_source_are_lost_is_saved_as_of_now(spoilt, path, change):
    recovered = spoilt(f"UPDATE papers SET {change} WHERE id = 'a'")
    assert (recovered.n_saved, recovered.lost, recovered.n_undated) == (3, (), 1)
    with Library.open_read_only(path) as library:
        assert [paper.id for paper in library.papers()] == ["b", "a", "c"]
        found = library.get("a")
        assert (found.added_at, found.place, found.source) == (NOW, "", "(recovered) 2")
        assert library.get("b").added_at == NIGHT
        assert library.added_since(NOW) == {"a"}
        assert library.summary().n_papers == 3


def test_papers_whose_source_is_damaged_keep_their_times(spoilt, path):
    recovered = spoilt("UPDATE sources SET name = 'elsewhere'")
    assert (recovered.n_saved, recovered.n_undated) == (3, 0)
    with Library.open_read_only(path) as library:
        assert (library.get("a").source, library.get("a").added_at) == ("(recovered) 1", NIGHT)


def test_a_record_that_is_damaged_is_lost_with_its_id_told(spoilt, path):
    recovered = spoilt("UPDATE papers SET record = x'00' WHERE id = 'a'")
    assert (recovered.n_saved, recovered.lost, recovered.n_undated) == (2, ("a",), 0)
    with Library.open_read_only(path) as library:
        assert [paper.id for paper in library.papers()] == ["b", "c"]
