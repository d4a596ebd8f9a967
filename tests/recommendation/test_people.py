"""A few words that name people: their papers come first, and nobody is named by a longer text."""

import random
from dataclasses import replace

import numpy as np
import pytest

from recommender.neighbour import Label
from recommender.paper import Paper
from recommender.ranking import FUSED
from recommender.recommendation import Filters, Query
from recommender.recommendation.people import named
from recommender.recommendation.steering import POOL

CHANCE = random.Random(5)
WORDS = [f"w{number:02}" for number in range(40)]
LONG = " ".join(WORDS)
FAR = "zz"  # letters that no question has


@pytest.fixture
def ranking():
    return FUSED


def papers_by(*authors, n=4, **more):
    """Return papers of people, each of them unlike all questions."""
    return [
        Paper(
            id=f"{'-'.join(authors).replace(' ', '')}{number}",
            title=f"{FAR * (number + 1)} {' '.join(CHANCE.sample(WORDS, 9))}",
            authors=authors,
            **more,
        )
        for number in range(n)
    ]


def others(n=60, **more):
    return [
        Paper(id=f"o{number:03}", title=f"o{'xy' * (number % 9)} {' '.join(CHANCE.sample(WORDS, 9))}", **more)
        for number in range(n)
    ]


def spelt(recommender, text):
    return [set(name.spellings) for name in named(recommender.build, text)]


def first(recommender, text, k, **more):
    return {one.paper.id for one in recommender.recommend(Query(text=text, **more), k).results}


@pytest.mark.parametrize(
    "stored", ["Nada Abad", "Abad Nada", "Abad, Nada", "NADA  ABAD", "Ｎａｄａ Ａｂａｄ"]
)
@pytest.mark.parametrize("asked", ["Nada Abad", "abad nada", "Abad, Nada", "all of Nada Abad!"])
def test_a_name_finds_the_papers_of_whom_it_names_in_whatever_order(recommender_of, stored, asked):
    own = papers_by("Li Ba", stored)
    assert first(recommender_of([*others(), *own]), asked, 4) == {paper.id for paper in own}


def test_names_of_more_words_and_of_several_people_are_found(recommender_of):
    one, two = papers_by("Leonor Ibargüen Salas"), papers_by("Lü Na", "Ma Bab")
    recommender = recommender_of([*others(), *one, *two, *papers_by("Ma Na")])
    assert first(recommender, "Ibargüen Salas, Leonor", 4) == {paper.id for paper in one}
    assert first(recommender, "Leonor Ibargüen Salas / Lü Na", 8) == {paper.id for paper in [*one, *two]}
    assert first(recommender, "Lü Na Ma Bab", 4) == {paper.id for paper in two}
    assert spelt(recommender, "of Lü Na Ma Bab") == [{"lü na"}, {"ma bab"}]


def test_a_word_is_of_one_name_the_longest_that_it_is_in(recommender_of):
    papers = [*papers_by("Salas"), *papers_by("Leonor Ibargüen Salas"), *papers_by("Ibargüen Leonor")]
    assert spelt(recommender_of(papers), "Salas, Leonor Ibargüen Salas") == [
        {"leonor ibargüen salas"},
        {"salas"},
    ]


def test_traditional_and_simplified_characters_are_one_name(recommender_of):
    own = papers_by("顧承遠", language="zh")
    recommender = recommender_of([*others(), *own])
    for asked in ("顾承远 a", "a 顧承遠"):
        assert first(recommender, asked, 4) == {paper.id for paper in own}


def test_beside_a_name_the_other_words_put_the_papers_of_whom_it_names_in_order(recommender_of):
    own = papers_by("Nada Abad")
    own[2] = replace(own[2], title=f"bees and flowers {FAR}")
    bees = [Paper(id=f"b{n}", title=f"bees and flowers {'ab' * n}") for n in range(9)]
    found = recommender_of([*others(), *bees, *own]).similar_to_text("Nada Abad bees and flowers", 5).results
    assert found[0].paper.id == own[2].id
    assert {one.paper.id for one in found[1:4]} <= {paper.id for paper in [*own, *bees]}


