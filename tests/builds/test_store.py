import errno
import os
import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from recommender.builds import BuildStore
from recommender.builds.build import CHECKED
from recommender.builds.in_use import Hold, unused
from recommender.builds.store import CURRENT, new_build_id
from recommender.errors import BuildError, SettingsError
from recommender.index import engine_named

TEXTS = {"1": "aab", "2": "abb", "3": "zzz"}


@pytest.fixture
def engine():
    return engine_named("flat")  # which engine wrote the index is all one to the store


@pytest.fixture
def nights(rebuilt):
    """Four builds, oldest first; none is published."""
    return [rebuilt({"1": "ab" + night}, force=True).manifest.build_id for night in "cdef"]


def hidden(store):
    """What begins with a dot, the notes on what was compared apart."""
    return [path.name for path in store.root.glob(".*") if path.name != CHECKED]


def damage(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def test_a_store_that_was_never_used_has_no_builds(store):
    assert store.builds() == []
    assert store.current_id() is None
    with pytest.raises(BuildError, match=r"there is no published build .*; run: recommend rebuild"):
        store.current()


def test_a_build_appears_under_its_id_and_is_not_current_before_it_is_published(store, rebuilt):
    build_id = rebuilt(TEXTS).manifest.build_id
    assert build_id == "20261123T021500Z"
    assert store.builds() == [build_id]
    assert store.current_id() is None
    store.publish(build_id)
    assert store.current().manifest.build_id == build_id


def test_an_unknown_build_is_answered_with_the_latest_five(store, rebuilt):
    made = [rebuilt({"1": f"ab{night}"}, force=True).manifest.build_id for night in "cdefgh"]
    with pytest.raises(BuildError) as told:
        store.open("20200101T000000Z")
    assert str(told.value).endswith(f"(the latest: {', '.join(made[1:])})")


def test_a_build_of_which_a_file_is_missing_or_cut_off_is_not_opened(store, rebuilt):
    build_id = rebuilt(TEXTS).manifest.build_id
    file = store.root / build_id / "facets.db"
    content = file.read_bytes()
    for change in (lambda: file.write_bytes(content[:-1]), file.unlink):
        change()
        with pytest.raises(BuildError, match=r"facets\.db is missing or cut off"):
            store.open(build_id)


def test_a_build_that_cannot_be_deleted_is_said_in_a_sentence(store, nights, monkeypatch):
    def refused(self, target):
        raise OSError(errno.EBUSY, "Device or resource busy")

    store.publish(nights[-1])
    monkeypatch.setattr(Path, "rename", refused)
    with pytest.raises(SettingsError, match=r"cannot delete in .* \(Device or resource busy\)"):
        store.prune(1)
    monkeypatch.undo()
    assert store.builds() == nights


def test_what_cannot_be_held_leaves_every_open_file_as_it_is(tmp_path):
    standard = [os.fstat(number) for number in range(3)]
    with pytest.raises(FileNotFoundError):
        Hold(tmp_path / "nothing")
    assert [os.fstat(number) for number in range(3)] == standard


def test_builds_of_one_second_get_different_ids_in_the_order_they_were_made(store, nights, now):
    assert nights == [f"20261123T02150{second}Z" for second in range(4)]
    assert store.builds() == nights
    assert store.free_id(now) == "20261123T021504Z"
    assert store.free_id(now + timedelta(minutes=1)) == "20261123T021600Z"


def test_a_block_that_writes_no_manifest_makes_no_build(store):
    with (
        pytest.raises(BuildError, match="tonight was left without a manifest"),
        store.create("tonight") as folder,
    ):
        (folder / "papers.bin").write_bytes(b"something")
    assert [*store.root.iterdir()] == []


@pytest.mark.parametrize("crash", [ZeroDivisionError, KeyboardInterrupt, SystemExit])
def test_a_crash_leaves_yesterday_and_no_partial_folder(store, published, crash):
    yesterday = published(TEXTS)
    with pytest.raises(crash), store.create("20261124T021500Z"):
        raise crash
    assert store.current().manifest.build_id == yesterday
    assert store.builds() == [yesterday]
    assert hidden(store) == []


def test_a_full_disk_is_said_and_leaves_yesterday(store, published):
    yesterday = published(TEXTS)
    with (
        pytest.raises(BuildError, match=r"No space left on device.*stays current"),
        store.create("20261124T021500Z"),
    ):
        raise OSError(errno.ENOSPC, "No space left on device")
    assert store.current_id() == yesterday
    assert hidden(store) == []


def test_what_a_killed_run_left_is_no_build_and_is_removed_by_the_next(store, published):
    published(TEXTS)
    left = store.root / ".20261122T021500Z.partial"
    left.mkdir()
    (left / "manifest.json").write_bytes(b"{}")
    assert left.name.strip(".") not in store.builds()
    published({"1": "another"})
    assert hidden(store) == []


def test_a_folder_that_cannot_be_written_to_is_refused_with_a_way_out(tmp_path):
    (tmp_path / "home").write_text("a file, not a folder")
    with pytest.raises(SettingsError, match=r"cannot write to .*home.*--home"):  # noqa: SIM117
        with BuildStore(tmp_path / "home" / "builds").create("tonight"):
            pytest.fail("nothing can be written there")


def test_the_id_of_a_build_is_never_used_again(store, published):
    build_id = published(TEXTS)
    with pytest.raises(BuildError, match="could not be written"), store.create(build_id) as folder:
        (folder / "manifest.json").write_bytes(b"{}")
    assert store.current().papers.paper(0).title == "aab"


def test_an_opened_build_keeps_answering_after_another_is_published(store, published):
    published(TEXTS)
    opened = store.current()
    published({"1": "zz", "2": "zy"})
    assert [paper.title for paper in opened.papers.all()] == ["aab", "abb", "zzz"]
    assert opened.neighbours.of(0)[0][:2] == (1, pytest.approx(0.8))
    assert [paper.title for paper in store.current().papers.all()] == ["zz", "zy"]


@pytest.mark.parametrize("name", ["papers.bin", "ids.bin", "vectors.npy", "neighbours.bin", "manifest.json"])
def test_a_damaged_build_is_not_published_and_the_pointer_stays(store, published, rebuilt, name):
    yesterday = published(TEXTS)
    tonight = rebuilt({"1": "another"}).manifest.build_id
    damage(store.root / tonight / name)
    with pytest.raises(BuildError, match=name):
        store.publish(tonight)
    assert store.current_id() == yesterday
    assert hidden(store) == []


def test_a_build_with_a_file_too_many_is_not_published(store, rebuilt):
    build_id = rebuilt(TEXTS).manifest.build_id
    (store.root / build_id / "extra.txt").write_text("who put this here?")
    with pytest.raises(BuildError, match=r"holds files of no build: extra\.txt"):
        store.publish(build_id)


@pytest.mark.parametrize("stranger", ["20991231T000000Z", "", ".", "..", "../builds", CURRENT])
def test_an_unknown_build_is_refused_with_the_known_ones(store, published, stranger):
    build_id = published(TEXTS)
    for refused in (store.open, store.publish):
        with pytest.raises(BuildError, match=f"there is no build .*the latest: {build_id}"):
            refused(stranger)
    assert store.current_id() == build_id


def test_a_build_under_another_name_is_refused(store, published):
    build_id = published(TEXTS)
    shutil.copytree(store.root / build_id, store.root / "20991231T000000Z")
    with pytest.raises(BuildError, match=f"holds the manifest of build {build_id}"):
        store.open("20991231T000000Z")


def test_a_rollback_publishes_the_build_before(store, nights):
    for night in nights[:3]:
        store.publish(night)
    assert store.predecessor() == nights[1]
    assert store.rollback() == nights[1]
    assert store.current_id() == nights[1]
    assert store.rollback() == nights[0]


def test_there_is_nothing_before_the_oldest_build(store, nights):
    store.publish(nights[0])
    assert store.predecessor() is None
    with pytest.raises(BuildError, match=f"no build was published before {nights[0]}"):
        store.rollback()
    assert store.current_id() == nights[0]


def test_a_rollback_to_a_damaged_build_is_refused_and_the_pointer_stays(store, nights):
    for night in nights[:2]:
        store.publish(night)
    damage(store.root / nights[0] / "vectors.npy")
    with pytest.raises(BuildError, match=r"vectors\.npy"):
        store.rollback()
    assert store.current_id() == nights[1]


def test_nothing_is_pruned_while_no_build_is_current(store, nights):
    (store.root / CURRENT).unlink(missing_ok=True)
    with pytest.raises(BuildError, match="publish one before others are deleted"):
        store.prune(1)
    assert store.builds() == nights
    with pytest.raises(BuildError, match=f"the newest is {nights[-1]}"):
        store.current()


def test_a_folder_of_somebody_else_is_no_build(store, nights):
    (store.root / "lost+found").mkdir()
    assert store.builds() == nights


@pytest.mark.parametrize(
    ("keep", "current", "left"),
    [
        (1, 3, [2, 3]),  # the predecessor stays
        (2, 3, [2, 3]),
        (3, 3, [1, 2, 3]),
        (4, 3, [0, 1, 2, 3]),
        (5, 3, [0, 1, 2, 3]),
        (99, 3, [0, 1, 2, 3]),
        (0, 3, [2, 3]),
        (1, 0, [0, 3]),  # the oldest answers
        (1, 1, [0, 1, 3]),
    ],
)
def test_prune_keeps_the_newest_the_current_and_its_predecessor(store, nights, keep, current, left):
    for night in nights[: current + 1]:
        store.publish(night)
    pruned = store.prune(keep)
    assert store.builds() == [nights[night] for night in left]
    assert pruned == [night for night in nights if night not in store.builds()]
    assert hidden(store) == []


def test_prune_removes_a_damaged_build_too(store, nights):
    store.publish(nights[3])
    (store.root / nights[0] / "manifest.json").unlink()
    assert store.prune(3) == [nights[0]]


@pytest.mark.parametrize(
    "content", [b"", b"\n", b"..", b"../../elsewhere", b".hidden", b"a/b", b"\xff\xfe", b"20991231T000000Z\n"]
)
def test_a_pointer_that_is_damaged_or_points_nowhere_is_refused_until_a_build_is_published(
    store, published, content
):
    build_id = published(TEXTS)
    (store.root / CURRENT).write_bytes(content)
    with pytest.raises(
        BuildError, match=r"CURRENT (is damaged|cannot be read)|there is no build .20991231T000000Z"
    ):
        store.current()
    store.publish(build_id)
    assert store.current().manifest.build_id == build_id


def test_a_pointer_that_is_a_folder_is_refused(store, published):
    published(TEXTS)
    (store.root / CURRENT).unlink()
    (store.root / CURRENT).mkdir()
    with pytest.raises(BuildError, match="CURRENT cannot be read"):
        store.current()


def test_prune_deletes_nothing_while_the_pointer_is_damaged(store, nights):
    (store.root / CURRENT).write_bytes(b"..")
    with pytest.raises(BuildError, match="CURRENT is damaged"):
        store.prune(1)
    assert store.builds() == nights


def test_a_build_that_somebody_has_open_is_not_pruned_until_it_is_closed(store, published):
    ids = [published({"1": "ab" + night}) for night in "cdef"]
    reader = store.open(ids[0])
    assert store.prune(1) == [ids[1]]
    assert reader.papers.paper(0).title == "abc"
    reader.close()
    assert store.prune(1) == [ids[0]]


def test_a_build_that_is_being_deleted_cannot_be_opened(store, published):
    build_id = published({"1": "abc"})
    with unused(store.root / build_id) as is_unused:
        assert is_unused
        with pytest.raises(BuildError, match="cannot be read"):
            store.open(build_id)
    store.open(build_id).close()


def test_a_reader_whose_build_is_pruned_while_it_opens_it_gets_the_newest(store, published, monkeypatch):
    old = published({"1": "abc"})
    read = store.current_id

    def stale():
        """Return what the pointer said before two builds were published and this one was pruned."""
        monkeypatch.setattr(store, "current_id", read)
        for night in "de":
            published({"1": "ab" + night})
        store.prune(1)
        return old

    monkeypatch.setattr(store, "current_id", stale)
    assert store.current().papers.paper(0).title == "abe"
    assert old not in store.builds()


def test_a_clock_that_goes_backwards_does_not_turn_the_order_of_the_builds(store, published, now):
    first = published({"1": "abc"})
    assert store.free_id(now - timedelta(days=400)) > first
    assert store.free_id(now + timedelta(days=1)) == new_build_id(now + timedelta(days=1))


@pytest.mark.parametrize("left", [".CURRENT.77", ".checked/.x.json.77", ".checked/20200101T000000Z.json"])
def test_what_a_killed_writer_left_is_gone_after_the_next_run_even_if_nothing_changed(
    store, published, rebuilt, left
):
    build_id = published({"1": "abc"})
    path = store.root / left
    path.write_text("half")
    assert rebuilt({"1": "abc"}).unchanged
    assert not path.exists()
    assert store.current_id() == build_id
