"""A writer that is killed, at whatever moment, leaves the old build or the new one, whole."""

import pytest

from tests.reliability.kill import SHORT, at_random_moments, before_operations
from tests.reliability.nights import N_NIGHTS, Home


def test_readers_see_the_old_build_or_the_new_one_whenever_the_writer_is_killed(tmp_path):
    assert at_random_moments(tmp_path, SHORT).killed == SHORT


def import_next(home):
    home.import_night((home.stored_night() + 1) % N_NIGHTS)


def stage_next(home):
    import_next(home)
    home.rebuild()


def publish_more(home):
    for _ in range(2):
        stage_next(home)
        home.store.publish(home.store.builds()[-1])


STEPS = {
    "publish": (stage_next, lambda home: home.store.publish(home.store.builds()[-1]), 3),
    "roll back": (publish_more, lambda home: home.store.rollback(), 5),
    "prune": (publish_more, lambda home: home.store.prune(2), 3),
    "rebuild": (import_next, lambda home: home.rebuild(), 4),
}


@pytest.mark.parametrize("step", STEPS)
def test_a_writer_may_be_killed_before_its_file_operations(tmp_path, step):
    prepare, write, every = STEPS[step]
    assert before_operations(Home(tmp_path), prepare, write, every=every) > 5
