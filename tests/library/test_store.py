from datetime import timedelta

import pytest

from recommender.errors import NotAnswerableError
from recommender.library import LibrarySummary, SourceSummary
from tests.library.conftest import NIGHT, digest_of, paper, source


def test_get_tells_everything_about_a_paper(three):
    stored = three.get("a")
    assert stored.paper == paper("a", "Ants")
    assert (stored.state, stored.source, stored.place) == ("ok", "first.txt", "line 2")
    assert stored.text_digest == paper("other", "Ants").digest
    assert stored.imported_at == NIGHT


@pytest.mark.parametrize("unknown", ["A", "a ", "", "\ud800", r"\ud800"])
def test_there_is_nothing_under_an_unknown_id(three, unknown):
    assert three.get(unknown) is None


def test_remove_takes_exactly_the_named_papers_and_counts_each_once(three):
    assert three.remove(["a", "b", "a"]) == 2
    assert [held.id for held in three.papers()] == ["c"]


def test_remove_with_an_unknown_id_removes_nothing(three):
    with pytest.raises(NotAnswerableError, match=r"no paper 'x' in library .*; nothing was removed"):
        three.remove(["a", "x", "b"])
    assert [held.id for held in three.papers()] == ["b", "a", "c"]


def test_of_many_unknown_ids_five_are_named(three):
    with pytest.raises(NotAnswerableError, match="no paper '1', '2', '3', '4', '5' and 2 more in"):
        three.remove("1234567")


def test_the_summary_counts_papers_languages_and_sources(library, three):
    later = NIGHT + timedelta(days=1)
    three.import_papers(
        [source("second.txt", paper("d", "章", language="zh"), "bad", paper("e", "?"), paper("a", "Ants"))],
        now=later,
        on_error="report",
    )
    assert library.summary() == LibrarySummary(
        n_papers=5,
        n_blank=1,
        n_rejected=1,
        languages={"en": 4, "zh": 1},
        sources=(
            SourceSummary(name="first.txt", format="lines", imported_at=NIGHT, n_papers=2, n_rejected=0),
            SourceSummary(name="second.txt", format="lines", imported_at=later, n_papers=3, n_rejected=1),
        ),
        imported_at=later,
    )


def test_the_summary_of_a_new_library_is_all_zero(library):
    assert library.summary() == LibrarySummary(
        n_papers=0, n_blank=0, n_rejected=0, languages={}, sources=(), imported_at=None
    )


def test_the_digest_stays_when_the_same_records_are_imported_again(three, path):
    before = digest_of(path)
    three.import_papers(
        [source("elsewhere.txt", paper("c", "Crabs"), paper("b", "Bees"))], now=NIGHT + timedelta(days=1)
    )
    assert digest_of(path) == before


@pytest.mark.parametrize(
    "change",
    [
        lambda library: library.remove(["a"]),
        lambda library: library.import_papers([source("x", paper("d", "Deer"))], now=NIGHT),
        lambda library: library.import_papers([source("x", paper("a", "Apes"))], now=NIGHT),
        lambda library: library.import_papers([source("x", paper("a", "Ants", year=2020))], now=NIGHT),
    ],
    ids=["remove", "add", "text", "other field"],
)
def test_the_digest_tells_every_change(three, path, change):
    before = digest_of(path)
    change(three)
    assert digest_of(path) != before


def test_the_digest_depends_on_the_order(three, path):
    before = digest_of(path)
    three.remove(["b"])
    three.import_papers([source("first.txt", paper("b", "Bees"))], now=NIGHT)
    assert digest_of(path) != before


def test_a_closed_library_is_a_mistake_of_the_caller(three):
    three.close()
    with pytest.raises(ValueError, match="closed"):
        three.get("a")
