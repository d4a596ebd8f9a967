"""Segmentation by Unigram, word by word and all at once: by hand, and against `tokenizers`."""

import json
import math
import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer
from tokenizers.models import Unigram as LibraryUnigram

from recommender.embedding.lattice import CHARACTERS_AT_ONCE, Lattice
from recommender.embedding.unigram import TOKEN, Unigram

BYTES = {f"<0x{byte:02X}>": -9.0 for byte in range(256)}
FIRST = 1 + len(BYTES)  # after "<unk>" and the bytes


def written(score):
    return score if isinstance(score, int) else repr(score).encode()


def model(tokens, *, byte_fallback=True):
    """Return the model of "<unk>", 256 bytes, and `tokens`."""
    whole = {"<unk>": -20.0, **BYTES, **tokens}
    scores = [*map(written, whole.values())]
    return Unigram([*whole], scores, unknown=0, byte_fallback=byte_fallback)


def library(tokens, *, byte_fallback=True):
    whole = {"<unk>": -20.0, **BYTES, **tokens}
    return LibraryUnigram([*whole.items()], unk_id=0, byte_fallback=byte_fallback)


def at_once(unigram, words):
    return [np.frombuffer(tokens, TOKEN).tolist() for tokens in Lattice(unigram).tokens(words)]


def bytes_of(text):
    return [1 + byte for byte in text.encode()]


A, B, AB, ABC = range(FIRST, FIRST + 4)
TOKENS = {"a": -2.0, "b": -3.0, "ab": -4.0, "abc": -9.5}


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("a", [A]),
        ("ab", [AB]),  # -4 against -2 - 3
        ("ba", [B, A]),
        ("aab", [A, AB]),
        ("abab", [AB, AB]),
        ("abc", [ABC]),  # -9.5 against -4 and the unknown, -20 - 10
        ("c", bytes_of("c")),
        ("ccca", [*bytes_of("ccc"), A]),
        ("acab", [A, *bytes_of("c"), AB]),
        ("字", bytes_of("字")),
        ("a字", [A, *bytes_of("字")]),
        ("𠮷b", [*bytes_of("𠮷"), B]),
        ("<unk>", [0]),  # spelled out, it is the unknown token itself
    ],
)
def test_the_segmentation_of_the_highest_sum_wins(word, expected):
    unigram = model(TOKENS)
    assert [*unigram.tokens(word)] == expected
    assert at_once(unigram, [word]) == [expected]
    assert [token.id for token in library(TOKENS).tokenize(word)] == expected


def test_of_equal_sums_the_path_stays_that_began_first():
    tokens = {"a": -1.0, "b": -1.0, "ab": -2.0}
    unigram = model(tokens)
    expected = [FIRST + 2]  # "ab" reaches its end before "b" does
    assert [*unigram.tokens("ab")] == expected
    assert at_once(unigram, ["ab"]) == [expected]
    assert [token.id for token in library(tokens).tokenize("ab")] == expected


def test_without_bytes_neighbours_that_are_unknown_are_one_unknown_token():
    unigram = model({"a": -1.0}, byte_fallback=False)
    assert [*unigram.tokens("xyaz")] == [0, FIRST, 0]
    assert at_once(unigram, ["xyaz"]) == [[0, FIRST, 0]]


def test_with_some_bytes_missing_the_whole_is_unknown():
    unigram = Unigram(["<unk>", "<0x78>"], [b"-1.0", b"-1.0"], unknown=0, byte_fallback=True)
    assert [[*unigram.tokens(word)] for word in ("x", "xx", "xy", "y")] == [[1], [1, 1], [0], [0]]


def test_of_a_token_that_stands_twice_the_last_counts():
    unigram = Unigram(["<unk>", "a", "a"], [b"-1.5", b"-2.5", b"-3.5"], unknown=0, byte_fallback=False)
    assert len(unigram) == 3
    assert [*unigram.tokens("a")] == [2]
    assert at_once(unigram, ["a"]) == [[2]]
    assert unigram.unknown_score == -13.5


