"""A disk that takes nothing more, or fails, costs the night and nothing else."""

import os

import pytest

from tests.reliability.full import (
    ENOUGH,
    FAILURES,
    PAGE,
    SHORT,
    checked,
    failing,
    filling,
    forbid,
    gone,
    limited,
    operation,
    renamed,
    small_disk,
    synced,
)
from tests.reliability.nights import KINDS, Home, in_memory


def test_a_limit_on_the_size_of_files_is_said_and_yesterday_answers():
    with in_memory() as folder:
        tally = limited(Home(folder), SHORT)
    assert tally.keys() == {"refused", "finished"}  # which of them, the largest file of a night decides
    assert tally["refused"] > SHORT // 2


def test_a_limit_on_the_size_of_files_of_a_build_is_said_and_yesterday_answers():
    with in_memory() as folder:
        tally = limited(Home(folder, changes="few"), SHORT, of_builds=True)
    assert tally["refused"] > SHORT // 2


@pytest.mark.parametrize("changes", KINDS)
def test_a_file_operation_that_fails_is_said_and_yesterday_answers(changes):
    with in_memory() as folder:
        tally = failing(Home(folder, changes=changes), operation, every=9)
    assert tally["refused"] > len(FAILURES)


@pytest.mark.parametrize(("kind", "every", "least"), [(gone, 9, 10), (renamed, 1, 5), (synced, 1, 20)])
def test_a_disk_that_is_gone_or_fails_late_is_said_and_yesterday_answers(kind, every, least):
    with in_memory() as folder:
        tally = failing(Home(folder), kind, every=every)
    assert tally["refused"] >= least


def test_a_folder_that_may_only_be_read_is_said_and_answers(tmp_path):
    home = Home(tmp_path / "home")
    home.run(0)
    if os.geteuid() != 0:
        pytest.skip("only root can take a right from a process and keep it for the next night")
    assert checked(home, lambda: forbid(home)) == "refused"


def test_a_disk_that_fills_up_is_said_and_yesterday_answers(tmp_path):
    with small_disk(tmp_path) as disk:
        if disk is None:
            pytest.skip("only who may mount has a small disk")
        tally = filling(disk, range(0, ENOUGH, 5 * PAGE))
    assert tally["refused"] >= 3
    assert tally["finished"] >= 3
