"""Bodies are authors whose names are never turned around."""

import pytest

from recommender.paper import Paper
from recommender.readers import read_papers
from recommender.writers import writer_named
from recommender.writers.citations import citation_line

BODIES = [
    "World Health Organization",
    "GBD 2019 Collaborators",
    "National Bee Institute",
    "University of Graz",
]


@pytest.mark.parametrize("name", [*BODIES, "{Group Name}"])
def test_a_reference_keeps_the_name_of_a_body(name):
    said = writer_named("gbt7714").text([Paper(id="1", title="x", authors=(name,))])
    assert said.startswith(f"[1] {name.strip('{}')}. x")


def test_a_reference_turns_the_names_of_persons():
    names = ("Jane Doe", "King, Martin Luther Jr.", "Union, John")
    said = writer_named("gbt7714").text([Paper(id="1", title="x", authors=names)])
    assert said.startswith("[1] DOE J, KING M L Jr, UNION J. x")


def test_a_citation_has_no_braces():
    assert citation_line(Paper(id="1", authors=("{Group Name}",), venue="Acta")) == "Group Name. Acta"


@pytest.mark.parametrize("name", BODIES)
def test_bibtex_keeps_the_name_of_a_body_together(name, tmp_path):
    said = writer_named("bibtex").text([Paper(id="1", title="x", authors=(name, "Doe, Jane"))])
    assert f"author = {{{{{name}}} and Doe, Jane}}" in said
    path = tmp_path / "a.bib"
    path.write_text(said, encoding="utf-8")
    assert [found.paper.authors for found in read_papers(path)] == [(name, "Doe, Jane")]
