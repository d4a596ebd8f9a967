"""Rows that share the rarest words: beside what NumPy adds up of all words, and by a plain reference."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender.lexical import TermMatrix, candidates, read_lists, write_lexical
from recommender.lexical.candidates import TermCandidates
from tests.lexical.lists import lists_of

ALL = 1e6  # effort with which every word is read


def drawn(n, n_words, length, seed=0):
    """Draw texts whose words are the rarer the higher their numbers."""
    chance = np.random.default_rng(seed)
    return [" ".join(f"w{int(number)}" for number in n_words * chance.random(length) ** 3) for _ in range(n)]


def opened(texts):
    matrix = TermMatrix.of(texts)
    return matrix, TermCandidates(matrix.weights, lists_of(matrix))


def of(found):
    return [{row for row in line if row >= 0} for line in found.tolist()]


def dense(matrix):
    return matrix.weights[np.arange(len(matrix))].toarray().astype(np.float64)


def test_by_all_words_come_those_of_the_highest_cosine():
    matrix, words = opened(drawn(300, 400, 12))
    cosines = dense(matrix) @ dense(matrix).T
    np.fill_diagonal(cosines, 0)
    found = words.nearest(np.arange(300), 10, ALL)
    for row, line in enumerate(of(found)):
        assert len(line) == min(10, (cosines[row] > 0).sum())
        tenth = np.sort(cosines[row])[-10]
        kept = cosines[row][[*line]]
        assert (kept > 0).all()
        assert (kept >= tenth * (1 - 2**-7) - 1e-6).all()  # on the step of the tenth
        assert {*np.flatnonzero(cosines[row] > tenth * (1 + 2**-7)).tolist()} <= line


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10**6), read=st.floats(0.05, 6))
def test_no_more_entries_are_read_than_told_the_rarest_words_first(seed, read):
    matrix, words = opened(drawn(60, 80, 8, seed))
    rows, most = dense(matrix) > 0, max(1, round(read * candidates.READ * 60**0.5))
    frequencies = rows.sum(axis=0)
    for row, line in enumerate(of(words.nearest(np.arange(60), 60, read))):
        own = sorted(np.flatnonzero(rows[row]), key=lambda term: frequencies[term])  # by place where they tie
        ends = np.cumsum(frequencies[own])
        chosen = [term for term, end in zip(own, ends, strict=True) if end <= most]
        assert line == {*np.flatnonzero(rows[:, chosen].any(axis=1)).tolist()} - {row}


def test_of_more_rows_alike_than_wanted_the_first_are_taken():
    _, words = opened(["red blue"] * 9)
    assert [len(line) for line in of(words.nearest(np.arange(9), 4, ALL))] == [4] * 9


def test_rows_that_share_nothing_have_no_candidates():
    _, words = opened(["red", "blue", "", "blue green"])
    assert of(words.nearest(np.arange(4), 3, ALL)) == [set(), {3}, set(), {1}]


def test_it_is_all_one_which_rows_are_asked_for_together():
    _, words = opened(drawn(200, 300, 10))
    together = words.nearest(np.arange(200), 7)
    assert words.nearest(np.arange(199, -1, -1), 7)[::-1].tolist() == together.tolist()
    assert [words.nearest(np.array([row]), 7)[0].tolist() for row in range(200)] == together.tolist()


@pytest.mark.parametrize("block", [range(200), range(40, 90), range(199, 200)])
def test_the_cosines_with_a_block_are_those_of_all_words(block):
    matrix, words = opened(drawn(200, 300, 10))
    asked = np.array([3, 50, 199])
    wanted = (dense(matrix)[asked] @ dense(matrix).T)[:, block.start : block.stop]
    assert words.cosines(asked, block) == pytest.approx(wanted, abs=1e-6)


def test_the_lists_that_a_build_reads_are_the_rows_turned(tmp_path):
    matrix = TermMatrix.of(drawn(100, 150, 10))
    write_lexical(matrix, tmp_path)
    read, turned = read_lists(tmp_path, 100), lists_of(matrix)
    assert read.shape == turned.shape
    for name in ("indptr", "indices", "data"):
        assert np.array_equal(getattr(read, name), getattr(turned, name)), name
