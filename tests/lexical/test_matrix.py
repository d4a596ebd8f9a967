"""Rows of weighted terms. The answers were computed by hand or by the plain reference below."""

from collections import Counter
from math import log, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.lexical import TermMatrix, write_lexical
from recommender.lexical.weighting import name_of, part_of
from recommender.text.tokens import tokens
from recommender.workers import HERE, Processes

HALF = 2**-11  # the largest relative error of rounding to half precision
SCRIPTS = "产教融合產學abcéßяиデータ한국ไทยहि٣12.,， \n"
CORPORA = st.lists(st.text(SCRIPTS, max_size=40), min_size=1, max_size=8)


def reference(texts):
    """Return each text as {token: weight}, in unit length."""
    counts = [Counter(tokens(text)) for text in texts]
    frequencies = Counter(token for count in counts for token in count)
    rows = []
    for count in counts:
        row = {
            token: (1.5 * n / (n + 0.5))
            * (1 + log((1 + len(texts)) / (1 + frequencies[token]))) ** 1.5
            * part_of(token)
            for token, n in count.items()
        }
        norm = sqrt(sum(weight**2 for weight in row.values()))
        rows.append({token: weight / norm for token, weight in row.items()})
    return rows


def row_of(matrix, row):
    """Return a row of the matrix as {name of the term: weight}."""
    line = matrix.weights[[row]]
    return dict(zip(matrix.terms[line.indices].tolist(), line.data.tolist(), strict=True))


def pairs_of(matrix):
    return tuple(grid.ravel() for grid in np.indices((len(matrix), len(matrix))))


def test_a_row_is_what_a_hand_computes():
    # red in 1 of 2 texts: (1 + ln(3/2))^1.5 = 1.66610; blue in both: 1, twice in the first: 1.5 · 2 / 2.5
    # = 1.2. The norm of the first is sqrt(1.66610² + 1.2²) = 2.05335.
    matrix = TermMatrix.of(["red blue blue", "blue"])
    assert row_of(matrix, 0) == pytest.approx({name_of("red"): 0.81144, name_of("blue"): 0.58443}, rel=HALF)
    assert row_of(matrix, 1) == {name_of("blue"): 1.0}
    assert matrix.usual == (2, pytest.approx((2.05335 + 1) / 2, abs=1e-5))
    assert matrix.pivots == pytest.approx([1.23820, 0.71684], abs=1e-5)
    assert matrix.similarities(np.array([0]), np.array([1])) == pytest.approx([0.58443], rel=HALF)


def test_the_words_are_the_same_however_many_texts_at_once_and_whoever_counts_them(monkeypatch):
    texts = [f"red {n % 7} blue 职教{chr(0x4E00 + n % 11)}" for n in range(60)] + ["", "blue"]
    whole = TermMatrix.of(texts)
    monkeypatch.setattr("recommender.lexical.counts.TEXTS_AT_ONCE", 9)
    monkeypatch.setenv("OMP_NUM_THREADS", "2")
    for workers in (HERE, Processes(short=0)):
        parts = TermMatrix.of(iter(texts), workers)
        for name in ("terms", "frequencies", "usual", "pivots"):
            assert np.array_equal(getattr(parts, name), getattr(whole, name))
        for name in ("data", "indices", "indptr"):
            assert np.array_equal(getattr(parts.weights, name), getattr(whole.weights, name))


def test_no_texts_have_no_words():
    assert TermMatrix.of([]).weights.shape == (0, 0)


def test_rows_are_scaled_the_same_however_many_at_once(monkeypatch):
    texts = ["red blue blue", "", "职教 x", "blue x x", "职教"]
    whole = TermMatrix.of(texts).weights
    monkeypatch.setattr("recommender.lexical.sparse.ROWS_AT_ONCE", 2)
    parts = TermMatrix.of(texts).weights
    assert parts.data.tobytes() == whole.data.tobytes()
    assert parts.indices.tolist() == whole.indices.tolist()


def test_terms_ascend_and_count_their_texts():
    matrix = TermMatrix.of(["职教 x", "职教 y", "y y y"])
    assert matrix.terms.tolist() == sorted(name_of(term) for term in ("职", "教", "职教", "x", "y"))
    found = dict(zip(matrix.terms.tolist(), matrix.frequencies.tolist(), strict=True))
    assert found == {name_of(term): n for term, n in {"职": 2, "教": 2, "职教": 2, "x": 1, "y": 2}.items()}


