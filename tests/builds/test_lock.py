import subprocess
import sys

import pytest

from recommender.builds.lock import writing
from recommender.errors import LockedError, SettingsError

HOLD = """
import sys
from pathlib import Path
from recommender.builds.lock import writing

with writing(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def lock(tmp_path):
    return tmp_path / "home" / "writer.lock"


@pytest.fixture
def other_writer(lock):
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(lock)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def test_a_second_writer_is_refused_while_another_process_writes(lock, other_writer):
    with pytest.raises(LockedError, match="another process is writing"), writing(lock):
        pytest.fail("two writers at once")


def test_the_lock_is_free_once_the_other_writer_is_done(lock, other_writer):
    other_writer.stdin.close()
    assert other_writer.wait(timeout=60) == 0
    with writing(lock):
        pass


def test_the_lock_of_a_killed_writer_is_free(lock, other_writer):
    other_writer.kill()
    other_writer.wait(timeout=60)
    with writing(lock):
        pass


def test_a_writer_that_waits_gets_the_lock_when_the_other_is_done(lock, other_writer):
    other_writer.stdin.close()  # it leaves at some moment from now on
    with writing(lock, wait=60.0):
        pass


def test_two_writers_of_one_process_exclude_each_other_too(lock):
    with writing(lock), pytest.raises(LockedError), writing(lock):
        pytest.fail("two writers at once")


def test_a_writer_that_fails_frees_the_lock(lock):
    with pytest.raises(ZeroDivisionError), writing(lock):
        raise ZeroDivisionError
    with writing(lock):
        pass


def test_a_home_that_cannot_be_made_is_refused(tmp_path):
    (tmp_path / "home").write_text("a file, not a folder")
    with pytest.raises(SettingsError, match=r"cannot write to .*home"), writing(tmp_path / "home" / "lock"):
        pytest.fail("nothing can be written there")
