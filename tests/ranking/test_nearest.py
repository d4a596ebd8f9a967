"""Neighbours computed by hand, by the vectors alone and by both legs."""

import pickle
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender.index.flat import FlatIndex
from recommender.lexical import TermMatrix
from recommender.ranking import COSINE, LanguageGroups, Ranked, Ranker, fit, nearest
from recommender.vectors import normalised
from tests.conftest import build_index
from tests.lexical.lists import lists_of

SLOPE = [0.6, 0.8, 0.0]
AXES = np.eye(3)


@pytest.fixture(autouse=True)
def small_batches(monkeypatch):
    """Let compiled code and NumPy take as many rows at once, so few that these here are several batches."""
    monkeypatch.setattr(nearest, "COMPILED_AT_ONCE", nearest.ROWS_AT_ONCE)


class Found(NamedTuple):
    row: int
    score: float
    is_copied: bool


def lists(ranked):
    return [
        [
            Found(*one)
            for one in zip(*(column[place, :count].tolist() for column in ranked.columns), strict=True)
        ]
        for place, count in enumerate(ranked.counts)
    ]


@pytest.fixture(params=[0, 10**9], ids=["compiled", "numpy"])
def neighbours_of(request, engine, tmp_path):
    def compute(vectors, k, copies=None, on_progress=lambda done, total: None, ranking=COSINE):
        vectors = np.asarray(vectors, dtype=np.float32)
        build_index(engine, vectors, tmp_path)
        copies = range(len(vectors)) if copies is None else copies
        matrix = TermMatrix.of(["word"] * len(vectors))
        calibration = fit(vectors, matrix, LanguageGroups.of([""] * len(vectors)), ranking)
        ranker = Ranker(engine.open(tmp_path), vectors, matrix, lists_of(matrix), calibration, list(copies))
        ranker.compiled_from = request.param
        return [found for ranked in ranker.neighbours(k, on_progress) for found in lists(ranked)]

    return compute


def pairs(lists):
    return [[(found.row, found.score) for found in around] for around in lists]


def rows(lists):
    return [[found.row for found in around] for around in lists]


def test_neighbours_come_best_first_with_their_cosine_and_ties_by_row(neighbours_of):
    found = neighbours_of([AXES[0], SLOPE, AXES[1], AXES[2]], k=2)
    assert pairs(found) == [
        [(1, pytest.approx(0.6)), (2, 0.0)],
        [(2, pytest.approx(0.8)), (0, pytest.approx(0.6))],
        [(1, pytest.approx(0.8)), (0, 0.0)],
        [(0, 0.0), (1, 0.0)],
    ]


def test_a_k_beyond_the_corpus_gives_all_others(neighbours_of):
    assert rows(neighbours_of([AXES[0], SLOPE, AXES[2]], k=50)) == [[1, 2], [0, 2], [0, 1]]


def test_a_single_paper_has_no_neighbours(neighbours_of):
    assert neighbours_of([AXES[0]], k=50) == [[]]


def test_exact_copies_are_no_neighbours_of_each_other_but_of_the_others(neighbours_of):
    found = neighbours_of([AXES[0], AXES[0], SLOPE, AXES[1]], k=2, copies=[0, 0, 2, 3])
    assert rows(found) == [[2, 3], [2, 3], [3, 0], [2, 0]]


def test_another_text_with_the_same_vector_is_a_neighbour(neighbours_of):
    found = neighbours_of([AXES[0], AXES[0], SLOPE], k=1, copies=[0, 1, 2])
    assert pairs(found[:2]) == [[(1, 1.0)], [(0, 1.0)]]


@pytest.mark.parametrize("copies", [4, 5, 10])
def test_a_text_with_many_copies_still_has_all_its_neighbours(neighbours_of, copies):
    vectors = [*[AXES[0]] * copies, SLOPE, AXES[1], AXES[2]]
    slope, second, third = range(copies, copies + 3)
    found = neighbours_of(vectors, k=3, copies=[*[0] * copies, slope, second, third])
    assert rows(found[:copies]) == [[slope, second, third]] * copies
    assert rows(found)[slope] == [second, 0, 1]
    assert rows(found)[second] == [slope, 0, 1]


