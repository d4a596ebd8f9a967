"""Of many candidates those are compared in full that come first by the words that tell."""

import numpy as np
import pytest

from recommender.index import engine_named
from recommender.index.stored import read_vectors
from recommender.lexical import LexicalIndex, TermMatrix, write_lexical
from recommender.ranking import Asked, LanguageGroups, Search, fit
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


def test_the_best_are_the_same_whether_few_or_all_candidates_are_compared_in_full(search, monkeypatch):
    vectors = search.vectors
    asked = [Asked(f"the of and with w{n} w{n + 1} w{n + 2}", vectors[n], "en") for n in range(0, 400, 40)]
    assert all(search.words_in_common(one).n_common for one in asked)
    compared, scored = [], Search.scored
    monkeypatch.setattr(
        Search,
        "scored",
        lambda self, one, words, rows: compared.append(len(rows)) or scored(self, one, words, rows),
    )
    plain = [search.nearest([one], K, without={0}) for one in asked]
    most = max(compared)
    compared.clear()
    monkeypatch.setattr("recommender.ranking.search.MANY_LOOKED_UP", 0)
    assert [search.nearest([one], K, without={0}) for one in asked] == plain
    assert min(compared) < most
    pair = [asked[0], Asked("", vectors[7], "en", row=7, weight=-0.5)]
    few = search.nearest(pair, K)
    monkeypatch.setattr("recommender.ranking.search.MANY_LOOKED_UP", 10**9)
    assert few == search.nearest(pair, K)
