"""A disk that takes nothing more, or fails, costs the night and nothing else."""

import os

import pytest

from tests.reliability.full import SHORT, checked, failing, filling, forbid, limited, small_disk
from tests.reliability.nights import Home


def test_a_limit_on_the_size_of_files_is_said_and_yesterday_answers(tmp_path):
    tally = limited(Home(tmp_path), SHORT)
    assert tally.keys() == {"refused", "finished"}  # which of them, the largest file of a night decides
    assert tally["refused"] > SHORT // 2


def test_a_file_operation_that_fails_is_said_and_yesterday_answers(tmp_path):
    tally = failing(Home(tmp_path), every=9)
    assert tally["refused"] > 5


def test_a_folder_that_may_only_be_read_is_said_and_answers(tmp_path):
    home = Home(tmp_path / "home")
    home.run(0)
    if os.geteuid() != 0:
        pytest.skip("only root can take a right from a process and keep it for the next night")
    assert checked(home, lambda: forbid(home)) == "refused"


def test_a_disk_that_fills_up_is_said_and_yesterday_answers(tmp_path):
    with small_disk(tmp_path) as disk:
        if disk is None:
            pytest.skip("no file system can be mounted here")
        tally = filling(disk, (1.0, 0.95, 0.8))
    assert tally["refused"] >= 1
