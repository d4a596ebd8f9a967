"""Papers that are new and similar to followed ones. Texts of a and b only are points of a quarter circle."""

import pytest

from recommender.errors import NotAnswerableError, PaperNotFoundError
from recommender.paper import Paper
from recommender.recommendation.news import news_of

PAPERS = [
    Paper(id="a", title="aaaa"),
    Paper(id="b", title="bbbb"),
    Paper(id="old", title="aaab"),
    Paper(id="new a", title="aaaaab"),
    Paper(id="new b", title="abbb"),
    Paper(id="new copy", title="bbbb"),
    Paper(id="new c", title="cccc"),
    Paper(id="blank", title="。"),
]
NEW = {"new a", "new b", "new copy", "new c", "elsewhere"}


@pytest.fixture
def build(recommender_of):
    return recommender_of(PAPERS, rejected={"7": "no year"}).build


def told(news):
    return [(entry.found.rank, entry.found.paper.id, entry.followed.id) for entry in news]


def test_only_new_papers_are_told_each_once_with_the_followed_one_it_is_most_like(build):
    news = news_of(build, ["a", "b"], NEW, 9, min_similarity=0.5)
    assert told(news) == [(1, "new copy", "b"), (2, "new a", "a"), (3, "new b", "b")]
    assert [entry.found.score for entry in news] == pytest.approx([1.0, 0.980581, 0.948683], abs=1e-5)


def test_the_k_most_similar_are_told(build):
    assert told(news_of(build, ["a", "b"], NEW, 1, min_similarity=0.0)) == [(1, "new copy", "b")]


def test_what_is_not_similar_enough_is_no_news(build):
    assert news_of(build, ["a"], {"new c"}, 9, min_similarity=0.5) == []
    assert news_of(build, ["a"], set(), 9, min_similarity=0.0) == []


def test_a_followed_paper_is_no_news_to_its_follower(build):
    assert told(news_of(build, ["a", "new a"], NEW, 1, min_similarity=0.0)) == [(1, "new b", "new a")]


@pytest.mark.parametrize(
    ("paper_id", "error"),
    [("nobody", PaperNotFoundError), ("blank", NotAnswerableError), ("7", NotAnswerableError)],
)
def test_a_paper_that_cannot_be_followed_is_refused(build, paper_id, error):
    with pytest.raises(error, match=paper_id):
        news_of(build, ["a", paper_id], NEW, 3)
