"""Every system that the table compares keeps the same promises; their scores are held by hand."""

import math

import numpy as np
import pytest

from recommender.embedding import EmbeddingCache
from recommender.training.development import lexical, rankings
from recommender.training.development.fused import WORDS, FusedSystem
from recommender.training.development.lexical import Bm25, CharacterTfidf
from recommender.training.development.remembering import RememberingEmbedder
from recommender.training.development.systems import EmbeddingSystem, Reranked

CORPUS = ["cab cab", "deed", "fog", "cab deed"]


@pytest.fixture(params=["letters", "tfidf", "bm25"])
def system(request, letters):
    return {"letters": EmbeddingSystem(letters), "tfidf": CharacterTfidf(), "bm25": Bm25()}[request.param]


def test_the_text_itself_is_nearest(system):
    assert system.nearest(["fog", "deed"], CORPUS, 1).tolist() == [[2], [1]]


def test_a_text_that_shares_a_word_comes_before_one_that_does_not(system):
    assert system.nearest(["deed"], CORPUS, 2).tolist() == [[1, 3]]


def test_what_is_no_answer_is_left_out(system):
    assert system.nearest(["deed"], CORPUS, 1, np.array([[1]])).tolist() == [[3]]


def test_the_size_of_a_block_changes_nothing(system, monkeypatch):
    own = np.arange(4)[:, None]
    whole = system.nearest(CORPUS, CORPUS, 2, own).tolist()
    monkeypatch.setattr(rankings, "SCORES_AT_ONCE", 1)
    assert system.nearest(CORPUS, CORPUS, 2, own).tolist() == whole


def test_first_dimensions_are_scaled_to_unit_length_again(letters):
    system = EmbeddingSystem(letters, dim=2)
    # a and b alone count: the first text is aab, the second b
    np.testing.assert_allclose(
        system.features(["aabzzz", "bq"]), [[2 / 5**0.5, 1 / 5**0.5], [0, 1]], atol=1e-6
    )
    assert system.nearest(["ac"], ["bac", "az"], 1).tolist() == [[1]]


def test_the_judge_orders_what_the_first_system_found_and_nothing_else(letters):
    class Given:
        translates = True

        def nearest(self, queries, corpus, k, without=None):
            return np.array([[2, 0, 1][:k]])

    judge = EmbeddingSystem(letters)
    system = Reranked(Given(), judge, depth=2)
    assert system.nearest(["deed"], ["d", "deed", "fog"], 2).tolist() == [[0, 2]]  # "deed" is no candidate
    assert Reranked(Given(), judge, depth=3).nearest(["deed"], ["d", "deed", "fog"], 1).tolist() == [[1]]
    assert system.features(["deed"]) is None
    assert system.translates


@pytest.mark.parametrize("dim", [0, 27])
def test_more_dimensions_than_there_are_cannot_be_taken(letters, dim):
    with pytest.raises(ValueError, match="expected 1 to 26 dimensions"):
        EmbeddingSystem(letters, dim=dim)


def test_bm25_weights_are_those_of_the_formula():
    # Three texts of 2, 1 and 3 tokens, mean 2. "b" is in two of three: idf = ln(1 + 1.5 / 2.5).
    # "b b a": twice in a text of 3: 2 / (2 + 1.2 * (0.25 + 0.75 * 3 / 2)).
    counter, weights = lexical._bm25(("a b", "c", "b b a"))
    b = counter.vocabulary_["b"]
    idf = math.log(1 + 1.5 / 2.5)
    assert weights[2, b] == pytest.approx(idf * 2 / (2 + 1.2 * (0.25 + 0.75 * 1.5)), rel=1e-5)
    assert weights[0, b] == pytest.approx(idf * 1 / (1 + 1.2), rel=1e-5)
    assert weights[1, b] == 0


def test_bm25_reads_chinese_by_characters_and_pairs_of_them():
    assert Bm25().nearest(["融合治理"], ["治融理合", "产教融合", "城市"], 2).tolist() == [[0, 1]]
    assert Bm25().nearest(["融合"], ["治融理合", "产教融合", "城市"], 1).tolist() == [[1]]


@pytest.mark.parametrize("share", [-1.0, 2.0])  # all columns dense, all sparse
def test_dense_and_sparse_columns_give_the_same_ranking(monkeypatch, share):
    texts = ["产教融合治理", "城市治理", "产教融合改革", "城市联合体治理", "fog of war", "war and peace"]
    own = np.arange(len(texts))[:, None]
    expected = [baseline().nearest(texts, texts, 5, own).tolist() for baseline in (CharacterTfidf, Bm25)]
    monkeypatch.setattr(lexical, "FREQUENT", share)
    found = [baseline().nearest(texts, texts, 5, own).tolist() for baseline in (CharacterTfidf, Bm25)]
    assert found == expected


def test_no_text_is_read_twice_and_rows_keep_their_order(letters):
    embedder = RememberingEmbedder(letters)
    first = embedder.encode(["bbb", "a", "bbb"])
    second = embedder.encode(["c", "a"])
    assert letters.read == ["a", "bbb", "c"]  # the shorter ones first
    np.testing.assert_array_equal(first, letters.encode(["bbb", "a", "bbb"]))
    np.testing.assert_array_equal(second, letters.encode(["c", "a"]))
    assert embedder.encode([]).shape == (0, 26)


def test_the_next_run_reads_nothing_that_the_cache_holds(letters, tmp_path):
    for _ in range(2):
        with EmbeddingCache(tmp_path, fingerprint="letters", dim=26) as cache:
            vectors = RememberingEmbedder(letters, cache).encode(["ab", "c", "ab"])
    assert letters.read == ["c", "ab"]
    np.testing.assert_array_equal(vectors, letters.encode(["ab", "c", "ab"]))


def test_progress_counts_what_the_model_has_to_read(letters, monkeypatch):
    monkeypatch.setattr("recommender.training.development.remembering.TEXTS_AT_ONCE", 2)
    told = []
    embedder = RememberingEmbedder(letters, on_progress=lambda done, total: told.append((done, total)))
    embedder.encode(["a"])
    embedder.encode(["a", "b", "c", "d"])
    assert told == [(1, 1), (2, 3), (3, 3)]


def test_the_product_ranks_as_a_column_of_the_table(letters):
    texts = ["aab school", "abb school", "zzz", "aab", "bbb railway"]
    system = FusedSystem(letters)
    own = np.arange(5)[:, None]
    found = system.nearest(texts, texts, 4, own)
    assert [sorted(row) for row in found.tolist()] == [[j for j in range(5) if j != i] for i in range(5)]
    assert found[0, 0] in (1, 3)
    assert system.translates
    assert system.features(texts) is None


def test_the_words_alone_find_nothing_across_languages(letters):
    words = FusedSystem(letters, WORDS)
    assert not words.translates
    found = words.nearest(["railway"], ["aab school", "abb", "bbb railway"], 1)
    assert found.tolist() == [[2]]
