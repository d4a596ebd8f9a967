"""Answers computed by hand. Texts of a and b only are points of a quarter circle:

aab · aaa = 2/√5 = 0.894427    aab · abb = 4/5 = 0.8    aab · bbb = 1/√5 = 0.447214
"""

from concurrent.futures import ThreadPoolExecutor
from functools import cached_property

import pytest

from recommender.builds import Build
from recommender.errors import (
    BuildError,
    ModelError,
    NotAnswerableError,
    PaperNotFoundError,
    UsageError,
)
from recommender.paper import LONGEST, Paper
from recommender.recommendation import Recommender
from tests.conftest import keep_first

PAPERS = [
    Paper(id="9", title="aab"),
    Paper(id="2", title="abb"),
    Paper(id="3", title="aaa"),
    Paper(id="4", title="bbb"),
    Paper(id="5", abstract="aab"),  # an exact copy of 9: the same text, whatever the field
    Paper(id="15", title=" ", abstract="——"),
]
NEAR, MIDDLE, FAR = (pytest.approx(score, abs=1e-6) for score in (0.894427, 0.8, 0.447214))
MANY = [Paper(id=f"p{i}", title="a" * i + "b" * (59 - i)) for i in range(60)]


@pytest.fixture
def recommender(recommender_of):
    return recommender_of(PAPERS, rejected={"7": "no year"})


@pytest.fixture
def large(recommender_of):
    return recommender_of(MANY)


def found(answer):
    return [(result.paper.id, result.score) for result in answer.results]


def ids(answer):
    return [result.paper.id for result in answer.results]


def test_the_papers_similar_to_a_paper_come_best_first_with_their_cosine(recommender):
    answer = recommender.similar_to("9", k=3)
    assert found(answer) == [("3", NEAR), ("2", MIDDLE), ("4", FAR)]
    assert [result.rank for result in answer.results] == [1, 2, 3]
    assert answer.liked == (PAPERS[0],)
    assert answer.results[0].paper == PAPERS[2]
    assert answer.build_id == "20261123T021500Z"
    assert answer.seconds >= 0


def test_k_papers_come_and_no_more(recommender):
    assert ids(recommender.similar_to("9", k=1)) == ["3"]
    assert ids(recommender.similar_to_text("aab", k=2)) == ["5", "9"]


def test_equal_scores_come_in_the_order_of_their_ids(recommender):
    assert found(recommender.similar_to("3", k=9)) == [("5", NEAR), ("9", NEAR), ("2", FAR), ("4", 0.0)]


@pytest.mark.parametrize("k", [3, 50, 51, 999])
def test_neither_the_paper_nor_an_exact_copy_of_it_ever_comes_back(recommender, k):
    assert ids(recommender.similar_to("9", k)) == ["3", "2", "4"]
    assert ids(recommender.similar_to("5", k)) == ["3", "2", "4"]


def test_another_text_with_the_same_letters_is_no_copy(recommender_of):
    recommender = recommender_of([Paper(id="1", title="ab"), Paper(id="2", title="ba")])
    assert found(recommender.similar_to("1", k=5)) == [("2", 1.0)]


@pytest.mark.parametrize("k", [3, 60])
def test_a_corpus_of_copies_has_nothing_similar(recommender_of, k):
    recommender = recommender_of([Paper(id=str(i), title="ab") for i in range(9)])
    assert ids(recommender.similar_to("3", k)) == []


def test_a_text_finds_the_papers_with_its_very_words_too(recommender):
    answer = recommender.similar_to_text("aab", k=9)
    assert found(answer) == [("5", 1.0), ("9", 1.0), ("3", NEAR), ("2", MIDDLE), ("4", FAR)]
    assert answer.liked == ()


def test_a_text_is_read_as_the_text_of_a_paper_is(recommender, letters):
    letters.read.clear()
    recommender.similar_to_text("  cafe\u0301 \n", k=1)
    assert letters.read == ["café"]


def test_an_answer_by_id_reads_nothing_and_opens_no_model(publish, store):
    publish(PAPERS)

    def never():
        pytest.fail("the model was opened")

    assert ids(Recommender(store.current(), never).similar_to("9", k=999)) == ["3", "2", "4"]


@pytest.mark.parametrize("k", [0, -1])
def test_a_k_below_one_is_refused(recommender, k):
    with pytest.raises(UsageError, match=f"k must be at least 1, got {k}"):
        recommender.similar_to("9", k)
    with pytest.raises(UsageError, match=f"k must be at least 1, got {k}"):
        recommender.similar_to_text("aab", k)


def test_a_k_beyond_the_stored_neighbours_continues_the_same_order(large):
    stored = large.similar_to("p20", k=50).results
    beyond = large.similar_to("p20", k=59).results
    assert beyond[:50] == stored
    assert [large.similar_to("p20", k).results for k in (51, 55)] == [beyond[:51], beyond[:55]]
    scores = [result.score for result in beyond]
    assert scores == sorted(scores, reverse=True)


def test_a_list_that_is_shorter_than_it_could_be_is_searched_for_the_rest(large, monkeypatch):
    """As after a night that left out what is gone."""
    whole = large.similar_to("p20", k=50).results
    keep_first(3, large.build)
    short = Recommender(Build(large.build.folder), lambda: None)
    assert short.similar_to("p20", k=3).results == whole[:3]
    assert short.similar_to("p20", k=4).results == whole[:4]
    assert short.similar_to("p20", k=50).results == whole
    least = whole[5].similarity
    passing = tuple(result for result in whole if result.similarity >= least)
    assert short.similar_to("p20", k=50, min_similarity=least).results == passing


