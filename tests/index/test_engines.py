"""The contract of every engine. The answers were computed by hand."""

import numpy as np
import pytest

from recommender.errors import BuildError, SettingsError
from recommender.index import engine_named
from recommender.vectors import normalised
from tests.conftest import build_index

AXES = np.eye(3, dtype=np.float32)
QUERY = np.array([[0.6, 0.8, 0.0]], dtype=np.float32)


@pytest.fixture
def opened(engine, tmp_path):
    def open_(vectors):
        build_index(engine, np.asarray(vectors, dtype=np.float32), tmp_path)
        return engine.open(tmp_path)

    return open_


def test_scores_are_cosine_best_first(opened):
    hits = opened(AXES).search(QUERY, k=2)
    assert hits.rows.tolist() == [[1, 0]]
    assert hits.scores[0] == pytest.approx([0.8, 0.6])


def test_a_k_beyond_the_corpus_gives_the_whole_corpus(opened):
    index = opened(AXES)
    assert len(index) == 3
    assert index.search(QUERY, k=99).rows.tolist() == [[1, 0, 2]]


def test_opposite_vectors_score_minus_one(opened):
    assert opened(AXES).search(-AXES[:1], k=3).scores[0].tolist() == [0.0, 0.0, -1.0]


def test_equal_scores_fall_by_row_even_among_a_hundred_copies(opened):
    hits = opened(np.repeat(AXES, [100, 100, 1], axis=0)).search(QUERY, k=3)
    assert hits.rows.tolist() == [[100, 101, 102]]


def test_each_query_has_its_own_answer(opened):
    assert opened(AXES).search(AXES[[2, 0]], k=1).rows.tolist() == [[2], [0]]


def test_only_allowed_rows_are_found(opened):
    hits = opened(AXES).search(QUERY, k=3, allowed=np.array([2, 0, 2]))
    assert hits.rows.tolist() == [[0, 2]]
    assert hits.scores[0] == pytest.approx([0.6, 0.0])


def test_nothing_allowed_finds_nothing(opened):
    assert opened(AXES).search(QUERY, k=3, allowed=np.array([], dtype=np.int64)).rows.shape == (1, 0)


def test_no_queries_give_no_hits(opened):
    assert opened(AXES).search(QUERY[:0], k=2).rows.shape == (0, 2)


def test_k_below_one_is_refused(opened):
    with pytest.raises(ValueError, match="k must be at least 1"):
        opened(AXES).search(QUERY, k=0)


@pytest.mark.parametrize("bad", [[[np.nan, 0, 0]], [[0.6, 0.6, 0]], [[1, 0]]])
def test_queries_that_are_no_unit_vectors_are_refused(opened, bad):
    with pytest.raises(ValueError, match=r"expected vectors|not unit vectors"):
        opened(AXES).search(np.array(bad, dtype=np.float32), k=1)


def test_vectors_that_are_not_of_unit_length_are_never_stored(engine, tmp_path):
    with pytest.raises(ValueError, match="not unit vectors"):
        build_index(engine, 2 * AXES, tmp_path)


def test_the_answer_does_not_depend_on_the_batch(opened):
    vectors = normalised(np.random.default_rng(1).normal(size=(500, 32)))
    index = opened(vectors)
    together = index.search(vectors[:70], k=20)
    alone = [index.search(vectors[row : row + 1], k=20) for row in range(70)]
    assert together.rows.tolist() == [hits.rows[0].tolist() for hits in alone]
    assert together.scores.tolist() == [hits.scores[0].tolist() for hits in alone]


def test_every_engine_answers_as_the_reference(opened, tmp_path_factory):
    vectors = normalised(np.random.default_rng(2).normal(size=(800, 16)).round(1))
    reference = engine_named("flat")
    folder = tmp_path_factory.mktemp("reference")
    build_index(reference, vectors, folder)
    wanted = reference.open(folder).search(vectors, k=30)
    found = opened(vectors).search(vectors, k=30)
    assert found.rows.tolist() == wanted.rows.tolist()
    assert found.scores.tolist() == wanted.scores.tolist()


@pytest.mark.parametrize(("n", "k"), [(50, 50), (700, 3), (777, 6)])  # the two last are cut into blocks
def test_the_reference_sorts_as_numpy_does(tmp_path, n, k):
    vectors = normalised(np.random.default_rng(3).normal(size=(n, 8)))
    reference = engine_named("flat")
    build_index(reference, vectors, tmp_path)
    exact = np.round(vectors[:5].astype(np.float64) @ vectors.astype(np.float64).T, 6)
    wanted = np.argsort(-exact, axis=1, kind="stable")
    assert reference.open(tmp_path).search(vectors[:5], k=k).rows.tolist() == wanted[:, :k].tolist()


def test_a_damaged_file_is_refused(engine, tmp_path):
    build_index(engine, AXES, tmp_path)
    for path in tmp_path.iterdir():
        path.write_bytes(path.read_bytes()[:-7])
        with pytest.raises(BuildError, match=path.name):
            engine.open(tmp_path)
        build_index(engine, AXES, tmp_path)


def test_an_unknown_engine_is_refused_with_the_known_ones():
    with pytest.raises(SettingsError, match="no engine 'annoy'; choose one of faiss, flat, milvus"):
        engine_named("annoy")


def test_candidates_are_the_nearest_of_a_stretch_and_of_equals_the_first(opened):
    vectors = normalised(np.random.default_rng(7).normal(size=(6, 8)))[np.arange(1_200) % 6]
    index = opened(vectors)
    assert index.recall is None
    for n in (1, 70, 399, 400, 9_999):
        rows = np.sort(index.candidates(vectors[:5], n, range(100, 500)))
        wanted = np.sort(index.search(vectors[:5], n, range(100, 500)).rows)
        assert rows.tolist() == wanted.tolist()


def test_a_candidate_exactly_as_far_off_as_rounding_may_be_is_not_lost(engine, tmp_path):
    last = np.float32(0.5)
    first = last + np.float32(1e-5)  # which rounds up: neither above that sum nor within that distance
    assert not first > last + 1e-5
    assert first - last > 1e-5
    cosine = np.array([0.0, first, last, -0.5], dtype=np.float32)
    build_index(engine, np.stack([cosine, np.sqrt(1 - cosine**2)], axis=1), tmp_path)
    found = engine.open(tmp_path).candidates(np.array([[1, 0]], dtype=np.float32), 2, range(4))
    assert {*found[0].tolist()} == {1, 2}
