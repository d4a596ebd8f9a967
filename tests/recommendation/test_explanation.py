"""Reasons that add up to the score they explain, for every way to ask."""

from dataclasses import replace

import pytest

from recommender.errors import BuildError
from recommender.paper import Paper
from recommender.ranking import FUSED
from recommender.recommendation import Query
from recommender.recommendation.explanation import matching_sentences

CHINESE = [
    Paper(
        id=f"z{i:02}",
        title=f"{'产教融合' if i % 3 else '轨道交通'} aab{'ab' * i}",
        abstract="结果有效 aabb。建议改进 bbbb。",
        authors=("Li", f"Wu {i % 4}"),
        keywords=("融合", f"k{i}"),
        venue=f"Ｖ{i % 2}",
        year=2000 + i,
        language="zh",
    )
    for i in range(20)
]
ENGLISH = [
    Paper(id=f"e{i:02}", title=f"school {'融合' * (i % 2)} bba {'ba' * i}", language="en", year=2010)
    for i in range(15)
]
PAPERS = [*CHINESE, *ENGLISH]


@pytest.fixture
def ranking():
    return FUSED


@pytest.fixture
def recommender(recommender_of):
    return recommender_of(PAPERS)


@pytest.mark.parametrize(
    "query",
    [
        Query(like=("z05",)),
        Query(text="产教融合 ab"),
        Query(text="ab", like=("e03",)),
        Query(like=("z05", "e03"), unlike=("z01", "e09")),
        Query(like=("z05",), half_life=3.0),
        Query(like=("z05",), unlike=("e01",), half_life=3.0, diversity=0.3),
    ],
    ids=["paper", "text", "both", "unlike", "age", "everything"],
)
def test_the_parts_add_up_to_the_score_and_the_terms_to_the_words(recommender, query):
    answer = recommender.recommend(query, k=30)
    reasons = recommender.explain(answer)
    assert len(reasons) == len(answer.results) == 30
    for result, why in zip(answer.results, reasons, strict=True):
        total = why.meaning + why.words + why.usual + why.unlike + why.age
        assert total == pytest.approx(result.score, abs=1e-9)
        assert sum(term.part for term in why.terms) == pytest.approx(why.words, abs=1e-9)
        parts = [term.part for term in why.terms]
        assert parts == sorted(parts, reverse=True)
        assert bool(why.unlike) <= bool(query.unlike)
        assert bool(why.age) <= bool(query.half_life)
    assert any(why.words for why in reasons)


def test_words_are_named_as_people_read_them(recommender):
    answer = recommender.similar_to("z05", k=len(PAPERS))
    by_id = {
        result.paper.id: why for result, why in zip(answer.results, recommender.explain(answer), strict=True)
    }
    assert "产教融合" in [term.text for term in by_id["z04"].terms]
    assert "轨道交通" not in [term.text for term in by_id["z06"].terms]
    assert "融合" in [term.text for term in by_id["e01"].terms]
    assert by_id["e02"].terms == ()


def test_what_the_records_share_is_named_but_counts_nothing(recommender):
    answer = recommender.similar_to("z05", k=len(PAPERS))
    by_id = dict(zip([r.paper.id for r in answer.results], recommender.explain(answer), strict=True))
    assert (by_id["z01"].authors, by_id["z01"].keywords, by_id["z01"].venue) == (
        ("Li", "Wu 1"),
        ("融合",),
        "Ｖ1",
    )
    assert (by_id["z02"].authors, by_id["z02"].venue) == (("Li",), "")
    assert (by_id["e01"].authors, by_id["e01"].keywords, by_id["e01"].venue) == ((), (), "")


def test_the_closest_sentences_are_paired_once_each(letters):
    pairs = matching_sentences(letters, "Aaab. Bbbb. Cccc.", "Ccca. Bbba. Zzzz.")
    assert [(pair.asked, pair.found) for pair in pairs] == [
        ("Bbbb.", "Bbba."),
        ("Cccc.", "Ccca."),
        ("Aaab.", "Zzzz."),
    ]
    assert [pair.cosine for pair in pairs] == pytest.approx([0.948683, 0.948683, 0.0])


def test_a_sentence_that_the_model_cannot_read_is_passed_over(letters):
    (pair,) = matching_sentences(letters, "结果有效。Aaab.", "Aaab.")
    assert (pair.asked, pair.cosine) == ("Aaab.", 1.0)
    assert matching_sentences(letters, "结果有效。", "Aaab.") == ()


def test_an_answer_of_another_build_is_not_explained(recommender):
    answer = replace(recommender.similar_to("z05", k=3), build_id="another")
    with pytest.raises(BuildError, match="of build another"):
        recommender.explain(answer)
