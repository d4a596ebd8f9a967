"""What Numba compiled is kept for the next process, and only ever saves time."""

import importlib.util
import sys

import pytest

from recommender import compiling

SOURCE = """
from recommender.compiling import compiled

@compiled()
def twice(number):
    return 2 * number
"""


@pytest.fixture
def process(tmp_path, monkeypatch):
    """Return what imports the same module anew, as another process would."""
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    path = tmp_path / "doubling.py"
    path.write_text(SOURCE)

    def imported():
        spec = importlib.util.spec_from_file_location("doubling", path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module.twice

    return imported


def hits(function):
    return sum(function.stats.cache_hits.values())


def test_what_one_process_compiled_the_next_one_takes(process):
    first, second = process(), process()
    assert (first(21), hits(first)) == (42, 0)
    assert (second(21), hits(second)) == (42, 1)


def test_what_another_version_of_any_module_compiled_is_compiled_again(process, monkeypatch):
    process()(21)
    monkeypatch.setattr(compiling, "code_digest", lambda: "another")
    again = process()
    assert (again(21), hits(again)) == (42, 0)


@pytest.mark.parametrize("kind", ["nbi", "nbc"])
@pytest.mark.parametrize("left", [0, 200])
def test_what_is_damaged_is_compiled_and_kept_again(process, tmp_path, kind, left):
    process()(21)
    (path,) = tmp_path.glob(f"__pycache__/*.{kind}")
    path.write_bytes(path.read_bytes()[:left])
    again, later = process(), process()
    assert (again(21), hits(again)) == (42, 0)
    assert (later(21), hits(later)) == (42, 1)


def test_what_cannot_be_kept_is_compiled_all_the_same(process, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(compiling.IndexDataCacheFile, "save", full)
    assert process()(21) == 42


def test_where_no_bytecode_is_written_nothing_is_kept(process, tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    (tmp_path / "__pycache__").mkdir()
    assert process()(21) == 42
    assert not [*tmp_path.glob("__pycache__/*")]
