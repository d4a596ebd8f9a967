"""Answers that are led: by several papers, by filters, by diversity and age. The vectors alone rank here.

Texts of a and b only are points of a quarter circle, so that scores can be computed by hand.
"""

import math

import pytest

from recommender.errors import PaperNotFoundError, UsageError
from recommender.paper import Paper
from recommender.recommendation import Filters, Query


def paper(paper_id, title, **fields):
    return Paper(id=paper_id, title=title, **fields)


PAPERS = [
    paper("a", "aaaa", venue="Alpha", year=2020, authors=("Li",), language="en", subject="X"),
    paper("b", "bbbb", venue="Beta", year=2010, authors=("Li", "Wu"), language="en", subject="Y"),
    paper("ab", "aabb", venue="Alpha", year=2015, language="fr", subject="X"),
    paper("aab", "aaab", venue="Beta", year=2000, language="fr"),
    paper("abb", "abbb", venue="Gamma"),
    paper("c", "cccc", venue="Gamma", year=2020),
    paper("copy", "aabb", venue="Gamma", year=2021),
]


@pytest.fixture
def recommender(recommender_of):
    return recommender_of(PAPERS)


def ids(answer):
    return [result.paper.id for result in answer.results]


def cosine(one, other):
    left, right = ([text.count(letter) for letter in "abc"] for text in (one, other))
    product = sum(x * y for x, y in zip(left, right, strict=True))
    return product / math.hypot(*left) / math.hypot(*right)


def test_a_reading_list_ranks_by_the_mean_of_its_scores(recommender):
    answer = recommender.recommend(Query(like=("a", "b")), k=9)
    expected = {
        other.id: (cosine("aaaa", other.title) + cosine("bbbb", other.title)) / 2
        for other in PAPERS
        if other.id not in ("a", "b")
    }
    assert ids(answer) == ["ab", "copy", "aab", "abb", "c"]
    for result in answer.results:
        assert result.score == pytest.approx(expected[result.paper.id], abs=1e-5)
    assert [one.id for one in answer.liked] == ["a", "b"]


def test_a_text_counts_as_much_as_a_paper(recommender):
    by_text = recommender.recommend(Query(like=("a",), text="bbbb"), k=9)
    assert [entry for entry in ids(by_text) if entry != "b"] == ids(
        recommender.recommend(Query(like=("a", "b")), k=9)
    )


def test_what_is_not_liked_counts_half_against(recommender):
    answer = recommender.recommend(Query(like=("ab",), unlike=("b",)), k=9)
    assert ids(answer)[0] == "aab"
    for result in answer.results:
        title = result.paper.title
        assert result.score == pytest.approx(cosine("aabb", title) - cosine("bbbb", title) / 2, abs=1e-5)
    assert {"b", "ab", "copy"} & {*ids(answer)} == set()


@pytest.mark.parametrize(
    ("filters", "passing"),
    [
        (Filters(since=2015), {"a", "c"}),
        (Filters(until=2010), {"b", "aab"}),
        (Filters(since=2010, until=2010), {"b"}),
        (Filters(since=-1, until=10_000), {"a", "b", "aab", "c"}),
        (Filters(venues=("alpha",)), {"a"}),
        (Filters(venues=("alpha", "ＢＥＴＡ")), {"a", "b", "aab"}),
        (Filters(authors=("wu",)), {"b"}),
        (Filters(subjects=("x", "y")), {"a", "b"}),
        (Filters(languages=("fr",)), {"aab"}),
        (Filters(languages=("en",), since=2015), {"a"}),
        (Filters(exclude=("a", "c")), {"b", "aab", "abb"}),
        (Filters(languages=("fr",), authors=("Li",)), set()),
    ],
)
def test_only_papers_that_pass_every_filter_answer_in_the_order_of_all(recommender, filters, passing):
    every = ids(recommender.recommend(Query(like=("ab",)), k=9))
    found = ids(recommender.recommend(Query(like=("ab",), filters=filters), k=9))
    assert found == [entry for entry in every if entry in passing]
    by_text = ids(recommender.recommend(Query(text="aabb", filters=filters), k=9))
    assert {*by_text} - {"ab", "copy"} == passing