def test_the_time_of_an_answer_is_without_the_opening_of_what_is_searched(large, monkeypatch):
    clock = [0.0]
    real = Build.search.func

    def slowly(build):
        clock[0] += 100
        return real(build)

    opening = cached_property(slowly)
    opening.__set_name__(Build, "search")
    monkeypatch.setattr(Build, "search", opening)
    monkeypatch.setattr("recommender.recommendation.recommender.time.perf_counter", lambda: clock[0])
    assert large.similar_to("p20", k=55).seconds == 0
    assert clock == [100]


def test_a_k_beyond_the_corpus_gives_every_other_paper_once(large):
    for paper in MANY[::20]:
        others = {other.id for other in MANY} - {paper.id}
        answer = ids(large.similar_to(paper.id, k=10**9))
        assert len(answer) == 59
        assert set(answer) == others
    assert len(large.similar_to_text("aab", k=10**9).results) == 60


def test_a_k_beyond_the_stored_neighbours_leaves_copies_out_too(recommender_of):
    copies = [Paper(id=f"copy {i}", title=MANY[20].title) for i in range(9)]
    recommender = recommender_of([*copies[:5], *MANY, *copies[5:]])
    for k in (50, 55, 999):
        answer = ids(recommender.similar_to("copy 3", k))
        assert len(answer) == min(k, 59)
        assert set(answer) <= {paper.id for paper in MANY} - {"p20"}


@pytest.mark.parametrize("stranger", ["99", "", "09", " 9", "9\0", "\udcff", "9" * 100_000])
def test_an_unknown_id_is_said_to_be_unknown(recommender, stranger):
    with pytest.raises(PaperNotFoundError, match=r"no paper .* in build 20261123T021500Z") as caught:
        recommender.similar_to(stranger, k=3)
    assert caught.value.paper_id == stranger
    str(caught.value).encode()  # it can be shown anywhere


def test_an_id_that_damage_took_away_does_not_pass_for_an_unknown_one(recommender):
    path = recommender.build.folder / "ids.bin"
    content = path.read_bytes()
    path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    with pytest.raises(BuildError, match=r"ids\.bin is damaged"):
        recommender.similar_to("99", k=3)


@pytest.mark.parametrize("k", [3, 60])
def test_a_blank_paper_explains_itself(recommender, k):
    with pytest.raises(
        NotAnswerableError, match="paper '15' is known, but it has neither title nor abstract"
    ):
        recommender.similar_to("15", k)


def test_a_rejected_paper_explains_itself(recommender):
    with pytest.raises(NotAnswerableError, match=r"paper '7' is known, but it was rejected .*no year"):
        recommender.similar_to("7", k=3)


def test_a_text_is_never_compared_under_another_model(publish, store, letters):
    publish(PAPERS)
    letters.fingerprint = "other letters"
    recommender = Recommender(store.current(), lambda: letters)
    with pytest.raises(ModelError, match=r"made with model 'letters' .letters., this one is other letters"):
        recommender.similar_to_text("aab", k=3)
    assert sorted(letters.read) == sorted({paper.text for paper in PAPERS[:5]})
    assert ids(recommender.similar_to("9", k=3)) == ["3", "2", "4"]  # no model needed


@pytest.mark.parametrize("text", ["", "   ", "\n\t\u3000", "。，！？", "——…", "\u200b"])
def test_a_text_without_letters_is_refused(recommender, text):
    with pytest.raises(UsageError, match="no letter or digit"):
        recommender.similar_to_text(text, k=3)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("产教\ud800融合", "lone surrogate at character 3"),
        ("a\0b", "NUL character"),
        ("a" * (LONGEST + 1), "1,000,001 characters"),
    ],
)
def test_a_text_that_no_paper_could_have_is_refused(recommender, letters, text, what):
    letters.read.clear()
    with pytest.raises(UsageError, match=f"the query cannot be read: .*{what}"):
        recommender.similar_to_text(text, k=3)
    assert letters.read == []


def test_a_text_that_the_model_has_no_vector_for_is_refused(recommender):
    with pytest.raises(ModelError, match="no letters"):
        recommender.similar_to_text("产教融合", k=3)


def test_the_same_question_has_the_same_answer_every_time(large, store, letters):
    fresh = Recommender(store.current(), lambda: letters)
    for k in (5, 55):
        assert large.similar_to("p7", k).results == large.similar_to("p7", k).results
        assert large.similar_to("p7", k).results == fresh.similar_to("p7", k).results
        assert large.similar_to_text("aab", k).results == fresh.similar_to_text("aab", k).results


def test_an_id_and_the_text_of_its_paper_give_the_same_order_and_scores(large):
    by_id, by_text = large.similar_to("p20", k=59), large.similar_to_text(MANY[20].text, k=60)
    assert found(by_text) == [("p20", 1.0), *found(by_id)]


def test_many_threads_get_the_same_answers(large):
    papers = MANY * 3
    with ThreadPoolExecutor(8) as pool:
        answers = [*pool.map(lambda paper: found(large.similar_to(paper.id, k=55)), papers)]
    assert answers[:60] == answers[60:120] == answers[120:]
    assert answers[7] == found(large.similar_to("p7", k=55))
