"""What a recovery saves of damaged rows; `tests/reliability/damage.py` damages at random."""

import errno
import sqlite3
from contextlib import closing, contextmanager, suppress
from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest

from recommender.library import Library, recover, recovery
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


class Killed(BaseException):
    """What nothing catches."""


@pytest.fixture(params=[True, False], ids=["links", "no links"])
def dying(request):
    """Let a recovery die before one of the steps that give names; after that nothing is cleared away."""

    @contextmanager
    def dying_(number):
        steps = count(1)

        def before(step):
            def step_(self, target):
                if next(steps) == number:
                    patch.setattr(recovery, "_remove", lambda path: None)
                    raise Killed
                if step.__name__ == "hardlink_to" and not request.param:
                    raise OSError(errno.EPERM, "Operation not permitted")
                return step(self, target)

            return step_

        with pytest.MonkeyPatch.context() as patch, suppress(Killed):
            patch.setattr(Path, "hardlink_to", before(Path.hardlink_to))
            patch.setattr(Path, "replace", before(Path.replace))
            yield

    return dying_


@pytest.mark.parametrize("number", range(1, 7))
def test_a_recovery_that_is_killed_leaves_a_library_and_can_be_run_again(three, path, dying, number):
    three.close()
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE papers SET record = x'00' WHERE id = 'a'")
    damaged, is_done = path.read_bytes(), False
    path.with_name(f"{path.name}-wal").touch()
    with dying(number):
        recover(path, now=NOW)
        is_done = True
    assert (path.read_bytes() == damaged) is not is_done
    again = recover(path, now=NOW + timedelta(seconds=1))
    assert (again.n_saved, again.lost) == (2, () if is_done else ("a",))
    assert damaged in [kept.read_bytes() for kept in path.parent.glob(f"{path.stem}.damaged-*")]
    with Library.open_read_only(path) as library:
        assert [paper.id for paper in library.papers()] == ["b", "c"]
    assert not {*path.parent.glob(".*.recovered*"), *path.parent.glob(".*.copy*")}


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


def test_a_number_beyond_all_that_the_file_could_hold_is_tried_by_itself(spoilt, path):
    recovered = spoilt(f"UPDATE papers SET ordinal = {2**40} WHERE id = 'a'")
    assert (recovered.n_saved, recovered.lost) == (3, ())
    with Library.open_read_only(path) as library:
        assert [paper.id for paper in library.papers()] == ["b", "c", "a"]
