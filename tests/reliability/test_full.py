"""A disk that takes nothing more, or fails, costs the night and nothing else."""

import os
import shutil
import subprocess
from collections import Counter

import pytest

from tests.reliability.full import SHORT, checked, failing, forbid, limited
from tests.reliability.nights import Home


def test_a_limit_on_the_size_of_files_is_said_and_yesterday_answers(tmp_path):
    tally = limited(Home(tmp_path), SHORT)
    assert tally == Counter(refused=SHORT - 1, finished=1)


def test_a_file_operation_that_fails_is_said_and_yesterday_answers(tmp_path):
    tally = failing(Home(tmp_path), every=9)
    assert tally["refused"] > 5


def test_a_folder_that_may_only_be_read_is_said_and_answers(tmp_path):
    home = Home(tmp_path / "home")
    home.run(0)
    if os.geteuid() != 0:
        pytest.skip("only root can take a right from a process and keep it for the next night")
    assert checked(home, lambda: forbid(home)) == "refused"


@pytest.fixture
def small_disk(tmp_path):
    """A disk of 2 MB, where the system lets one be mounted."""
    mounted = tmp_path / "disk"
    mounted.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(mounted)]
    if not shutil.which("mount") or subprocess.run(command, capture_output=True).returncode:
        pytest.skip("no file system can be mounted here")
    yield mounted
    subprocess.run(["umount", "-l", str(mounted)], check=True)


def test_a_disk_that_fills_up_is_said_and_yesterday_answers(small_disk):
    home = Home(small_disk / "home")
    home.run(0)
    filler = small_disk / "filler"
    free = os.statvfs(small_disk).f_bavail * os.statvfs(small_disk).f_frsize
    refused = 0
    for share in (1.0, 0.95, 0.8):
        filler.write_bytes(bytes(int(free * share)))
        outcome = checked(home, lambda: None, afterwards=filler.unlink)
        refused += outcome == "refused"
        free = os.statvfs(small_disk).f_bavail * os.statvfs(small_disk).f_frsize
    assert refused >= 1
