"""Rows that a damaged page of a library forgets, and logs of another library: noticed, whatever is asked."""

from datetime import timedelta

import pytest

from recommender.library import Library
from tests.reliability.damage import FIRST, SECOND, _source, held, make_library

PAGE, OF_TABLE, OF_INDEX = 4096, 0x0D, 0x0A  # leaves of SQLite's trees


def forgetful(content, kind):
    """Yield the content with one page in turn whose number of cells has lost its lowest bit."""
    for start in range(PAGE, len(content), PAGE):
        cells = int.from_bytes(content[start + 3 : start + 5])
        if content[start] == kind and cells > 1:
            yield content[: start + 3] + (cells & (cells - 1)).to_bytes(2) + content[start + 5 :]


@pytest.mark.parametrize("kind", [OF_TABLE, OF_INDEX])
def test_a_page_that_forgets_some_of_its_rows_is_noticed(tmp_path, kind):
    path = make_library(tmp_path / "library.db")
    right, content = held(path), path.read_bytes()
    silent = 0
    for spoilt in forgetful(content, kind):
        path.write_bytes(spoilt)
        found = held(path)
        silent += any(found[name] != right[name] for name in found)
    assert silent == 0


def test_the_log_of_another_library_is_not_read_as_one_s_own(tmp_path):
    """As where a copy of a library was put in its place, and the log of the damaged one left beside it."""
    ours, theirs = make_library(tmp_path / "library.db"), tmp_path / "other" / "library.db"
    right, year = held(ours), timedelta(days=365)
    with Library.open(theirs, create=True) as library:
        for name, copies, now in (("papers.jsonl", range(20), FIRST), ("more.jsonl", range(20, 40), SECOND)):
            library.import_papers([_source(name, copies)], now=now - year, on_error="report")
    with Library.open(theirs) as library:
        library.remove(["9-30"])
        ours.with_name("library.db-wal").write_bytes(theirs.with_name("library.db-wal").read_bytes())
    whole, found = held(theirs), held(ours)
    assert all(found[name] == right[name] for name in found) or all(
        found[name] == whole[name] for name in found
    )
