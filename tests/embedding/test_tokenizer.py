"""Tokens by a tokenizer.json: whichever way serves, they are those of `tokenizers`; damage is named."""

import base64
import json
import struct
import threading

import pytest
from tokenizers import Tokenizer

from recommender.embedding import light, tokenizer
from recommender.embedding.light import LightTokenizer, OtherShapeError
from recommender.embedding.tokenizer import FEW_CHARACTERS, FEW_TEXTS, TextTokenizer
from recommender.errors import ModelError

TOKENS = {"a": -2.5, "b": -3.25, "ab": -4.0, "字": -5.0, "词": -5.0, "字词": -9.1, "a字": -8.0}
RULES = {"A": "a", "É": "e", "詞": "词", "\u0301": "", "½": "1/2"}
ASTRAY = struct.pack("<3I", 8, 1 << 20, 5) + b"abc\0"  # a table of replacements that leads out of itself


@pytest.fixture(scope="module")
def whole(unigram_tokenizer):
    """The content of a tokenizer.json of the shape of ours."""
    return unigram_tokenizer(TOKENS, RULES).to_str()


@pytest.fixture
def load(tmp_path):
    def write(content):
        """Return the tokenizer of a tokenizer.json."""
        path = tmp_path / "tokenizer.json"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return TextTokenizer(path)

    return write


def ids(tokens):
    return [numbers.tolist() for numbers in tokens]


def by_library(content, texts):
    encodings = Tokenizer.from_str(content).encode_batch(texts, add_special_tokens=False)
    return [encoding.ids for encoding in encodings]


def is_light(content):
    try:
        LightTokenizer.from_json(content if isinstance(content, bytes) else content.encode())
    except OtherShapeError:
        return False
    return True


TEXTS = ["Ab, aÉ詞字", "", "½ xyz", "e\u0301字詞", "😀 a", "A\u0302b", " \n", "aaab" * 50]


def test_few_texts_and_many_have_the_tokens_of_the_library(whole, load):
    expected = by_library(whole, TEXTS)
    assert is_light(whole)
    assert ids(load(whole).encode(TEXTS)) == expected
    many = TEXTS * FEW_TEXTS
    assert ids(load(whole).encode(many)) == expected * FEW_TEXTS
    assert ids(load(whole).encode([text * FEW_CHARACTERS for text in TEXTS[:1]])) == by_library(
        whole, [TEXTS[0] * FEW_CHARACTERS]
    )


def test_the_number_of_tokens_is_told(whole, load):
    assert len(load(whole)) == 1 + 256 + len(TOKENS)


def test_a_question_and_a_corpus_do_without_the_library(whole, load, monkeypatch):
    loaded = load(whole)
    monkeypatch.setattr(tokenizer, "_full", None)
    certain = ["Ab, a詞字", "½ xyz"]
    assert ids(loaded.encode(certain)) == by_library(whole, certain)
    assert ids(loaded.encode(certain * FEW_TEXTS)) == by_library(whole, certain) * FEW_TEXTS


def test_only_an_uncertain_text_is_left_to_the_library(whole):
    read = LightTokenizer.from_json(whole.encode())
    texts = ["a", "😀", "b"]
    assert [numbers is None for numbers in map(read.encode, texts)] == [False, True, False]
    assert [numbers is None for numbers in read.encode_many(texts)] == [False, True, False]


def test_words_that_were_met_before_are_forgotten_in_time_and_read_again(whole, monkeypatch):
    monkeypatch.setattr(light, "MOST_WORDS_KNOWN", 2)
    read = LightTokenizer.from_json(whole.encode())
    for _ in range(3):
        assert ids(read.encode_many(["a b ab", "ab 字"])) == by_library(whole, ["a b ab", "ab 字"])


def test_of_single_texts_only_some_short_words_are_kept(whole, monkeypatch):
    monkeypatch.setattr(light, "MOST_WORDS_KNOWN", 3)
    monkeypatch.setattr(light, "LONGEST_KNOWN", 2)
    read = LightTokenizer.from_json(whole.encode())
    for text in ["a b ab", "ab 字", "a b aab 詞 字 abab", "aab ab a"]:
        assert read.encode(text).tolist() == by_library(whole, [text])[0]
        assert len(read._known) <= 3
        assert max(map(len, read._known), default=0) <= 2


