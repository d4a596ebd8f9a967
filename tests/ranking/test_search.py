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
    return searched(vectors, texts, tmp_path)


def searched(vectors, texts, folder):
    groups, matrix = LanguageGroups.of(["en"] * len(texts)), TermMatrix.of(texts)
    engine = engine_named("flat")
    build_index(engine, vectors, folder, groups.sizes)
    write_lexical(matrix, folder)
    lexical = LexicalIndex(folder, len(texts))
    return Search(engine.open(folder), read_vectors(folder), lexical, fit(vectors, matrix, groups))


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
    assert {*looked_up} == {K + 1 + SPARE}
    assert least > K + 1 + SPARE
    pair = [asked[0], Asked("", vectors[7], "en", row=7, weight=-0.5)]
    few = search.nearest(pair, K)
    monkeypatch.setattr("recommender.ranking.search.LOOKED_UP", 10**9)
    assert few == search.nearest(pair, K)


def test_what_is_similar_enough_to_several_in_the_mean_is_found_though_near_to_none(tmp_path):
    """Three between two, each of which has three hundred around it that are far from the other."""
    chance = np.random.default_rng(6)
    vectors = chance.normal(size=(1_000, 16))
    left, right = np.eye(16)[:2]
    vectors[:300], vectors[300:600] = left + vectors[:300] / 20, right + vectors[300:600] / 20
    vectors[600:603] = left + right
    vectors = normalised(vectors)
    search = searched(vectors, [f"x{row}" for row in range(1_000)], tmp_path)
    asked = [Asked("", vectors[row], "en", row=row, weight=0.5) for row in (0, 300)]
    assert {*range(600, 603)}.isdisjoint(row for one in asked for row, *_ in search.nearest([one], 120))
    found = search.nearest(asked, 9, without={0, 300}, least=0.8)
    assert [neighbour.row for neighbour in found] == [600, 601, 602]