@pytest.mark.parametrize("compiled_from", [0, 10**9], ids=["compiled", "numpy"])
@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10**6), n_texts=st.integers(2, 12))
def test_copies_that_are_ranked_once_have_what_each_has_by_itself(compiled_from, seed, n_texts):
    chance = np.random.default_rng(seed)
    texts = chance.integers(0, n_texts, 60)  # of which most have more copies than usual
    copies = [texts.tolist().index(text) for text in texts]
    vectors = normalised(chance.normal(size=(n_texts, 8)))[texts]
    words = [" ".join(chance.choice(WORDS, 6)) for _ in range(n_texts)]
    matrix = TermMatrix.of([words[text] for text in texts])
    calibration = fit(vectors, matrix, LanguageGroups.of(["en"] * 35 + ["zh"] * 25))
    ranker = Ranker(FlatIndex(vectors), vectors, matrix, lists_of(matrix), calibration, copies)
    ranker.compiled_from = compiled_from
    for batch in ranker.batches():
        alone = [lists(ranker.ranked(np.array([row]), 5))[0] for row in batch.tolist()]
        assert lists(ranker.ranked(batch, 5)) == alone


def test_a_text_with_many_copies_is_searched_for_once_in_each_language(corpus, monkeypatch):
    vectors, matrix, calibration, _ = corpus
    copies = [340 if 340 <= row < 360 else row for row in range(600)]  # ten in each of the languages
    ranker = Ranker(FlatIndex(vectors), vectors, matrix, lists_of(matrix), calibration, copies)
    asked = []
    nearest_of_each = Ranker.nearest_of_each

    def counting(self, n, rows, effort=1.0):
        asked.extend(rows.tolist())
        return nearest_of_each(self, n, rows, effort)

    monkeypatch.setattr(Ranker, "nearest_of_each", counting)
    found = [*ranker.neighbours(5, lambda done, total: None)]
    assert sum(map(len, found)) == 600
    assert sorted(row for row in asked if copies[row] == 340) == [340, 350]


def test_nothing_but_copies_has_no_neighbours(neighbours_of):
    assert neighbours_of([AXES[0]] * 10, k=3, copies=[0] * 10) == [[]] * 10


def test_more_rows_than_one_batch_are_all_answered_and_counted(neighbours_of):
    angles = np.radians(np.arange(0, 90, 0.3))  # 300 rows; the nearest lie beside each
    progress = []
    found = neighbours_of(
        np.stack([np.cos(angles), np.sin(angles)], axis=1),
        k=2,
        on_progress=lambda done, total: progress.append((done, total)),
    )
    assert [sorted(around) for around in rows(found)[1:-1]] == [[i - 1, i + 1] for i in range(1, 299)]
    assert progress == [(256, 300), (300, 300)]


WORDS = [
    "云",
    "计算",
    "平台",
    "调度",
    "网络",
    "graph",
    "cluster",
    "memory",
    "protein",
    "教育",
    "治理",
    "policy",
    "learning",
    "of",
    "the",
    "的",
]


@pytest.fixture(scope="module")
def corpus():
    """Six hundred random texts of two languages, some of them alike, with random vectors."""
    chance = np.random.default_rng(5)
    texts = [" ".join(chance.choice(WORDS, 12)) for _ in range(600)]
    texts[20], texts[21], texts[300] = texts[3], texts[3], ""
    vectors = normalised(chance.normal(size=(600, 24)))
    matrix = TermMatrix.of(texts)
    groups = LanguageGroups.of(["en"] * 350 + ["zh"] * 250)
    return (
        vectors,
        matrix,
        fit(vectors, matrix, groups),
        [3 if row in {20, 21} else row for row in range(600)],
    )


def ranked(corpus, compiled_from, k=50):
    vectors, matrix, calibration, copies = corpus
    ranker = Ranker(FlatIndex(vectors), vectors, matrix, lists_of(matrix), calibration, copies)
    ranker.compiled_from = compiled_from
    return [*ranker.neighbours(k, lambda done, total: None)]


def test_compiled_code_finds_what_numpy_finds_to_the_last_digit(corpus):
    for compiled, by_numpy in zip(ranked(corpus, 0), ranked(corpus, 10**9), strict=True):
        for name in Ranked.__dataclass_fields__:
            assert np.array_equal(getattr(compiled, name), getattr(by_numpy, name)), name


class Shuffled(FlatIndex):
    """Knows of an order in which the rows of a stretch are near each other, which is none of theirs."""

    def gathered(self, rows):
        return np.random.default_rng(6).permutation(np.asarray(rows, dtype=np.int64))


