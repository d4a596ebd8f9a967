"""The papers of a library as a rebuild takes them: where they lie, and as they were."""

import hashlib
import pickle
import sqlite3
from contextlib import closing
from datetime import timedelta

import numpy as np
import pytest

from recommender.errors import LibraryError
from recommender.library import Library, LibraryPapers, store
from recommender.library import papers as library_papers
from recommender.paper import Heading
from tests.library.conftest import NIGHT, paper, source

LATER = NIGHT + timedelta(hours=1)


@pytest.fixture
def papers(three, path):
    return LibraryPapers(path)


def test_every_paper_in_order_and_what_is_known_of_it(three, papers, path):
    assert len(papers) == 3
    assert [*papers] == [*three.papers()]
    assert [*papers.headings()] == [
        Heading("b", "en", False),
        Heading("a", "en", False),
        Heading("c", "en", False),
    ]


def test_the_digest_is_that_of_every_id_and_record_in_order(papers, path):
    with closing(sqlite3.connect(path)) as connection:
        held = dict(connection.execute("SELECT id, digest FROM papers"))
    lines = "".join(f"{paper_id}\n{held[paper_id].hex()}\n" for paper_id in "bac")
    assert papers.digest == hashlib.sha256(lines.encode()).hexdigest()


def test_the_digest_is_of_the_papers_that_were_read_whatever_comes_then(papers, three, path):
    before = papers.digest
    three.import_papers([source("x", paper("d", "Deer"))], now=LATER)
    assert (papers.digest, len(papers)) == (before, 3)
    assert LibraryPapers(path).digest != before


def test_languages_and_blank_papers_are_told(library, path):
    blank, chinese = paper("x", "…"), paper("y", "产教", language="zh")
    library.import_papers([source("first.txt", blank, chinese)], now=NIGHT)
    assert [*LibraryPapers(path).headings()] == [Heading("x", "en", True), Heading("y", "zh", False)]


def at(papers, places):
    return [one for batch in papers.batches(np.array(places, dtype=np.int64)) for one in batch]


@pytest.mark.parametrize("module", [store, library_papers])
@pytest.mark.parametrize("at_once", [1, 2, 500])
def test_papers_come_in_the_order_that_they_are_asked_for(papers, monkeypatch, at_once, module):
    monkeypatch.setattr(module, "AT_ONCE", at_once)
    for places in ([2, 0, 1], [1], []):
        assert [one.id for one in at(papers, places)] == ["bac"[place] for place in places]


def test_the_digests_of_records_are_told_by_places(papers, path):
    with closing(sqlite3.connect(path)) as connection:
        held = dict(connection.execute("SELECT id, digest FROM papers"))
    assert papers.digests(np.array([2, 0])).tolist() == [[*held["c"]], [*held["b"]]]


@pytest.mark.parametrize("digest", ["zeroblob(31)", "hex(digest)", "zeroblob(0)"])
def test_a_digest_that_is_none_is_refused_also_where_rows_have_no_stamps(three, path, digest, monkeypatch):
    three.close()
    with Library.open(path) as opened, opened._connection:
        opened._connection.execute(f"UPDATE papers SET digest = {digest} WHERE id = 'a'")
    with pytest.raises(LibraryError, match="the row of paper 'a' does not match its checksum"):
        LibraryPapers(path)
    monkeypatch.setattr(store, "stamp_column", lambda _: "NULL")
    with pytest.raises(LibraryError, match="the digest of a paper is none"):
        LibraryPapers(path)


@pytest.mark.parametrize("at_once", [1, 2, 500])
def test_the_list_is_the_same_however_many_are_read_at_once(papers, path, monkeypatch, at_once):
    monkeypatch.setattr(store, "LISTED_AT_ONCE", at_once)
    again = LibraryPapers(path)
    assert (again.digest, [*again.headings()]) == (papers.digest, [*papers.headings()])
    assert [one.id for one in again] == ["b", "a", "c"]


def test_a_batch_is_read_in_whatever_process_it_comes_to(papers):
    (batch,) = papers.batches(np.array([2, 1]))
    again = pickle.loads(pickle.dumps(batch))  # noqa: S301  # our own
    assert [one.id for one in again] == ["c", "a"]
    assert [one.id for one in again] == ["c", "a"]  # as often as it is asked


def test_another_record_of_a_paper_is_not_taken_for_the_first(papers, library):
    library.import_papers([source("first.txt", paper("b", "Bees"), paper("a", "Apes"))], now=LATER)
    assert [one.title for one in at(papers, [0, 2])] == ["Bees", "Crabs"]
    with pytest.raises(LibraryError, match="was written to while it was read"):
        list(papers)


def test_a_paper_that_is_gone_is_missed(papers, library):
    library.remove(["a"])
    with pytest.raises(LibraryError, match="paper number 2 is not there"):
        list(papers)


def test_a_damaged_row_is_named_whether_or_not_its_record_is_read(three, papers, path):
    three.close()
    with Library.open(path) as opened, opened._connection:
        opened._connection.execute("UPDATE papers SET record = x'7b7d' WHERE id = 'a'")
    with pytest.raises(LibraryError, match="the record of paper 'a' does not match its checksum"):
        list(papers)
    with Library.open(path) as opened, opened._connection:
        opened._connection.execute("UPDATE papers SET language = 'xx' WHERE id = 'a'")
    with pytest.raises(LibraryError, match="paper 'a' does not match its checksum"):
        LibraryPapers(path)
