"""What is computed in a process of its own, and what happens when that one is killed."""

import asyncio
import os
import time
from contextlib import suppress
from types import SimpleNamespace

import pytest

from recommender.errors import WorkersError
from recommender.presentation.web.desk import LateError
from recommender.presentation.web.once import OncePerBuild
from recommender.presentation.web.problems import status_of
from tests.conftest import is_running


def killed_the_first_time(folder):
    """Return the process that this is done by; the first one does not live to do it."""
    time.sleep(0.5)  # so that somebody can be too early
    try:
        (folder / "begun").touch(exist_ok=False)
    except FileExistsError:
        return os.getpid()
    os.kill(os.getpid(), 9)


def noted_and_never_done(folder):
    (folder / f"{os.getpid()}.begun").touch()
    time.sleep(1e6)


@pytest.fixture
def once():
    once = OncePerBuild(killed_the_first_time, seconds=60.0)
    yield once
    once.close()


@pytest.fixture
def of(once, tmp_path):
    """Ask for what is computed of a build, as long as `seconds`."""

    def of_(build_id, seconds=None):
        opened = SimpleNamespace(build_id=build_id, build=SimpleNamespace(folder=tmp_path))
        return asyncio.run(once.of(opened, seconds))

    return of_


def test_a_process_that_is_killed_is_told_of_and_the_next_question_has_another(of):
    with pytest.raises(WorkersError, match="was killed, perhaps for want of memory; ask again") as told:
        of("a")
    assert status_of(told.value) == 503
    assert of("a") == of("a")


def test_who_waits_no_longer_is_told_when_asking_again(of, tmp_path):
    with pytest.raises(LateError):
        of("a", seconds=0.0)
    while not (tmp_path / "begun").exists():
        time.sleep(0.05)
    with pytest.raises(WorkersError):
        of("a")
    assert of("a")


def test_a_process_that_is_killed_while_it_waits_has_a_successor(of, tmp_path):
    (tmp_path / "begun").touch()
    process = of("a")
    os.kill(process, 9)
    while is_running(process):
        time.sleep(0.05)
    with suppress(WorkersError):  # for a moment nobody has noticed
        of("b")
    assert of("b") != process


def test_whoever_ends_the_server_does_not_wait_for_what_is_computed(tmp_path):
    once = OncePerBuild(noted_and_never_done, seconds=60.0)
    opened = SimpleNamespace(build_id="a", build=SimpleNamespace(folder=tmp_path))
    with pytest.raises(LateError):
        asyncio.run(once.of(opened, 0.0))
    while not (begun := [*tmp_path.glob("*.begun")]):
        time.sleep(0.05)
    once.close()
    assert not is_running(int(begun[0].stem))
