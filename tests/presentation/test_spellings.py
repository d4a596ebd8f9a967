"""One id in two forms of Unicode, as keyboards and file systems write it: é, or e with an accent behind."""

import json
from datetime import UTC, datetime

import pytest

from recommender.library import Library, Source
from recommender.paper import Paper
from recommender.readers import SourcePaper

COMPOSED, APART = "caf\u00e9", "cafe\u0301"


@pytest.fixture
def of_file(built, once, write):
    """A home that was built of a file with the id in the form of the other."""

    def built_of(paper_id):
        records = [{"id": paper_id, "title": "Coffee and bees"}, {"id": "tea", "title": "Tea and bees"}]
        assert once(paper_id, lambda: built("rebuild", write(records)).code) == 0
        return built

    return built_of


@pytest.fixture
def old(built, once, home):
    """A home whose library and build have the id as files had it, from before all were put in one form."""
    once("old", lambda: make_old(built, home))
    return built


def make_old(built, home):
    coffee, tea = Paper(id=COMPOSED, title="Coffee and bees"), Paper(id="tea", title="Tea and bees")
    kept = [Paper.stored((APART, *coffee.values()[1:])), tea]
    source = Source(name="old", format="lines", read=lambda _: (SourcePaper(paper, "line") for paper in kept))
    with Library.open(home / "library.db") as library:
        library.import_papers([source], now=datetime(2026, 11, 23, tzinfo=UTC), replace=True)
    assert built("rebuild").code == 0
    with Library.open_read_only(home / "library.db") as library:
        assert [paper.id for paper in library.papers()] == [APART, "tea"]


GIVEN = pytest.mark.parametrize("given", [COMPOSED, APART], ids=["composed", "apart"])


@pytest.mark.parametrize("asked", [COMPOSED, APART], ids=["by composed", "by apart"])
class TestEitherForm:
    @GIVEN
    def test_a_paper_of_a_file_is_found(self, of_file, given, asked):
        self.is_found(of_file(given), asked, COMPOSED)

    @GIVEN
    def test_a_paper_of_a_file_is_removed(self, of_file, given, asked):
        call = of_file(given)
        assert call("remove", asked).code == 0
        assert call("show", asked).code == 0  # in the build, until the next one
        assert call("remove", asked).code != 0

    def test_a_paper_of_an_old_library_is_found(self, old, asked):
        self.is_found(old, asked, APART)

    def test_a_paper_of_an_old_library_is_removed(self, old, asked):
        assert old("remove", asked).code == 0
        assert old("rebuild", "--force").code == 0
        assert old("show", asked).code != 0

    def is_found(self, call, asked, known):
        assert json.loads(call("show", asked, "--json").out)["id"] == known
        for more in ((), ("--why",)):
            answer = call("--id", asked, "--json", *more)
            assert json.loads(answer.out)["results"][0]["id"] == "tea"
        assert json.loads(call("export", asked).out.splitlines()[0])["id"] == known


def test_both_forms_of_one_id_in_a_file_are_the_same_id_twice(call, write):
    failed = call("import", write([{"id": COMPOSED, "title": "x"}, {"id": APART, "title": "y"}]))
    assert failed.code != 0
    assert f"line 2: id '{COMPOSED}' is already used in" in failed.err


def test_the_same_paper_asked_for_in_both_forms_counts_once(of_file):
    call = of_file(APART)
    once, twice = (
        json.loads(call(*arguments, "--like", "a", "--json").out)["results"]
        for arguments in (("--like", APART), ("--like", COMPOSED, "--like", APART))
    )
    assert once == twice != []


def test_a_paper_of_an_old_library_that_comes_again_gets_the_one_form_and_keeps_its_place(old, home, write):
    again = write([{"id": APART, "title": "Coffee and wasps"}])
    assert old("import", again).code == 0
    with Library.open_read_only(home / "library.db") as library:
        assert [(paper.id, paper.title) for paper in library.papers()] == [
            (COMPOSED, "Coffee and wasps"),
            ("tea", "Tea and bees"),
        ]
        assert library.get(APART).added_at == datetime(2026, 11, 23, tzinfo=UTC)
