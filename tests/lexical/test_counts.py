"""Counts that are kept with a build: what the next one takes over is what counting anew would find."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.errors import BuildError
from recommender.lexical import TermMatrix, write_lexical
from recommender.lexical.counts import FILES, TermCounts
from recommender.lexical.weighting import counted, name_of

BEFORE = ["red blue blue", "职教 x", "", "x x red", "only here"]


def assert_same(found, expected):
    assert found.terms.tolist() == expected.terms.tolist()
    assert found.parts.tolist() == expected.parts.tolist()
    assert found.frequencies.tolist() == expected.frequencies.tolist()
    assert found.matrix.shape == expected.matrix.shape
    for part in ("data", "indices", "indptr"):
        assert getattr(found.matrix, part).tolist() == getattr(expected.matrix, part).tolist()


def gone_on(before, after):
    """Return the counts of texts, of which those that were there before are taken from these."""
    place = {text: row for row, text in enumerate(before)}
    rows = np.array([place.get(text, -1) for text in after], dtype=np.int64)
    fresh = TermCounts.of([text for text in after if text not in place])
    return TermCounts.of(before).going_on(rows, fresh)


@pytest.mark.parametrize(
    "after",
    [
        BEFORE,
        BEFORE[::-1],
        ["new 教 words", *BEFORE[1:4], "blue", BEFORE[0]],
        [BEFORE[1], BEFORE[1], "once", "once"],
        ["nothing of before"],
        [],
    ],
)
def test_texts_that_stay_go_and_come(after):
    assert_same(gone_on(BEFORE, after), TermCounts.of(after))


@given(
    st.lists(st.text("ab 职教カ9 ", max_size=12), max_size=6),
    st.lists(st.text("bc 教育カ8 ", max_size=12), max_size=4),
    st.randoms(use_true_random=False),
)
def test_any_texts_before_and_after(before, fresh, chance):
    after = [*chance.sample(before, k=chance.randint(0, len(before))), *fresh]
    chance.shuffle(after)
    assert_same(gone_on(before, after), TermCounts.of(after))


def test_what_is_read_is_what_was_written(tmp_path):
    counts = TermCounts.of(BEFORE)
    write_lexical(TermMatrix.weighted(counts), tmp_path, counts)
    counts.write(tmp_path)
    assert_same(TermCounts.read(tmp_path, len(BEFORE)), counts)


@pytest.mark.parametrize("name", FILES)
def test_what_is_missing_is_named(tmp_path, name):
    counts = TermCounts.of(BEFORE)
    write_lexical(TermMatrix.weighted(counts), tmp_path, counts)
    counts.write(tmp_path)
    (tmp_path / name).unlink()
    with pytest.raises(BuildError, match=name):
        TermCounts.read(tmp_path, len(BEFORE))


def test_a_word_that_is_said_without_end_is_counted_to_the_end_of_a_byte():
    counts = TermCounts.of(["word " * 1_000, "word"])
    assert counts.matrix[np.arange(len(counts))].toarray().tolist() == [[255], [1]]


def test_a_term_that_two_words_share_has_the_counts_of_both(monkeypatch):
    # 64 bits of a digest: of a corpus in a million it happens once
    monkeypatch.setattr("recommender.lexical.counting.name_of", lambda token: len(token))
    counts = TermCounts.of(["aa bb bb ccc"])
    assert counts.terms.tolist() == [2, 3]
    assert counts.matrix[np.arange(len(counts))].toarray().tolist() == [[3, 1]]


def test_counts_are_those_of_each_text():
    counts = TermCounts.of(BEFORE)
    for row, text in enumerate(BEFORE):
        line = counts.matrix[[row]]
        found = dict(zip(counts.terms[line.indices].tolist(), line.data.tolist(), strict=True))
        assert found == {name_of(token): n for token, n in counted(text).items()}