def test_a_filter_that_leaves_three_of_many_finds_exactly_these(recommender_of):
    many = [paper(f"p{i:04}", "a" * (1 + i % 60) + "b" * (1 + i % 7)) for i in range(3_000)]
    rare = [paper(f"rare {i}", "b" * 9 + "a" * i, venue="Rare") for i in range(3)]
    recommender = recommender_of([*many, *rare])
    answer = recommender.recommend(Query(like=("p0059",), filters=Filters(venues=("rare",))), k=5)
    assert ids(answer) == ["rare 2", "rare 1", "rare 0"]


@pytest.mark.parametrize(
    ("filters", "message"),
    [
        (Filters(venues=("Alpa",)), "no paper has the venue 'Alpa'; some have: Alpha"),
        (Filters(languages=("xx",)), "no paper has the language 'xx'"),
        (Filters(since=2021, until=2020), "no year lies from 2021 to 2020;"),
        (Filters(since=3000), "no year lies from 3000 on; a year is one from 1000 to 2999"),
        (Filters(since=3000, until=4000), "no year lies from 3000 to 4000;"),
        (Filters(until=500), "no year lies to 500;"),
    ],
)
def test_a_filter_that_no_paper_could_pass_is_refused(recommender, filters, message):
    with pytest.raises(UsageError, match=message):
        recommender.recommend(Query(like=("a",), filters=filters), k=3)


def test_an_unknown_id_is_refused_wherever_it_stands(recommender):
    for query in (
        Query(like=("a", "nobody")),
        Query(like=("a",), unlike=("nobody",)),
        Query(like=("a",), filters=Filters(exclude=("nobody",))),
    ):
        with pytest.raises(PaperNotFoundError, match="nobody"):
            recommender.recommend(query, k=3)


def test_a_diverse_list_takes_the_best_and_then_what_is_new(recommender):
    plain = ids(recommender.recommend(Query(like=("a",)), k=3))
    assert plain == ["aab", "ab", "copy"]
    diverse = recommender.recommend(Query(like=("a",), diversity=0.5), k=3)
    assert ids(diverse)[0] == "aab"
    # 0.5 · score - 0.5 · closest: ab 0.3536 - 0.4472, abb 0.1581 - 0.3, c 0 - 0, b 0 - 0.1581
    assert ids(diverse)[1] == "c"
    assert diverse.results[1].score == 0.0


def test_a_score_falls_to_a_half_in_its_half_life(recommender):
    answer = recommender.recommend(Query(like=("a",), half_life=10.0), k=9)
    scores = {result.paper.id: result.score for result in answer.results}
    assert scores["copy"] == pytest.approx(cosine("aaaa", "aabb"), abs=1e-5)  # of 2021, the newest
    assert scores["ab"] == pytest.approx(cosine("aaaa", "aabb") * 0.5**0.6, abs=1e-5)
    assert scores["aab"] == pytest.approx(cosine("aaaa", "aaab") * 0.5**2.1, abs=1e-5)
    assert scores["abb"] == pytest.approx(cosine("aaaa", "abbb") * 0.5, abs=1e-5)  # without a year
    assert ids(answer)[0] == "copy"


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"like": ("a",), "diversity": 1.0},
        {"like": ("a",), "diversity": -0.1},
        {"like": ("a",), "half_life": 0.0},
        {"like": ("a",), "half_life": math.nan},
        {"like": ("a",), "min_similarity": 1.0},
        {"like": ("a",), "min_similarity": math.nan},
        {"like": ("a", "b"), "unlike": ("b",)},
        {"unlike": ("b",)},
    ],
)
def test_nonsense_is_refused(wrong):
    with pytest.raises(UsageError):
        Query(**wrong)


def test_a_query_without_any_steering_is_a_look_up(recommender):
    assert Query(like=("a",), min_similarity=0.5).is_look_up
    assert not Query(like=("a",), filters=Filters(since=1)).is_look_up
    assert recommender.recommend(Query(like=("ab",)), k=9).results == recommender.similar_to("ab", 9).results


def test_vectors_are_read_from_where_the_search_has_them(recommender):
    query = Query(like=("a",), unlike=("b",), diversity=0.5)
    expected = ids(recommender.recommend(query, k=3))
    (recommender.build.folder / "vectors.npy").unlink()
    assert ids(recommender.recommend(query, k=3)) == expected
