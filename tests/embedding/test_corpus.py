import numpy as np
import pytest

from recommender.embedding import EmbeddingCache, HeldTexts, KnownVectors, corpus, embed_corpus
from recommender.embedding.corpus import TEXTS_AT_ONCE
from recommender.errors import ModelError
from recommender.paper import Paper

MANY = ["a" * (i % 30) + "b" * (i // 30 + 1) for i in range(2 * TEXTS_AT_ONCE + 24)]


@pytest.fixture
def cache(tmp_path):
    with EmbeddingCache(tmp_path, fingerprint="letters", dim=26) as cache:
        yield cache


@pytest.fixture
def embed(letters, cache):
    def run(texts, on_progress=lambda done, total: None):
        return embed_corpus(HeldTexts(texts), letters, KnownVectors(cache), on_progress)

    return run


def test_every_text_has_its_row_in_the_order_asked_for(embed):
    embedded = embed(["bb", "aab", "a"])
    assert embedded.vectors[:, :2] == pytest.approx(np.array([[0, 1], [2 / 5**0.5, 1 / 5**0.5], [1, 0]]))
    assert embedded.n_fresh == 3


def test_a_text_that_occurs_again_is_read_once(embed, letters):
    embedded = embed(["b", "a", "b", "b"])
    assert letters.read == ["b", "a"]
    assert embedded.n_fresh == 2
    assert embedded.vectors[:, :2].tolist() == [[0, 1], [1, 0], [0, 1], [0, 1]]


def test_a_text_that_is_known_is_not_read_and_stays_in_its_place(embed, letters):
    embed(["c", "a"])
    letters.read.clear()
    embedded = embed(["a", "b", "c", "a"])
    assert letters.read == ["b"]
    assert embedded.n_fresh == 1
    assert embedded.vectors[:, :3].tolist() == [[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 0, 0]]


def test_what_comes_from_the_cache_equals_what_was_computed(embed):
    assert np.array_equal(embed(MANY).vectors, embed(MANY).vectors)


def test_no_texts_are_no_rows(embed):
    embedded = embed([])
    assert (embedded.vectors.shape, embedded.n_fresh, embedded.n_windowed) == ((0, 26), 0, 0)


def test_rows_longer_than_the_model_reads_are_counted_known_ones_and_copies_too(embed):
    long = "a" * 100
    assert embed([long, "b", long]).n_windowed == 2
    assert embed([long, "b", long]).n_windowed == 2


def test_windows_are_not_counted_again_where_somebody_wrote_them_down(letters, cache, monkeypatch):
    long, other = "a" * 100, "b" * 100
    kept = embed_corpus(HeldTexts([long, "b"]), letters, KnownVectors(cache), lambda *_: None)
    asked = []
    windows = letters.windows
    monkeypatch.setattr(letters, "windows", lambda texts: asked.extend(texts) or windows(texts))
    texts, rows = HeldTexts(["b", other, long, "c", long, other]), np.array([1, -1, 0, -1, 0, -1])
    for are_windowed, read in ((kept.are_windowed, [other, "c"]), (None, ["b", other, long, "c"])):
        asked.clear()
        known = KnownVectors(cache, kept.vectors, rows, are_windowed)
        found = embed_corpus(texts, letters, known, lambda *_: None)
        assert asked == read
        assert found.are_windowed.tolist() == [False, True, True, False, True, True]
        assert found.n_windowed == 4


def test_progress_counts_the_texts_that_must_be_read(embed, monkeypatch):
    monkeypatch.setattr(corpus, "SHORT", float("inf"))
    told = []
    embed(MANY[:10])
    embed(MANY, lambda done, total: told.append((done, total)))
    assert told == [(64, 142), (142, 142)]  # the second batch is larger: the first took no time
    told.clear()
    embed(MANY, lambda done, total: told.append((done, total)))
    assert told == []


def test_batches_that_take_long_do_not_grow(embed, monkeypatch):
    told = []
    monkeypatch.setattr(corpus, "SHORT", 0.0)
    embed(MANY, lambda done, total: told.append(done))
    assert told == [64, 128, 152]


def test_however_large_the_batches_the_vectors_are_the_same(embed, letters, monkeypatch):
    monkeypatch.setattr(corpus, "TEXTS_AT_ONCE", 1)
    monkeypatch.setattr(corpus, "SHORT", float("inf"))
    told = []
    assert np.array_equal(embed(MANY, lambda done, total: told.append(done)).vectors, letters.encode(MANY))
    assert told == [1, 3, 7, 15, 31, 63, 127, 152]


def test_an_interrupt_keeps_what_was_read(embed, letters):
    def interrupt(done, total):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        embed(MANY, interrupt)
    letters.read.clear()
    embedded = embed(MANY)
    assert letters.read == MANY[TEXTS_AT_ONCE:]
    assert np.array_equal(embedded.vectors, letters.encode(MANY))


def test_a_text_that_the_model_cannot_read_ends_the_run_and_is_not_kept(embed, cache):
    with pytest.raises(ModelError, match="no letters"):
        embed(["a", "123"])
    assert cache.get([Paper(id="x", title="a").digest]) == {}


def test_vectors_that_break_their_promise_are_never_kept(embed, letters, cache, monkeypatch):
    monkeypatch.setattr(letters, "encode", lambda texts: np.full((len(texts), 26), 2, dtype=np.float32))
    with pytest.raises(ValueError, match="not unit vectors"):
        embed(["a"])
    assert cache.get([Paper(id="x", title="a").digest]) == {}