def test_threads_share_a_tokenizer(whole, load):
    loaded = load(whole)
    found = {}

    def read(number):
        found[number] = ids(loaded.encode(TEXTS * (1 + FEW_TEXTS * (number % 2))))

    threads = [threading.Thread(target=read, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    expected = by_library(whole, TEXTS)
    assert found == {number: expected * (1 + FEW_TEXTS * (number % 2)) for number in range(8)}


def changed(content, *keys, to):
    """Return the JSON with one value, reached by keys, set to another; `to` may remove it: None."""
    document = json.loads(content)
    inner = document
    for key in keys[:-1]:
        inner = inner[key]
    inner[keys[-1]] = to
    return json.dumps(document, ensure_ascii=False)


def without(content, *keys):
    document = json.loads(content)
    inner = document
    for key in keys[:-1]:
        inner = inner[key]
    del inner[keys[-1]]
    return json.dumps(document)


CHARSMAP = ("normalizer", "normalizers", 1, "precompiled_charsmap")
OTHER_SHAPES = {
    "special tokens around": lambda json: changed(
        json,
        "post_processor",
        to={"type": "BertProcessing", "sep": ["a", 257], "cls": ["b", 258]},
    ),
    "added tokens": lambda json: changed(
        json,
        "added_tokens",
        to=[
            {
                "id": 257,
                "content": "a",
                "single_word": False,
                "lstrip": False,
                "rstrip": False,
                "normalized": False,
                "special": True,
            }
        ],
    ),
    "truncation": lambda json: changed(
        json,
        "truncation",
        to={"direction": "Right", "max_length": 2, "strategy": "LongestFirst", "stride": 0},
    ),
    "words are kept apart from signs": lambda json: changed(json, "pre_tokenizer", "behavior", to="Isolated"),
    "signs are kept": lambda json: changed(json, "pre_tokenizer", "invert", to=True),
    "another pattern": lambda json: changed(json, "pre_tokenizer", "pattern", to={"Regex": "[^a]+"}),
    "no pattern": lambda json: changed(json, "pre_tokenizer", to=None),
    "no normaliser": lambda json: changed(json, "normalizer", to=None),
    "another normal form": lambda json: changed(json, "normalizer", "normalizers", 0, to={"type": "NFKC"}),
    "the table before the form": lambda content: changed(
        content,
        "normalizer",
        "normalizers",
        to=json.loads(content)["normalizer"]["normalizers"][::-1],
    ),
    "no unknown token": lambda json: changed(json, "model", "unk_id", to=None),
    "a score of twenty digits and more": lambda json: changed(
        json, "model", "vocab", 260, 1, to=-3.0
    ).replace("-3.0", "-3.0000000000000000000001"),
}


@pytest.mark.parametrize("name", OTHER_SHAPES)
def test_a_file_of_another_shape_is_read_by_the_library(whole, load, name):
    content = OTHER_SHAPES[name](whole)
    assert not is_light(content)
    texts = ["Ab a詞字, b", "ab b"]
    loaded = Tokenizer.from_str(content)
    loaded.no_truncation()
    expected = [encoding.ids for encoding in loaded.encode_batch(texts, add_special_tokens=False)]
    assert ids(load(content).encode(texts)) == expected


SAME_SHAPE = {
    "bytes are not used": lambda json: changed(json, "model", "byte_fallback", to=False),
    "another unknown token": lambda json: changed(json, "model", "unk_id", to=258),
    "whole scores": lambda json: changed(json, "model", "vocab", 257, 1, to=-3),
    "a token twice": lambda json: changed(json, "model", "vocab", 258, 0, to="a"),
    "an empty token": lambda json: changed(json, "model", "vocab", 258, 0, to=""),
    "escapes": lambda content: json.dumps(json.loads(content), ensure_ascii=True),
    "compact": lambda content: json.dumps(json.loads(content), ensure_ascii=False, separators=(",", ":")),
    "tokens of signs": lambda json: changed(json, "model", "vocab", 258, 0, to='"\\,] \n'),
}


@pytest.mark.parametrize("name", SAME_SHAPE)
def test_what_may_differ_in_a_file_of_our_shape_is_read_from_it(whole, load, name):
    content = SAME_SHAPE[name](whole)
    assert is_light(content)
    assert ids(load(content).encode(TEXTS)) == by_library(content, TEXTS)
    assert ids(load(content).encode(TEXTS * FEW_TEXTS)) == by_library(content, TEXTS) * FEW_TEXTS


DAMAGE = {
    "empty": lambda _: "",
    "cut off": lambda json: json[: len(json) // 2],
    "not UTF-8": lambda json: json.encode().replace("字".encode(), b"\xff\xfe\xfd", 1),
    "UTF-16": lambda json: json.encode("utf-16"),
    "with a byte order mark": lambda json: json.encode("utf-8-sig"),
    "followed by more": lambda json: json + "{}",
    "a list": lambda _: "[]",
    "a number": lambda _: "7",
    "nested without end": lambda _: "[" * 100_000,
    "no model": lambda json: without(json, "model"),
    "no vocabulary": lambda json: without(json, "model", "vocab"),
    "an empty vocabulary": lambda json: changed(json, "model", "vocab", to=[]),
    "a vocabulary by name": lambda json: changed(json, "model", "vocab", to={"ab": 1, "cd": 2}),
    "a token without score": lambda json: changed(json, "model", "vocab", 260, to=["x"]),
    "a token with two scores": lambda json: changed(json, "model", "vocab", 260, to=["x", -1.0, -1.0]),
    "a token that is no list": lambda json: changed(json, "model", "vocab", 260, to="xy"),
    "a token that is no text": lambda json: changed(json, "model", "vocab", 260, 0, to=7),
    "a score that is a text": lambda json: changed(json, "model", "vocab", 260, 1, to="-1.0"),
    "a score that is a list": lambda json: changed(json, "model", "vocab", 260, 1, to=[]),
    "a score that is true": lambda json: changed(json, "model", "vocab", 260, 1, to=True),
    "a score that is no number": lambda json: changed(json, "model", "vocab", 260, 1, to=float("nan")),
    "an infinite score": lambda json: changed(json, "model", "vocab", 260, 1, to=float("-inf")),
    "a score beyond all floats": lambda json: changed(json, "model", "vocab", 260, 1, to=-7.0).replace(
        "-7.0", "-7e999"
    ),
    "a lone surrogate": lambda content: json.dumps(
        json.loads(changed(content, "model", "vocab", 260, 0, to="\ud800"))
    ),
    "an unknown token beyond the last": lambda json: changed(json, "model", "unk_id", to=10_000),
    "a negative unknown token": lambda json: changed(json, "model", "unk_id", to=-1),
    "an unknown token that is true": lambda json: changed(json, "model", "unk_id", to=True),
    "a fallback that is a word": lambda json: changed(json, "model", "byte_fallback", to="yes"),
    "another model": lambda json: changed(json, "model", "type", to="Trigram"),
    "another version": lambda json: changed(json, "version", to="2.0"),
    "a table that is no base64": lambda json: changed(json, *CHARSMAP, to="%%%"),
    "a table that is no text": lambda json: changed(json, *CHARSMAP, to=7),
    "a table that is cut off": lambda json: changed(json, *CHARSMAP, to="AAEA"),
    "a table without text": lambda json: changed(
        json, *CHARSMAP, to=base64.b64encode(ASTRAY + b"\xff").decode()
    ),
    "a table that leads astray": lambda json: changed(json, *CHARSMAP, to=base64.b64encode(ASTRAY).decode()),
    "an empty table": lambda json: changed(json, *CHARSMAP, to=""),
}


@pytest.mark.parametrize("name", DAMAGE)
@pytest.mark.parametrize("n", [1, FEW_TEXTS + 1])
def test_a_damaged_tokenizer_is_named_and_never_a_guess(whole, load, tmp_path, name, n):
    with pytest.raises(ModelError, match="tokenizer") as caught:
        load(DAMAGE[name](whole)).encode(["ab 字"] * n)
    assert str(tmp_path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_tokenizer_is_named(tmp_path):
    with pytest.raises(ModelError, match=r"tokenizer\.json cannot be read"):
        TextTokenizer(tmp_path / "tokenizer.json")


def test_a_lone_surrogate_is_refused(whole, load):
    with pytest.raises(ModelError, match="cannot read the text"):
        load(whole).encode(["a \ud800"])


def test_an_interrupt_is_no_damage():
    with pytest.raises(KeyboardInterrupt), tokenizer._translated("x"):
        raise KeyboardInterrupt


@pytest.mark.parametrize(
    ("run", "expected"),
    [("字词a字ab", ["字词", "a", "字", "ab"]), ("x字x", ["x", "字", "x"]), ("詞", ["詞"]), ("", [])],
)
def test_a_run_is_cut_as_it_is_read_and_into_its_letters_where_it_is_read_as_another(
    whole, load, run, expected
):
    assert load(whole).segments(run) == expected


def test_a_tokenizer_that_only_the_library_reads_cuts_into_letters(whole, load):
    other = json.loads(whole) | {"version": "1.1"}
    assert not is_light(json.dumps(other))
    assert load(json.dumps(json.loads(whole) | {"decoder": {"type": "Fuse"}})).segments("a字") == ["a", "字"]


def test_long_words_are_kept_neither_of_few_texts_nor_of_many(whole):
    light_one = LightTokenizer.from_json(whole.encode())
    long = "ab" * 40
    one = light_one.encode(f"ab {long}").tolist()
    assert long not in light_one._known
    assert light_one.encode_many([f"ab {long}", long])[0].tolist() == one
    assert [*light_one._known] == ["ab"]
