"""Which builds were published: a rollback, a prune and a fall-back know no others."""

import pytest

from recommender.builds.fallback import whole_before_current
from recommender.builds.published import FILE
from recommender.builds.store import CURRENT
from recommender.errors import BuildError
from recommender.index import engine_named
from tests.builds.test_kept_verdict import REFUSED


@pytest.fixture
def engine():
    return engine_named("flat")


@pytest.fixture
def nights(rebuilt):
    """Five builds, oldest first; none is published."""
    return [rebuilt({"1": "ab" + night}, force=True).manifest.build_id for night in "cdefg"]


def noted(store):
    return (store.root / FILE).read_text().split()


def publish(store, *build_ids):
    for build_id in build_ids:
        store.publish(build_id)


def test_a_rollback_passes_over_what_was_refused_and_what_was_never_published(store, nights):
    store.publish(nights[0])
    store.keep_verdict(nights[1], REFUSED)
    store.publish(nights[3])  # 2 was made, and that was all
    assert store.predecessor() == nights[0]
    assert store.rollback() == nights[0]
    with pytest.raises(BuildError, match=rf"no build was published before {nights[0]} .*publish another"):
        store.rollback()


def test_a_second_rollback_goes_further_back_and_the_next_publication_starts_from_there(store, nights):
    publish(store, *nights[:3])
    assert [store.rollback(), store.rollback()] == [nights[1], nights[0]]
    store.publish(nights[3])
    assert noted(store) == [nights[0], nights[3]]
    assert store.predecessor() == nights[0]


def test_an_older_build_that_is_published_by_hand_is_followed_by_the_one_it_took_the_place_of(store, nights):
    publish(store, *nights[:3], nights[0], nights[0])
    assert noted(store) == [nights[1], nights[2], nights[0]]
    assert [store.rollback(), store.rollback()] == [nights[2], nights[1]]


def test_prune_spares_the_last_that_answered_however_many_were_refused_since(store, nights):
    publish(store, nights[0], nights[1])
    for build_id in nights[2:]:
        store.keep_verdict(build_id, REFUSED)
    assert store.prune(1) == nights[2:4]  # the newest of the refused can be looked at
    assert store.builds() == [nights[0], nights[1], nights[4]]
    assert store.rollback() == nights[0]


def test_prune_spares_what_a_rollback_returns_to_rather_than_what_was_refused(store, nights):
    store.publish(nights[0])
    store.keep_verdict(nights[1], REFUSED)
    store.publish(nights[2])
    assert store.prune(1) == [nights[1], nights[3]]
    assert store.rollback() == nights[0]


def test_refused_builds_do_not_fill_the_window_and_are_gone_once_a_later_one_is_published(store, nights):
    publish(store, nights[0], nights[1])
    store.keep_verdict(nights[2], REFUSED)
    store.keep_verdict(nights[3], REFUSED)
    store.publish(nights[4])
    assert store.prune(3) == [nights[2], nights[3]]
    assert store.builds() == [nights[0], nights[1], nights[4]]


def test_a_refused_build_that_was_published_by_hand_answers_like_any_other(store, nights):
    store.keep_verdict(nights[0], REFUSED)
    publish(store, nights[0], nights[1])
    assert store.prune(1) == nights[2:4]
    assert store.rollback() == nights[0]


def test_what_is_pruned_is_forgotten(store, nights):
    publish(store, *nights)
    assert store.prune(2) == nights[:3]
    assert noted(store) == nights[3:]


def test_a_home_of_a_program_before_goes_by_the_verdicts(store, nights):
    store.keep_verdict(nights[1], REFUSED)
    (store.root / CURRENT).write_text(nights[2] + "\n")
    assert store.predecessor() == nights[0]
    store.publish(nights[3])
    assert noted(store) == [nights[0], nights[2], nights[3]]
    assert [store.rollback(), store.rollback()] == [nights[2], nights[0]]


def test_the_first_publication_has_nothing_before_it(store, nights):
    store.publish(nights[2])
    assert store.predecessor() is None


DAMAGES = {
    "no text": lambda path: path.write_bytes(b"\xff\xfe"),
    "something else": lambda path: path.write_text("nonsense\n"),
    "empty": lambda path: path.write_bytes(b""),
    "a folder": lambda path: (path.unlink(), path.mkdir()),
    "gone": lambda path: path.unlink(),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_note_stops_nothing_and_the_verdicts_tell(store, nights, damage):
    publish(store, nights[0], nights[2])
    store.keep_verdict(nights[1], REFUSED)
    DAMAGES[damage](store.root / FILE)
    assert store.current().manifest.build_id == nights[2]
    assert store.predecessor() == nights[0]
    store.publish(nights[3])
    assert store.current().manifest.build_id == nights[3]
    if damage != "a folder":
        assert noted(store) == [nights[0], nights[2], nights[3]]
    assert nights[2] not in store.prune(1)
    assert store.rollback() == nights[2]


@pytest.mark.parametrize("step", ["publish", "roll back"])
def test_killed_between_the_note_and_the_pointer_both_still_fit(store, nights, step):
    publish(store, *nights[:3])
    before = (store.root / CURRENT).read_bytes()
    store.publish(nights[3]) if step == "publish" else store.rollback()
    (store.root / CURRENT).write_bytes(before)  # as if it had never been written
    assert store.predecessor() == nights[1]
    assert nights[1] not in store.prune(1)
    store.publish(nights[4])
    assert noted(store)[-2:] == [nights[2], nights[4]]
    assert [store.rollback(), store.rollback()] == [nights[2], nights[1]]


def test_a_damaged_build_is_answered_for_by_the_last_whole_one_that_was_published(store, nights):
    publish(store, *nights[:2], nights[4])
    store.keep_verdict(nights[3], REFUSED)
    (store.root / nights[4] / "vectors.npy").write_bytes(b"")
    assert whole_before_current(store).manifest.build_id == nights[1]
    (store.root / nights[1] / "vectors.npy").write_bytes(b"")
    assert whole_before_current(store).manifest.build_id == nights[0]


def test_where_the_pointer_is_damaged_the_last_that_was_published_answers(store, nights):
    publish(store, *nights[:3])
    store.rollback()
    (store.root / CURRENT).write_bytes(b"..")
    assert whole_before_current(store).manifest.build_id == nights[1]


def test_what_a_killed_writer_left_of_the_note_is_tidied(store, nights):
    (store.root / f".{FILE}.4711").write_text("half")
    store.publish(nights[0])
    assert not (store.root / f".{FILE}.4711").exists()