@pytest.mark.parametrize("fewest", [1, 3, 99])
def test_pairs_of_one_row_together_are_as_pairs_alone(monkeypatch, fewest):
    texts = ["red blue blue", "", "职教 x", "blue x x", "职教 red 3.5", "x"]
    matrix = TermMatrix.of(texts)
    left, right = pairs_of(matrix)
    left, right = np.append(left, [3, 3, 0]), np.append(right, [1, 4, 0])  # rows that come again later
    alone = [matrix.similarities(left[[i]], right[[i]])[0] for i in range(len(left))]
    monkeypatch.setattr("recommender.lexical.matrix.FEWEST_TOGETHER", fewest)
    assert matrix.similarities(left, right).tolist() == alone


@given(CORPORA)
def test_every_row_is_that_of_the_plain_reference(texts):
    matrix = TermMatrix.of(texts)
    assert len(matrix) == len(texts)
    for row, expected in enumerate(reference(texts)):
        named = {name_of(token): weight for token, weight in expected.items()}
        assert row_of(matrix, row) == pytest.approx(named, rel=1.01 * HALF)


@given(CORPORA)
def test_similarities_are_those_of_the_plain_reference(texts):
    rows = reference(texts)
    matrix = TermMatrix.of(texts)
    left, right = pairs_of(matrix)
    expected = [
        sum(weight * rows[b].get(token, 0.0) for token, weight in rows[a].items())
        for a, b in zip(left, right, strict=True)
    ]
    assert matrix.similarities(left, right) == pytest.approx(expected, rel=3 * HALF)


@given(CORPORA)
def test_rows_have_unit_length_or_no_terms(texts):
    matrix = TermMatrix.of(texts)
    weights = matrix.weights[np.arange(len(matrix))]
    lengths = np.sqrt(np.asarray(weights.multiply(weights).sum(axis=1)).ravel())
    assert lengths == pytest.approx([float(bool(tokens(text))) for text in texts], abs=1e-3)


def test_texts_without_words_are_like_nothing_not_even_themselves():
    matrix = TermMatrix.of(["", "word", "。，"])
    assert matrix.similarities(*pairs_of(matrix)).tolist() == [0, 0, 0, 0, 1, 0, 0, 0, 0]


@pytest.mark.parametrize("texts", [[], [""], ["", "…"]])
def test_a_corpus_without_words_has_rows_but_no_terms(texts):
    matrix = TermMatrix.of(texts)
    assert (len(matrix), len(matrix.terms), len(matrix.frequencies)) == (len(texts), 0, 0)
    assert matrix.similarities(*pairs_of(matrix)).tolist() == [0.0] * len(texts) ** 2


def test_similarities_do_not_depend_on_the_batch(monkeypatch):
    chance = np.random.default_rng(4)
    texts = ["".join(chance.choice([*SCRIPTS], size=30)) for _ in range(30)]
    matrix = TermMatrix.of(texts)
    left, right = pairs_of(matrix)
    together = matrix.similarities(left, right).tolist()
    assert together == matrix.similarities(right, left).tolist()
    alone = [matrix.similarities(left[[n]], right[[n]])[0] for n in range(len(left))]
    assert together == alone
    monkeypatch.setattr("recommender.lexical.matrix.PAIRS_AT_ONCE", 7)
    assert matrix.similarities(left, right).tolist() == together


def test_the_same_corpus_gives_the_same_bits():
    texts = ["产教融合 and firms", "ไทย 12.5", "產教融合", ""]
    once, again = TermMatrix.of(texts), TermMatrix.of(iter(texts))
    for part in ("data", "indices", "indptr"):
        assert getattr(once.weights, part).tobytes() == getattr(again.weights, part).tobytes()
    assert once.terms.tobytes() == again.terms.tobytes()


def test_another_order_of_texts_moves_rows_but_changes_none():
    texts = ["b a", "c 教育 b", "a a"]
    matrix, turned = TermMatrix.of(texts), TermMatrix.of(texts[::-1])
    assert [row_of(turned, row) for row in (2, 1, 0)] == [row_of(matrix, row) for row in range(3)]


def test_what_is_written_is_read_row_by_row_in_however_many_parts(tmp_path, monkeypatch):
    texts = [f"red {n % 7} blue 职教{chr(0x4E00 + n % 11)}" for n in range(60)] + ["", "blue"]
    matrix = TermMatrix.of(texts)
    write_lexical(matrix, tmp_path)
    for at_once in (9, 1_000):
        monkeypatch.setattr("recommender.lexical.turning.ROWS_AT_ONCE", at_once)
        read = TermMatrix.read(tmp_path, len(texts), tmp_path)
        for name in ("terms", "frequencies"):
            assert np.array_equal(getattr(read, name), getattr(matrix, name))
        assert read.usual == matrix.usual
        assert read.pivots == pytest.approx(matrix.pivots, rel=1e-6)
        for name in ("data", "indices", "indptr"):
            assert np.array_equal(getattr(read.weights, name), getattr(matrix.weights, name))
