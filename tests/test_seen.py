"""Files that nobody has touched since they were read in full."""

import os
import time

import numpy as np
import pytest

from recommender.seen import FRESH, PAGE, remember, unchanged, untouched


@pytest.fixture
def old(tmp_path, monkeypatch):
    """Two files, and a clock that is an hour later."""
    paths = [tmp_path / "a", tmp_path / "b"]
    for path in paths:
        path.write_bytes(b"content")
    later = time.time_ns() + 3600 * 10**9
    monkeypatch.setattr("recommender.seen.time.time_ns", lambda: later)
    return paths


@pytest.fixture
def note(tmp_path):
    return tmp_path / "notes" / "note.json"


def test_files_that_were_left_alone_are_known(old, note):
    remember(old, note)
    assert untouched(note) == {*old}
    assert [path.name for path in note.parent.iterdir()] == ["note.json"]


CHANGES = {
    "written again": lambda path: path.write_bytes(b"content"),
    "one byte": lambda path: path.write_bytes(b"contenT"),
    "longer": lambda path: path.write_bytes(b"content!"),
    "another file": lambda path: path.with_name("c").rename(path),
    "deleted": lambda path: path.unlink(),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_file_that_was_changed_is_not_known_even_if_its_time_is_set_back(old, note, change):
    old[0].with_name("c").write_bytes(b"content")
    remember(old, note)
    times = old[0].stat()
    time.sleep(0.02)  # a tick of the kernel's clock
    CHANGES[change](old[0])
    if old[0].exists():
        os.utime(old[0], ns=(times.st_atime_ns, times.st_mtime_ns))
    assert untouched(note) <= {old[1]}


def test_a_file_that_was_fresh_is_not_known(tmp_path, note):
    path = tmp_path / "a"
    path.write_bytes(b"content")
    remember([path], note)
    assert untouched(note) == frozenset()
    assert time.time_ns() - path.stat().st_mtime_ns < FRESH


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", '{"seen": 1}', '{"seen": 9e99, "files": {"x": 3}}', "\0"]
)
def test_a_damaged_note_knows_nothing(note, content):
    assert untouched(note) == frozenset()
    note.parent.mkdir()
    note.write_text(content)
    assert untouched(note) == frozenset()
    assert unchanged(note, [note]) == frozenset()


def test_a_byte_that_changed_without_a_trace_is_seen_by_whoever_reads(old, note):
    remember(old, note)
    assert unchanged(note, old) == {*old}
    look = old[0].stat()
    with old[0].open("r+b") as file:
        file.write(b"C")
    os.utime(old[0], ns=(look.st_atime_ns, look.st_mtime_ns))
    assert unchanged(note, old) == {old[1]}


def test_a_file_that_nobody_read_is_not_known(old, note):
    remember(old[:1], note)
    assert unchanged(note, old) == {old[0]}


PAGES = 300  # more than are added up at once, and a rest


@pytest.fixture
def large(tmp_path, note):
    path = tmp_path / "large"
    path.write_bytes(np.random.default_rng(3).bytes(PAGES * PAGE + 1000))
    remember([path], note)
    return path


def flipped(content, place):
    content[place] ^= 1


def swapped(content, one, other, size):
    first, second = content[one : one + size], content[other : other + size]
    content[one : one + size], content[other : other + size] = second, first


DAMAGES = {
    "first bit": lambda content: flipped(content, 0),
    "a bit in the middle": lambda content: flipped(content, 123_457),
    "a bit of the last page": lambda content: flipped(content, PAGES * PAGE - 1),
    "a bit after it": lambda content: flipped(content, PAGES * PAGE),
    "last bit": lambda content: flipped(content, -1),
    "the same bit of two words": lambda content: [flipped(content, place) for place in (64, 72)],
    "words of one page": lambda content: swapped(content, 8, 4000, 8),
    "words of two pages at one place": lambda content: swapped(content, 8, PAGE + 8, 8),
    "two pages": lambda content: swapped(content, PAGE, 5 * PAGE, PAGE),
    "a page of zeros": lambda content: content.__setitem__(slice(PAGE, 2 * PAGE), bytes(PAGE)),
    "shifted by a word": lambda content: content.__setitem__(slice(8, None), content[:-8]),
    "cut": lambda content: content.__delitem__(slice(-1, None)),
    "longer by a zero": lambda content: content.append(0),
    "longer by a page of zeros": lambda content: content.extend(bytes(PAGE)),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_whatever_happens_to_the_bytes_is_seen(large, note, damage):
    assert unchanged(note, [large]) == {large}
    content = bytearray(large.read_bytes())
    DAMAGES[damage](content)
    large.write_bytes(content)
    assert unchanged(note, [large]) == frozenset()