def test_rows_that_are_laid_in_another_order_have_the_same_neighbours(corpus, monkeypatch, tmp_path):
    monkeypatch.setattr("recommender.ranking.compiled.ROWS_AT_ONCE", 100)
    vectors, matrix, *rest = corpus
    found = []
    for is_arranged in (False, True):
        ranker = Ranker(Shuffled(vectors), vectors, matrix, lists_of(matrix), *rest)
        ranker.compiled_from = 0
        if is_arranged:
            ranker.arrange(tmp_path)
            assert ranker._corpus.places.tolist() != [*range(len(vectors))]
            assert [*tmp_path.iterdir()] == []  # their files have no names
        parts = ranker.neighbours(50, lambda done, total: None)
        found.append({row: own for part in parts for row, own in zip(part.asked, lists(part), strict=True)})
    assert found[0] == found[1]


def test_what_is_laid_out_here_is_not_sent_to_others(corpus, tmp_path):
    vectors, matrix, *rest = corpus
    ranker = Ranker(FlatIndex(vectors), vectors, matrix, lists_of(matrix), *rest)
    ranker.compiled_from = 0
    before = len(pickle.dumps(ranker))
    ranker.arrange(tmp_path)
    assert len(pickle.dumps(ranker)) < before + 10_000  # the order alone
    again = pickle.loads(pickle.dumps(ranker))  # noqa: S301  # our own
    rows = np.arange(5)
    assert lists(again.ranked(rows, 3)) == lists(ranker.ranked(rows, 3))


def test_few_rows_are_not_laid_out(corpus, tmp_path):
    vectors, matrix, *rest = corpus
    ranker = Ranker(FlatIndex(vectors), vectors, matrix, lists_of(matrix), *rest)
    ranker.arrange(tmp_path)
    assert "_corpus" not in vars(ranker)


def test_words_that_share_a_place_in_the_table_are_told_apart(corpus):
    vectors, _, _, copies = corpus
    chance = np.random.default_rng(8)
    texts = [" ".join(f"w{number}" for number in chance.choice(9_000, 120)) for _ in range(600)]
    matrix = TermMatrix.of(texts)
    assert len(matrix.terms) > 8_500  # twice the places: many words of one text share one
    many = vectors, matrix, fit(vectors, matrix, LanguageGroups.of(["en"] * 600)), copies
    for compiled, by_numpy in zip(ranked(many, 0), ranked(many, 10**9), strict=True):
        assert lists(compiled) == lists(by_numpy)


def test_a_text_with_more_words_than_the_table_had_places_is_compared_too(corpus):
    vectors, _, _, copies = corpus
    texts = [" ".join(f"w{number}" for number in range(row, row + 3_000)) for row in range(600)]
    matrix = TermMatrix.of(texts)
    long = vectors, matrix, fit(vectors, matrix, LanguageGroups.of(["en"] * 600)), copies
    compiled, by_numpy = ranked(long, 0, k=3)[0], ranked(long, 10**9, k=3)[0]
    assert lists(compiled) == lists(by_numpy)


@pytest.mark.parametrize("compiled_from", [0, 10**9])
def test_it_is_all_one_how_many_rows_are_computed_at_once(corpus, monkeypatch, compiled_from):
    wanted = [found for part in ranked(corpus, compiled_from) for found in lists(part)]
    monkeypatch.setattr(nearest, "COMPILED_AT_ONCE", 1_000)
    monkeypatch.setattr(nearest, "ROWS_AT_ONCE", 7)
    assert [found for part in ranked(corpus, compiled_from) for found in lists(part)] == wanted


class Reluctant(FlatIndex):
    """Is not asked for all that there are."""

    def candidates(self, queries, n, rows, effort=1.0):
        assert len(rows) > n
        return super().candidates(queries, n, rows, effort)


def test_of_a_language_with_few_papers_all_are_candidates_without_a_search(corpus):
    vectors, matrix, calibration, copies = corpus
    ranker = Ranker(Reluctant(vectors), vectors, matrix, lists_of(matrix), calibration, copies)
    found = ranker.nearest_of_each(300, np.arange(5, 8))
    assert found.shape == (3, 300 + 250)
    assert [sorted(row) for row in found[:, 300:].tolist()] == [[*range(350, 600)]] * 3


@pytest.mark.parametrize("threads", ["1", "3"])
def test_rows_come_in_order_however_many_are_computed_at_once(corpus, monkeypatch, threads):
    wanted = [found for part in ranked(corpus, 0) for found in lists(part)]
    monkeypatch.setenv("OMP_NUM_THREADS", threads)
    assert [found for part in ranked(corpus, 0) for found in lists(part)] == wanted
