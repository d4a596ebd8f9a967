"""Neighbours of neighbours instead of a search, as long as they are measured to find nearly all."""

import numpy as np
import pytest

from recommender.index.flat import FlatIndex
from recommender.lexical import TermMatrix
from recommender.ranking import LanguageGroups, Ranked, Ranker, approach, approaching, fit, nearest
from recommender.vectors import normalised
from tests.lexical.lists import lists_of
from tests.lexical.test_candidates import drawn

N = 600


@pytest.fixture
def ranker(monkeypatch):
    monkeypatch.setattr(nearest, "EXAMINED", 150)
    texts = drawn(N, 900, 14)
    matrix = TermMatrix.of(texts)
    vectors = normalised(np.random.default_rng(2).normal(size=(N, 16)))  # that say nothing of the words
    calibration = fit(vectors, matrix, LanguageGroups.of(["en"] * N))
    found = Ranker(FlatIndex(vectors), vectors, matrix, lists_of(matrix), calibration, np.arange(N))
    found.words_from = found.compiled_from = 0
    return found


def compared_with_all(ranker, rows, k):
    every = np.tile(np.arange(N), (len(rows), 1))
    return ranker._as_ranked(rows, ranker._corpus.nearest(rows, every, k))


def test_recall_is_the_share_found_of_what_comparing_all_finds(ranker):
    assert ranker.exam().recall(lambda rows: compared_with_all(ranker, rows, 10)) == 1.0
    seven = ranker.exam().recall(lambda rows: compared_with_all(ranker, rows, 7))
    assert seven == pytest.approx(0.7)
    assert ranker.exam().recall(lambda rows: Ranked.blank(rows, 10)) == 0.0


def test_recall_may_be_that_of_some_rows(ranker):
    asked = []

    def found(rows):
        asked.extend(rows.tolist())
        return compared_with_all(ranker, rows, 10)

    among = np.arange(0, N, 7)
    assert ranker.exam(among).recall(found) == 1.0
    assert {*asked} == {*among.tolist()}
    asked.clear()
    assert ranker.exam(among, 20).recall(found) == 1.0
    assert len({*asked}) == 20
    assert {*asked} <= {*among.tolist()}


def test_candidates_of_words_are_found_where_vectors_say_nothing(ranker):
    effort = nearest.FULL._replace(depth=0)

    def share():
        return ranker.exam().recall(lambda rows: ranker.ranked(rows, 10, effort=effort))

    with_words = share()
    ranker.words_from = N + 1
    alone = share()
    assert alone < 0.4 < 0.6 < with_words


def test_whom_both_legs_find_is_a_neighbour_once(ranker):
    for line in ranker.ranked(np.arange(50), 50).rows.tolist():
        assert len({*line}) == 50


def test_what_is_known_is_told_with_its_recall(ranker):
    told = []
    graph, recall = approach(ranker, 50, lambda done, total: told.append((done, total)))
    assert graph
    assert recall >= approaching.LEAST_RECALL
    assert recall == ranker.exam().recall(lambda rows: ranker.ranked(rows, 10, graph))
    assert told[-1] == (N, N)


@pytest.mark.parametrize(("least", "words"), [(0.5, 0.25), (0.9, 0.5), (0.91, 1.0), (0.97, 2.0), (0.99, 2.0)])
def test_as_few_words_are_read_as_find_enough(ranker, monkeypatch, least, words):
    monkeypatch.setattr(approaching, "ROUGH_RECALL", least)

    class Told:
        def recall(self, found):
            return {0.25: 0.6, 0.5: 0.9, 1.0: 0.95, 2.0: 0.98}[found.keywords["effort"].words]

    assert approaching._little(ranker, Told(), 10) == nearest.ROUGH._replace(words=words)
    ranker.words_from = N + 1
    assert approaching._little(ranker, Told(), 10) == nearest.ROUGH


def test_where_too_little_is_found_all_are_searched_for(ranker, monkeypatch):
    monkeypatch.setattr(approaching, "LEAST_RECALL", 1.01)
    told = []
    graph, recall = approach(ranker, 50, lambda done, total: told.append((done, total)))
    assert graph is None
    assert recall == ranker.exam().recall(lambda rows: ranker.ranked(rows, 10))
    assert told.count((N, N)) == approaching.ROUNDS