def test_words_are_segmented_at_once_in_any_number_and_length():
    unigram = model(TOKENS)
    words = ["ab", "c" * 700, "ba" * 900, *(["abcab"] * (CHARACTERS_AT_ONCE // 3)), "字a"]
    assert at_once(unigram, []) == []
    assert at_once(unigram, words) == [[*unigram.tokens(word)] for word in words]


def test_an_empty_token_is_never_found():
    unigram = Unigram(["<unk>", "", "a"], [b"-1.0", b"-1.0", b"-1.0"], unknown=0, byte_fallback=False)
    assert [*unigram.tokens("aa")] == [2, 2]
    assert at_once(unigram, ["aa"]) == [[2, 2]]


LETTERS = "abc字é𠮷"
SCORES = st.sampled_from([-1.0, -2.0, -3.0, -4.0, -1.1, -2.2, -3.3000000000000003, -0.1, -7.25])


@settings(max_examples=150, deadline=None)
@given(
    tokens=st.dictionaries(st.text(LETTERS, min_size=1, max_size=5), SCORES, min_size=1, max_size=30),
    words=st.lists(st.text(LETTERS + "x", min_size=1, max_size=20), min_size=1, max_size=8),
    byte_fallback=st.booleans(),
)
def test_tokens_are_those_of_the_library_whatever_the_vocabulary(tokens, words, byte_fallback):
    unigram = model(tokens, byte_fallback=byte_fallback)
    theirs = library(tokens, byte_fallback=byte_fallback)
    expected = [[token.id for token in theirs.tokenize(word)] for word in words]
    assert [[*unigram.tokens(word)] for word in words] == expected
    assert at_once(unigram, words) == expected


def spellings(rng, n):
    """Return decimals as programs write them: short and long, with and without exponent."""
    values = (-rng.random() * 10 ** rng.choice([-12, -3, 0, 1, 2, 5]) for _ in range(n))
    return [
        rng.choice([repr(value), f"{value:.3e}", f"{value:.18e}", f"{value:.2f}", f"{value:.6f}"])
        for value in values
    ]


def test_scores_are_rounded_as_the_library_rounds_them():
    numbers = spellings(random.Random(1), 5000)
    document = json.loads(Tokenizer(LibraryUnigram([("", 0.0)], unk_id=0)).to_str())
    document["model"]["vocab"] = "HERE"
    entries = ", ".join(f'["{chr(0x4E00 + row)}", {number}]' for row, number in enumerate(numbers))
    read = Tokenizer.from_str(json.dumps(document).replace('"HERE"', f"[{entries}]")).to_str()
    theirs = [score for _, score in json.loads(read)["model"]["vocab"]]
    assert sum(score != float(number) for score, number in zip(theirs, numbers, strict=True)) > 100
    unigram = Unigram(
        [*map(str, range(len(numbers)))],
        [number.encode() for number in numbers],
        unknown=0,
        byte_fallback=False,
    )
    assert unigram.scores() == theirs


@pytest.mark.parametrize("score", [b"-1e999", b"-123456789012345678901.5", 2**53 + 1, b"-1.5e-320"])
def test_a_score_that_may_be_read_in_two_ways_is_refused(score):
    with pytest.raises(ValueError, match="score"):
        Unigram(["<unk>", "a"], [b"-1.0", score], unknown=0, byte_fallback=False)


def test_what_is_unknown_scores_ten_below_the_very_lowest():
    lowest = -20.000000000000004
    for scores in ([b"-20.0", b"-20.000000000000004"], [b"-20.000000000000004", b"-20.0"]):
        unigram = Unigram(["<unk>", "a"], scores, unknown=0, byte_fallback=False)
        assert unigram.unknown_score == lowest - 10 != -30.0


def test_a_whole_number_is_a_score():
    unigram = Unigram(["<unk>", "a"], [0, -(2**53)], unknown=0, byte_fallback=False)
    assert unigram.scores() == [0.0, -float(2**53)]
    assert unigram.unknown_score == -math.ldexp(1, 53) - 10
