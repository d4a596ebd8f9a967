"""A writer that is killed, at whatever moment, leaves the old build or the new one, whole."""

import pytest

from tests.reliability.kill import SHORT, STEPS, at_random_moments, before_operations
from tests.reliability.nights import KINDS, Home, in_memory

EVERY = {"import": 5, "rebuild": 4, "publish": 1, "roll back": 5, "prune": 3}


@pytest.mark.parametrize("changes", KINDS)
def test_readers_see_the_old_build_or_the_new_one_whenever_the_writer_is_killed(changes):
    n = SHORT // len(KINDS)
    with in_memory() as folder:
        tally = at_random_moments(Home(folder, changes=changes), n)
    assert tally.killed == n
    assert tally.partial > 0
    assert tally.earlier > 0
    assert tally.resumed > 0
    assert (tally.carried > 0) is (changes == "few")


@pytest.mark.parametrize("step", STEPS)
def test_a_writer_may_be_killed_before_its_file_operations(step):
    with in_memory() as folder:
        assert before_operations(Home(folder), STEPS[step], every=EVERY[step]) > 20


def test_a_writer_may_be_killed_before_its_file_operations_while_others_read():
    with in_memory() as folder:
        assert before_operations(Home(folder), STEPS["publish"], every=5, n_readers=1) > 20


def test_a_writer_that_takes_over_a_build_may_be_killed_before_its_file_operations():
    with in_memory() as folder:
        assert before_operations(Home(folder, changes="few"), STEPS["rebuild"], every=4) > 20


def test_a_night_in_which_few_texts_change_takes_over_the_build_before():
    with in_memory() as folder:
        home = Home(folder, changes="few")
        for night in (0, 1):
            home.run(night)
        manifest = home.store.current().manifest
        assert manifest.n_papers == 35
        assert manifest.n_carried == 32  # one was missing, one has a new title, one its usual title again
