"""Answers ranked by vectors and words together, from the look-up and from the search alike."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from recommender.paper import Paper
from recommender.ranking import FUSED
from recommender.recommendation import Query
from recommender.recommendation.news import news_of

CHINESE = [
    Paper(id=f"z{i:02}", title=f"{'产教融合' if i % 3 else '轨道交通'} aab{'ab' * i}", language="zh")
    for i in range(40)
]
ENGLISH = [
    Paper(id=f"e{i:02}", title=f"{'school' if i % 3 else 'railway'} bba {'ba' * i}", language="en")
    for i in range(30)
]
OTHERS = [Paper(id=f"o{i}", title=f"école {'ab' * i}c", language="fr") for i in range(4)]
PAPERS = [*CHINESE, *ENGLISH, *OTHERS]


@pytest.fixture
def ranking():
    return FUSED


@pytest.fixture
def recommender(recommender_of):
    return recommender_of(PAPERS)


def found(answer):
    return [(result.paper.id, result.score, result.similarity, result.label) for result in answer.results]


@pytest.mark.parametrize("paper", PAPERS[::9], ids=lambda paper: paper.id)
def test_a_search_goes_on_exactly_where_the_look_up_ends(recommender, paper):
    stored = found(recommender.similar_to(paper.id, k=50))
    beyond = found(recommender.similar_to(paper.id, k=len(PAPERS)))
    assert beyond[:50] == stored
    scores = [score for _, score, _, _ in beyond]
    assert scores == sorted(scores, reverse=True)
    assert {name for name, *_ in beyond} == {other.id for other in PAPERS} - {paper.id}


def test_the_first_of_a_text_is_the_paper_with_that_text(recommender):
    for paper in PAPERS[::7]:
        assert recommender.similar_to_text(paper.text, k=1).results[0].paper.id == paper.id


def test_papers_with_the_words_come_before_those_without(recommender):
    answer = recommender.similar_to_text("产教融合 ab", k=len(PAPERS))
    chinese = ["产教融合" in result.paper.title for result in answer.results if result.paper.language == "zh"]
    assert all(chinese[:15])
    assert not any(chinese[-5:])


def test_a_keyword_that_neither_title_nor_abstract_has_is_found(recommender_of):
    papers = [Paper(id=f"{n:02}", title="产教融合 ab", language="zh") for n in range(30)]
    papers[20] = replace(papers[20], keywords=("双高计划", "学徒制"))
    [first, *_] = recommender_of(papers).similar_to_text("学徒制 ab", k=3).results
    assert first.paper.id == "20"


def test_the_similarity_grows_with_the_score_within_a_language(recommender):
    for language, paper_id in (("zh", "z05"), ("en", "z05"), ("en", "e05")):
        results = recommender.similar_to(paper_id, k=len(PAPERS)).results
        shares = [result.similarity for result in results if result.paper.language == language]
        assert shares == sorted(shares, reverse=True)
        assert 0 <= shares[-1] < 0.2 < 0.8 < shares[0] < 1


def test_what_is_less_similar_than_asked_for_is_left_out(recommender):
    every = recommender.similar_to("z05", k=50).results
    least = sorted(result.similarity for result in every)[20]
    answer = recommender.similar_to("z05", k=50, min_similarity=least)
    kept = [result for result in every if result.similarity >= least]
    assert [result.paper.id for result in answer.results] == [result.paper.id for result in kept]
    assert [result.rank for result in answer.results] == [*range(1, len(kept) + 1)]
    assert len(kept) < 50


@pytest.mark.parametrize("more", [{}, {"diversity": 0.001}, {"text": "railway ab"}, {"unlike": ("e07",)}])
def test_of_those_that_are_similar_enough_the_first_k_come_wherever_they_stand_in_the_list(recommender, more):
    for paper in PAPERS[::9]:
        query = Query(like=(paper.id,), **more)
        every = found(recommender.recommend(query, len(PAPERS)))
        for least in (0.3, 0.5, 0.8):
            passing = [one for one in every if one[2] >= least]
            for k in (1, 3, 10, 50, 60):
                answer = recommender.recommend(replace(query, min_similarity=least), k)
                assert found(answer) == passing[:k]


def test_news_that_are_similar_enough_are_told_though_others_have_higher_scores(recommender):
    new = {paper.id for paper in PAPERS} - {"z05"}
    every = [entry.found for entry in news_of(recommender.build, ["z05"], new, 99, min_similarity=0.0)]
    passing = [one.paper.id for one in every if one.similarity >= 0.5]
    assert passing != [one.paper.id for one in every[: len(passing)]]
    for k in range(1, len(passing) + 2):
        told = news_of(recommender.build, ["z05"], new, k, min_similarity=0.5)
        assert [entry.found.paper.id for entry in told] == passing[:k]


def test_nothing_similar_enough_is_an_answer(recommender):
    assert recommender.similar_to("z05", k=5, min_similarity=0.999999).results == ()
    assert recommender.similar_to_text("railway", k=5, min_similarity=0.999999).results == ()


def test_many_threads_get_the_same_answers(recommender):
    with ThreadPoolExecutor(8) as pool:
        texts = [paper.text for paper in PAPERS] * 2
        answers = [*pool.map(lambda text: found(recommender.similar_to_text(text, k=9)), texts)]
    assert answers[: len(PAPERS)] == answers[len(PAPERS) :]
