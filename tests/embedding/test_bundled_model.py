"""The model that ships: loads in both ways, gives the same vectors in both, reads every script."""

import json
import lzma
import random
import unicodedata
from functools import cache
from itertools import islice

import numpy as np
import pytest
from tokenizers import Tokenizer

from recommender.embedding import open_embedder
from recommender.embedding.light import LightTokenizer
from recommender.embedding.static import StaticEmbedder
from recommender.errors import ModelError
from recommender.settings import bundled
from tests.embedding.writings import ASSIGNED, SCRIPTS, blocks, in_traditional, nearest, sample

FOLDER = bundled("models", "fast")
FAMILY = "\N{MAN}\u200d\N{WOMAN}\u200d\N{GIRL}\u200d\N{BOY}"
WAVING = "\N{WAVING HAND SIGN}\N{EMOJI MODIFIER FITZPATRICK TYPE-5}"
FLAG = "\N{REGIONAL INDICATOR SYMBOL LETTER C}\N{REGIONAL INDICATOR SYMBOL LETTER N}"
KINDS = {
    "joined signs": [FAMILY, WAVING, FLAG, "\u200d", "\ufe0f", "\u20e3", "1", " ", "a", "❤"],
    "Hangul in parts": [chr(point) for point in (*range(0x1100, 0x1200), *range(0xAC00, 0xAC40))],
    "right to left": [chr(point) for point in (*range(0x590, 0x780), 0x200E, 0x200F, 0x202B)],
    "marks": [character for character in ASSIGNED if unicodedata.category(character)[0] == "M"],
    "Latin and marks": [chr(point) for point in (*range(0x20, 0x250), *range(0x300, 0x370))],
    "Cyrillic and Greek": [chr(point) for point in (*range(0x370, 0x530), 0x301, 0x306, 0x308)],
    "Indic": [chr(point) for point in (*range(0x900, 0xE00), 0x200C, 0x200D)],
    "Thai, Lao, Tibetan": [chr(point) for point in range(0xE00, 0x1000)],
    "controls": [chr(point) for point in (*range(0x20), *range(0x7F, 0xA1), 0xAD, 0xFEFF, 0x2028, 0x41)],
    "anything": ASSIGNED,
    "anything at all": [chr(point) for point in range(0x110000) if not 0xD800 <= point < 0xE000],
}
PLAIN_SCRIPTS = [0x0, 0x400, 0x600, 0x900, 0xE00, 0x3040, 0x4E00, 0x6F00, 0xAC00]


def is_old(signs):
    """Tell whether Unicode 3.2 knew all of them: the library need not be asked about such."""
    return all(unicodedata.ucd_3_2_0.category(sign) != "Cn" for sign in signs)