def test_papers_about_what_a_name_says_come_before_those_of_whom_it_names(recommender_of):
    about = [Paper(id=f"a{n}", title=f"黄河的泥沙 黄河 a{'b' * n}", language="zh") for n in range(4)]
    by = papers_by("黄河", language="zh")
    found = recommender_of([*others(language="zh"), *about, *by]).similar_to_text("黄河 a", 8).results
    assert {one.paper.id for one in found[:4]} == {paper.id for paper in about}
    assert {one.paper.id for one in found[4:]} == {paper.id for paper in by}


def test_papers_of_whom_a_name_names_are_among_the_candidates_of_a_large_corpus(recommender_of):
    near = [replace(paper, title=f"{paper.title} w05") for paper in others(300)]
    own = [replace(paper, title=FAR) for paper in papers_by("Nada Abad", n=2)]
    assert first(recommender_of([*near, *own]), "Nada Abad w05", 2) == {paper.id for paper in own}


def test_filters_hold_for_the_papers_of_whom_a_name_names(recommender_of):
    old, new = papers_by("Nada Abad", year=1999), papers_by("Nada Abad", "Li Ba", year=2020)
    recommender = recommender_of([*others(200, year=2021), *old, *new])
    found = first(recommender, "Nada Abad", POOL, filters=Filters(since=2000, exclude=(new[0].id,)))
    assert {paper.id for paper in new[1:]} <= found
    assert not found & {new[0].id, *(paper.id for paper in old)}


def test_a_longer_text_names_nobody(recommender_of):
    own = papers_by("Nada Abad")
    signed, found = [*others(), *own], []
    for papers in (signed, [replace(paper, authors=()) for paper in signed]):
        recommender = recommender_of(papers)
        assert named(recommender.build, f"{LONG} Nada Abad") == ()
        results = recommender.similar_to_text(f"{LONG} Nada Abad", 70).results
        found.append([(one.paper.id, one.score) for one in results])
    assert found[0] == found[1]


def test_two_papers_are_no_more_alike_by_who_wrote_them(recommender_of):
    plain = [*others(), *papers_by("")]
    signed = [replace(paper, authors=("Nada Abad",)) for paper in plain]
    by_id, again = (recommender_of(papers).similar_to("o001", 20).results for papers in (plain, signed))
    assert [(one.paper.id, one.score) for one in by_id] == [(one.paper.id, one.score) for one in again]


def test_whoever_wrote_a_paper_makes_it_not_unrelated_and_is_a_reason(recommender_of):
    own = papers_by("Nada Abad", "Li Ba")
    recommender = recommender_of([*others(), *own])
    answer = recommender.similar_to_text("Abad Nada w05", 30)
    reasons = recommender.explain(answer)
    for result, why in zip(answer.results, reasons, strict=True):
        is_own = result.paper in own
        assert why.authors == (("Nada Abad",) if is_own else ())
        assert result.label != Label.UNRELATED or not is_own
        assert why.meaning + why.words + why.usual == pytest.approx(result.score, abs=1e-9)
        assert sum(term.part for term in why.terms) < why.words / 2 or not is_own


def test_no_more_than_the_whole_request_is_had(recommender_of):
    own = papers_by("Nada Abad", "Abad Nada")
    own[0] = replace(own[0], title=f"Nada Abad, a life {FAR}")
    recommender = recommender_of([*others(), *own])
    search, (name,) = recommender.build.search, named(recommender.build, "Nada Abad")
    assert name.rows.tolist() == sorted(recommender.build.papers.row_of(paper.id) for paper in own)
    asked = recommender._asked(Query(text="Nada Abad"), [])[0]
    words = search.scored(asked, search.words_in_common(asked), name.rows).words
    assert np.all(words >= 1)
    assert sum(words > 1) == 1  # whose title has the name too
