"""The likeliest of all rows: what compiled comparing puts first is among them."""

import numpy as np
import pytest

from recommender.index.flat import FlatIndex
from recommender.lexical import TermMatrix
from recommender.lexical.candidates import TermCandidates
from recommender.ranking import COSINE, FUSED, LanguageGroups, Ranker, exhaustive, fit
from recommender.ranking.exhaustive import Exhaustive
from recommender.vectors import normalised
from tests.lexical.lists import lists_of
from tests.lexical.test_candidates import drawn

N, COPIES = 500, range(30, 60)
LANGUAGES = ["en"] * 300 + ["zh"] * 180 + [""] * 20


@pytest.fixture(params=[COSINE, FUSED], ids=["vectors", "both legs"])
def corpus(request, monkeypatch):
    monkeypatch.setattr(exhaustive, "PAIRS_AT_ONCE", 200)
    texts = drawn(N, 600, 12)
    texts[30:60] = [texts[30]] * 30
    matrix = TermMatrix.of(texts)
    vectors = normalised(np.random.default_rng(1).normal(size=(N, 16)))
    calibration = fit(vectors, matrix, LanguageGroups.of(LANGUAGES), request.param)
    same = np.array([30 if row in COPIES else row for row in range(N)])
    words = TermCandidates(matrix.weights, lists_of(matrix))
    ranker = Ranker(FlatIndex(vectors), vectors, matrix, lists_of(matrix), calibration, same)
    return Exhaustive(vectors, words, calibration, same), ranker


def test_the_nearest_of_all_are_among_them(corpus):
    every, ranker = corpus
    asked = np.array([5, 40, 310, 470, 490])
    likeliest = every.likeliest(asked, 20)
    assert likeliest.shape == (5, 20)
    for row, found in zip(asked.tolist(), likeliest.tolist(), strict=True):
        assert len({*found}) == 20
        full = ranker._corpus.nearest(np.array([row]), np.arange(N)[None], 10)
        assert {*full[0][0].tolist()} <= {*found}
        assert not {*found} & ({*COPIES} if row in COPIES else {row})


def test_scores_are_those_of_comparing_pairs_but_for_rounding(corpus):
    every, ranker = corpus
    asked, each = np.array([5, 40, 310, 490]), every.calibration.groups.each()
    for row, line in zip(asked.tolist(), exact(ranker, asked), strict=True):
        for group, block in every._blocks(64):
            (rough,) = every._scores(np.array([row]), each[[row]], group, block)
            assert {block.start + place for place in np.flatnonzero(np.isneginf(rough))} == {
                other for other in block if other not in line
            }
            kept = [other for other in block if other in line]
            wanted = [line[other] for other in kept]
            assert rough[np.array(kept, dtype=int) - block.start] == pytest.approx(wanted, abs=2e-5)


def exact(ranker, asked):
    """Return the score of each row with some, copies left out."""
    near, scores = ranker._corpus.nearest(asked, np.tile(np.arange(N), (len(asked), 1)), N)
    for rows, values in zip(near, scores, strict=True):
        yield dict(zip(rows[rows >= 0].tolist(), values[rows >= 0].tolist(), strict=True))


def test_where_there_are_fewer_the_rest_is_nobody(corpus):
    every, _ = corpus
    found = every.likeliest(np.array([40]), N)[0]
    assert sorted(found[found >= 0]) == [row for row in range(N) if row not in COPIES]
    assert (found < 0).sum() == len(COPIES)