def texts_in_all_scripts():
    rng = random.Random(20261123)
    abstracts = [record["abstract"] for record in sample()]
    words = [word for abstract in abstracts for word in abstract.split()]
    texts = [*SCRIPTS.values(), *abstracts]
    for signs in [*blocks(), *KINDS.values()]:
        n = 300 if signs in KINDS.values() else 10
        old = [*filter(is_old, signs)]
        texts += ["".join(rng.choices(signs, k=rng.randint(1, 20))) for _ in range(n // 5)]
        texts += ["".join(rng.choices(old, k=rng.randint(1, 20))) for _ in range(n if old else 0)]
    texts += [rng.choice("aA字ﾊ한é") * rng.randint(1000, 2000) for _ in range(8)]
    for _ in range(4000):
        parts = [rng.choice(words), rng.choice(texts)[:40], rng.choice(ASSIGNED), rng.choice(abstracts)[:90]]
        texts.append(rng.choice(["", " ", "\n"]).join(rng.sample(parts, 3)))
    return texts


@cache
def library():
    return Tokenizer.from_file(str(FOLDER / "tokenizer.json"))


def tokens_of_library(texts):
    return [encoding.ids for encoding in library().encode_batch_fast(texts, add_special_tokens=False)]


@pytest.fixture(scope="module")
def embedder():
    return open_embedder("fast")


@pytest.fixture(scope="module")
def tokenizer():
    return LightTokenizer.from_json((FOLDER / "tokenizer.json").read_bytes())


def test_ten_thousand_texts_in_all_scripts_have_the_tokens_of_the_library(tokenizer):
    texts = texts_in_all_scripts()
    expected = tokens_of_library(texts)
    for many in (False, True):
        fresh = LightTokenizer(tokenizer.charsmap, tokenizer.model)  # knows no words from elsewhere
        found = fresh.encode_many(texts) if many else [*map(fresh.encode, texts)]
        rows = [row for row, tokens in enumerate(found) if tokens is not None]
        assert len(rows) > 10_000  # the others are read by the library itself
        assert [found[row].tolist() for row in rows] == [expected[row] for row in rows], f"{many=}"


def test_the_sample_is_read_without_the_library(tokenizer):
    texts = [*SCRIPTS.values(), *(record["abstract"] for record in sample())]
    assert [text for text in texts if tokenizer.encode(text) is None] == [SCRIPTS["emoji and numbers"]]


@pytest.fixture(scope="module")
def fold(tokenizer):
    """What one character is read as, by the table of the model."""

    def read(character):
        replacement = tokenizer._words._charsmap.match(character).replacement
        return character if replacement is None else replacement

    return read


REAL_TEXTS = [
    "dev/tatoeba",
    "dev/csl",
    "dev/chinaxiv_zh_en",
    "dev/tico19_pubmed",
    "parallel/ntrex128",
    "parallel/iconclass_keywords",
    "parallel/edge_ai_docs",
    "lexicon/cc_cedict",
    "papers/arxiv_en",
]


def strings(value):
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from strings(inner)


@pytest.mark.parametrize("name", REAL_TEXTS)
def test_real_texts_have_the_tokens_of_the_library(shared, tokenizer, name):
    with lzma.open(shared / "data" / f"{name}.jsonl.xz", "rt", encoding="utf-8") as file:
        texts = [text for line in islice(file, 0, 1200, 4) for text in strings(json.loads(line))][:3000]
    found = tokenizer.encode_many(texts)
    rows = [row for row, tokens in enumerate(found) if tokens is not None]
    assert len(rows) > 0.9 * len(texts)
    assert [found[row].tolist() for row in rows] == tokens_of_library([texts[row] for row in rows])


def has_vector(embedder, text):
    """Tell whether a text has a unit vector; False where it is refused for having none."""
    try:
        (vector,) = embedder.encode([text])
    except ModelError as refusal:
        if "no vector for some of the texts: rows [0]" not in str(refusal):
            raise
        return False
    np.testing.assert_allclose(np.linalg.norm(vector), 1, atol=1e-5)
    return True


def test_every_letter_and_number_of_every_script_has_a_vector(embedder, fold):
    rng = random.Random(1)
    for block in blocks():
        letters = [sign for sign in block if unicodedata.category(sign)[0] in "LN" and fold(sign).strip()]
        for size in (1, 1, 3, 8) if letters else ():
            text = "".join(rng.choices(letters, k=size))
            assert has_vector(embedder, text), f"{text!r} has none"


def test_whatever_else_there_is_has_a_vector_or_a_clear_refusal(embedder):
    rng = random.Random(2)
    texts = ["".join(rng.choices(block, k=size)) for block in blocks() for size in (1, 4)]
    assert {has_vector(embedder, text) for text in texts} == {True, False}


@pytest.mark.parametrize(
    "text", ["", " \n\t\u3000", "。，、！", ".,;:-_()[]{}", "\0\x01", "\u200b", "→ ± ∑", "🙂"]
)
def test_a_text_without_letter_or_number_is_refused(embedder, text):
    with pytest.raises(ModelError, match=r"no vector for some of the texts: rows \[1\]"):
        embedder.encode(["a", text])


def test_simplified_and_traditional_have_the_same_neighbours(embedder):
    simplified = [record["abstract"] for record in sample()]
    traditional = [*map(in_traditional, simplified)]
    rewritten = [row for row, text in enumerate(simplified) if text != traditional[row]]
    assert len(rewritten) >= 180
    corpus = embedder.encode(simplified)
    other_corpus = embedder.encode(traditional)
    expected = nearest(corpus, corpus)
    assert np.array_equal(nearest(corpus, other_corpus)[rewritten], expected[rewritten])
    assert np.array_equal(nearest(other_corpus, corpus)[rewritten], expected[rewritten])


def test_what_was_folded_is_not_folded_again(fold):
    assert [sign for sign in ASSIGNED if "".join(map(fold, fold(sign))) != fold(sign)] == []


def test_the_light_path_is_taken(embedder):
    assert isinstance(embedder, StaticEmbedder)
    assert embedder.dim == 256


@pytest.mark.model
def test_vectors_equal_those_of_sentence_transformers(embedder):
    from sentence_transformers import SentenceTransformer

    lines = bundled("data", "sample.jsonl").read_text(encoding="utf-8").splitlines()
    texts = [*SCRIPTS.values(), *(json.loads(line)["abstract"] for line in lines), "x" * 20_000, "字" * 5_000]
    reference = SentenceTransformer(str(FOLDER), device="cpu", local_files_only=True).float()
    expected = reference.encode(texts, show_progress_bar=False)
    np.testing.assert_allclose(embedder.encode(texts), expected, atol=1e-5)


def test_every_script_has_a_vector_of_its_own(embedder):
    vectors = embedder.encode([*SCRIPTS.values()])
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert len(np.unique(vectors.round(4), axis=0)) >= len(SCRIPTS) - 1


def test_simplified_and_traditional_are_one_text(embedder):
    one, other = embedder.encode([SCRIPTS["simplified"], SCRIPTS["traditional"]])
    assert one @ other > 0.999


@pytest.mark.parametrize("language", ["traditional", "Japanese", "Korean", "Arabic", "Hindi", "Russian"])
def test_a_translation_is_nearer_than_another_sentence(embedder, language):
    translation, english, other = embedder.encode(
        [SCRIPTS[language], SCRIPTS["English"], "The stability of perovskite solar cells in moist air."]
    )
    assert translation @ english > translation @ other + 0.2


def test_the_folder_holds_nothing_but_safe_formats_and_fits_a_hundred_megabytes():
    files = [path for path in FOLDER.rglob("*") if path.is_file()]
    assert {path.suffix for path in files} <= {".safetensors", ".json", ".md", ".toml"}
    assert sum(path.stat().st_size for path in files) < 100_000_000


def test_a_model_that_travelled_as_its_files_reads_what_only_the_library_is_certain_of(embedder):
    rare = f"{FLAG[0]}x and 产教融合"
    opened, files = embedder.__reduce__()
    travelled = opened(*files)
    assert travelled.dim == embedder.dim
    np.testing.assert_array_equal(travelled.encode([rare, "plain"]), embedder.encode([rare, "plain"]))
