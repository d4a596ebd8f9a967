"""Reasons that add up to the score they explain, for every way to ask."""

from dataclasses import replace

import pytest

from recommender.errors import BuildError
from recommender.paper import Paper
from recommender.ranking import FUSED
from recommender.recommendation import Query
from recommender.recommendation.explanation import matching_sentences
from recommender.text.sentences import sentences

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
PAIRED = [*enumerate(["bees", "bees", "ants"])]


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
def test_the_parts_add_up_to_the_score_and_the_terms_to_no_more_than_the_words(recommender, query):
    answer = recommender.recommend(query, k=30)
    reasons = recommender.explain(answer)
    assert len(reasons) == len(answer.results) == 30
    for result, why in zip(answer.results, reasons, strict=True):
        total = why.meaning + why.words + why.usual + why.neighbours + why.unlike + why.age
        assert total == pytest.approx(result.score, abs=1e-9)
        assert sum(term.part for term in why.terms) <= why.words + 1e-9
        assert all(term.part > 0 for term in why.terms)
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


def test_the_words_of_a_keyword_or_of_both_titles_come_first_then_the_heaviest(recommender_of):
    asked = Paper(
        id="1",
        title="黄河的泥沙 a",
        abstract="流域侵蚀，水库调度，河口三角洲",
        keywords=("水库",),
        language="zh",
    )
    found = replace(asked, id="2", title="泥沙与黄土 a", abstract="水库调度，河口三角洲，流域侵蚀。")
    others = [Paper(id=f"o{n}", title="泥沙 水库调度 流域侵蚀 a", language="zh") for n in range(9)]
    recommender = recommender_of([asked, found, *others])
    (why,) = recommender.explain(recommender.compare(Query(like=("1",)), "2"))
    assert [term.text for term in why.terms] == ["水库调度", "泥沙", "河口三角洲", "流域侵蚀"]
    parts = {term.text: term.part for term in why.terms}
    assert parts["河口三角洲"] > parts["流域侵蚀"] > parts["泥沙"]


def test_words_that_say_nothing_are_not_named_and_their_part_is_not_given_to_others(recommender_of):
    papers = [
        Paper(id=f"{n}", title=f"the results of this study on {word}", language="en") for n, word in PAIRED
    ]
    recommender = recommender_of(papers)
    whys = {
        other: recommender.explain(recommender.compare(Query(like=("0",)), other))[0] for other in ("1", "2")
    }
    assert [term.text for term in whys["1"].terms] == ["bees"]
    assert 0 < whys["1"].terms[0].part < whys["1"].words
    assert whys["2"].terms == ()
    assert whys["2"].words > 0


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


def test_the_words_of_keywords_are_named_but_keywords_are_no_sentence(recommender_of):
    papers = [Paper(id=f"{n}", title=f"产教融合 ab{'c' * n}", language="zh") for n in range(9)]
    papers[:2] = [replace(paper, keywords=("学徒制 ab",)) for paper in papers[:2]]
    recommender = recommender_of(papers)
    answer = recommender.similar_to("0", k=8)
    whys = dict(zip([r.paper.id for r in answer.results], recommender.explain(answer), strict=True))
    assert {paper_id for paper_id, why in whys.items() if "学徒制" in [t.text for t in why.terms]} == {"1"}
    said = {text for why in whys.values() for pair in why.sentences for text in (pair.asked, pair.found)}
    assert said == {paper.title for paper in papers}


def test_a_sentence_that_the_model_cannot_read_is_passed_over(letters):
    (pair,) = matching_sentences(letters, "结果有效。Aaab.", "Aaab.")
    assert (pair.asked, pair.cosine) == ("Aaab.", 1.0)
    assert matching_sentences(letters, "结果有效。", "Aaab.") == ()


def test_an_answer_of_another_build_is_not_explained(recommender):
    answer = replace(recommender.similar_to("z05", k=3), build_id="another")
    with pytest.raises(BuildError, match="of build another"):
        recommender.explain(answer)


def test_the_sentences_that_are_asked_for_are_embedded_once_for_all_results(recommender, monkeypatch):
    answer = recommender.recommend(Query(like=("z05",)), 5)
    assert len(answer.results) > 1
    own = sentences(answer.liked[0].prose)
    asked = []
    real = recommender.embedder.encode
    monkeypatch.setattr(
        recommender.embedder, "encode", lambda texts: asked.append([*texts]) or real(texts), raising=False
    )
    recommender.explain(answer)
    assert asked.count(own) == 1
