"""Of many candidates the words of those are looked up that come first by the words that tell."""

import numpy as np
import pytest

from recommender.index import engine_named
from recommender.index.stored import read_vectors
from recommender.lexical import LexicalIndex, TermMatrix, write_lexical
from recommender.lexical.postings import LookedUpWords
from recommender.ranking import Asked, LanguageGroups, Search, fit
from recommender.ranking.search import SPARE
from recommender.vectors import normalised
from tests.conftest import build_index

N, K = 3_000, 10


@pytest.fixture
def search(tmp_path, monkeypatch):
    """Both legs of papers in which nearly all have some words, as if they were very many."""
    monkeypatch.setattr("recommender.lexical.index.LOOKED_UP_FROM", 100)
    monkeypatch.setattr("recommender.lexical.index.FEW_OF", 10**9)
    chance = np.random.default_rng(6)
    vectors = normalised(chance.normal(size=(N, 16)))
    words = chance.integers(0, 500, size=(N, 6)).tolist()
    texts = ["the of and with " + " ".join(f"w{number}" for number in own) for own in words]
    groups, matrix = LanguageGroups.of(["en"] * N), TermMatrix.of(texts)
    engine = engine_named("flat")
    build_index(engine, vectors, tmp_path, groups.sizes)
    write_lexical(matrix, tmp_path)
    calibration = fit(vectors, matrix, groups)
    return Search(engine.open(tmp_path), read_vectors(tmp_path), LexicalIndex(tmp_path, N), calibration)


def test_the_best_are_the_same_whether_the_words_of_few_or_all_candidates_are_looked_up(search, monkeypatch):
    vectors = search.vectors
    asked = [Asked(f"the of and with w{n} w{n + 1} w{n + 2}", vectors[n], "en") for n in range(0, 400, 40)]
    assert all(search.words_in_common(one).common for one in asked)
    looked_up, real = [], LookedUpWords.of
    monkeypatch.setattr(
        LookedUpWords, "of", lambda self, rows: looked_up.append(len(rows)) or real(self, rows)
    )
    monkeypatch.setattr("recommender.ranking.search.LOOKED_UP", 10**9)
    plain = [search.nearest([one], K, without={0}) for one in asked]
    least = min(looked_up)
    looked_up.clear()
    monkeypatch.setattr("recommender.ranking.search.LOOKED_UP", 0)
    assert [search.nearest([one], K, without={0}) for one in asked] == plain
    assert {*looked_up} == {K + SPARE}
    assert least > K + SPARE
    pair = [asked[0], Asked("", vectors[7], "en", row=7, weight=-0.5)]
    few = search.nearest(pair, K)
    monkeypatch.setattr("recommender.ranking.search.LOOKED_UP", 10**9)
    assert few == search.nearest(pair, K)
