"""A filter that leaves three papers out of a hundred thousand, and words of two characters."""

import numpy as np
import pytest

from recommender.index import engine_named
from recommender.index.stored import read_vectors
from recommender.lexical import LexicalIndex, TermMatrix, write_lexical
from recommender.ranking import Asked, LanguageGroups, Search, fit
from recommender.vectors import normalised
from tests.conftest import build_index

N, KEPT = 100_000, [17, 54_321, 99_998]


@pytest.fixture(scope="module")
def corpus():
    """Random papers in two languages, more alike within one."""
    chance = np.random.default_rng(3)
    languages = ["en"] * (N // 2) + ["zh"] * (N // 2)
    vectors = chance.normal(size=(N, 16)) + 0.7 * np.repeat(np.eye(16)[:2], N // 2, axis=0)
    words = chance.integers(0, 5_000, size=(N, 4))
    texts = [f"w{a} w{b} w{c} w{d}" for a, b, c, d in words.tolist()]
    return normalised(vectors), TermMatrix.of(texts), LanguageGroups.of(languages), texts


@pytest.fixture(scope="module", params=["faiss", "flat"])  # a hundred thousand rows take a server long
def search(corpus, request, tmp_path_factory):
    vectors, matrix, groups, _ = corpus
    folder, engine = tmp_path_factory.mktemp(request.param), engine_named(request.param)
    build_index(engine, vectors, folder, groups.sizes)
    write_lexical(matrix, folder)
    lexical = LexicalIndex(folder, N)
    return Search(engine.open(folder), read_vectors(folder), lexical, fit(vectors, matrix, groups))


@pytest.mark.parametrize("row", [0, 54_321, 77_777])
def test_three_papers_of_a_hundred_thousand_are_found_and_ranked_as_among_all(search, corpus, row):
    vectors, _, groups, texts = corpus
    asked = Asked(texts[row], vectors[row], groups.names[int(row >= N // 2)], row)
    allowed = np.array(KEPT)
    found = search.nearest([asked], 5, allowed=allowed, without={row})
    assert {neighbour.row for neighbour in found} == {*KEPT} - {row}
    words = search.lexical.scores(search.lexical.question(asked.text))
    exact = dict(zip(range(N), search.scored(asked, words, np.arange(N)).scores.tolist(), strict=True))
    assert [neighbour.score for neighbour in found] == [exact[neighbour.row] for neighbour in found]
    assert [neighbour.score for neighbour in found] == sorted(
        (exact[r] for r in {*KEPT} - {row}), reverse=True
    )


@pytest.mark.parametrize("share", [0.0005, 0.02, 0.5])
def test_any_share_of_the_papers_gives_the_best_of_them(search, corpus, share):
    vectors, _, _, texts = corpus
    asked = Asked(texts[5], vectors[5], "en", 5)
    allowed = np.flatnonzero(np.random.default_rng(1).random(N) < share)
    words = search.lexical.scores(search.lexical.question(asked.text))
    exact = search.scored(asked, words, allowed).scores
    best = allowed[np.lexsort((allowed, -exact))]
    found = [neighbour.row for neighbour in search.nearest([asked], 10, allowed=allowed, without={5})]
    assert found == [row for row in best[:11].tolist() if row != 5][:10]


def test_a_filter_that_nothing_passes_gives_nothing(search, corpus):
    vectors, _, _, texts = corpus
    asked = Asked(texts[5], vectors[5], "en", 5)
    assert search.nearest([asked], 5, allowed=np.zeros(0, dtype=np.int64)) == []
