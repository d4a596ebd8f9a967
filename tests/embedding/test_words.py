"""The words of a text, against answers by hand and against `tokenizers` for every settled character."""

import sys
import unicodedata

import pytest
from tokenizers import Regex, normalizers
from tokenizers.pre_tokenizers import Split

from recommender.embedding.charsmap import Charsmap
from recommender.embedding.words import LONGEST_WORD, Words

RULES = {
    "A": "a",
    "É": "é",
    "電": "电",
    "Ж": "ж",
    "½": "1/2",
    "\u064b": "",
    "\u00ad": "",
    "أ": "ا",
    "ß": "ss",
}
PRIVATE = {"Co", "Cs"}
SETTLED = [
    chr(point)
    for point in range(sys.maxunicode + 1)
    if unicodedata.ucd_3_2_0.category(chr(point)) not in {"Cn", *PRIVATE}
]
AT_ONCE = 200


@pytest.fixture(scope="module")
def words(compiled):
    return Words(Charsmap(compiled(RULES)))


@pytest.fixture(scope="module")
def library(compiled):
    normalise = normalizers.Sequence([normalizers.NFC(), normalizers.Precompiled(compiled(RULES))])
    split = Split(Regex(r"[^\p{L}\p{M}\p{N}]+"), "removed")
    return lambda text: [word for word, _ in split.pre_tokenize_str(normalise.normalize_str(text))]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        (" \n\t.,。，—\0\x01", []),
        ("Ab, cÉ.A", ["ab", "cé", "a"]),
        ("电電，電2½", ["电电", "电21", "2"]),
        ("e\u0301 E\u0301", ["é", "é"]),  # composed before it is replaced
        ("co\u00adop", ["coop"]),
        ("straße\r\nAЖ", ["strasse", "aж"]),
        ("नमस्ते दुनिया", ["नमस्ते", "दुनिया"]),
        ("กำลัง", ["กำลัง"]),
        ("عادة\u064b أ\u064b", ["عادة", "ا"]),  # what the cluster would lose is nothing
    ],
)
def test_a_text_is_composed_replaced_and_cut(words, library, text, expected):
    assert words.of(text) == expected == library(text)


@pytest.mark.parametrize(
    "text",
    [
        "Ж\u0301",  # a key and its mark are one cluster, of which the mark is lost
        "A\u200dx",
        "A\N{THAI CHARACTER SARA AM}",
        "\N{SYRIAC ABBREVIATION MARK}A",
        "\N{GRINNING FACE}",  # younger than Unicode 3.2
        "\ud800",
        "\U000e0fff",
        "a" * (LONGEST_WORD + 1),
    ],
)
def test_where_tokenizers_may_differ_nothing_is_guessed(words, text):
    assert words.of(text) is None
    assert words.of(f"before {text} after") is None


def test_a_long_word_is_read_up_to_the_limit(words):
    assert words.of("a" * LONGEST_WORD) == ["a" * LONGEST_WORD]


def test_a_table_that_replaces_line_ends_is_refused(compiled):
    with pytest.raises(ValueError, match="line ends"):
        Words(Charsmap(compiled({"\r": " "})))


def test_a_key_of_several_characters_is_left_to_tokenizers(compiled):
    words = Words(Charsmap(compiled({"x\u0323": "y"})))
    assert words.of("x\u0323") is None
    assert words.of("x") == ["x"]


def test_a_table_that_makes_unsettled_characters_is_left_to_tokenizers(compiled):
    words = Words(Charsmap(compiled({"a": "\N{GRINNING FACE}"})))
    assert words.of("a") is None
    assert words.of("b") == ["b"]


@pytest.mark.parametrize("context", ["{}", "A{}", "b{}A", "{}\u064b", "a{0}{0}"])
def test_every_settled_character_is_read_as_tokenizers_reads_it(words, library, context):
    texts = [context.format(character) for character in SETTLED]
    certain = [(text, read) for text in texts if (read := words.of(text)) is not None]
    assert len(certain) > 0.9 * len(SETTLED)
    for start in range(0, len(certain), AT_ONCE):
        part = certain[start : start + AT_ONCE]
        together = library(" . ".join(text for text, _ in part))
        assert together == [word for _, read in part for word in read]
