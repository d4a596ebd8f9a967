"""The transformer that ships: loads as it is, reads every script, and leaves English as its body had it."""

import random
import unicodedata

import numpy as np
import pytest
from tokenizers import Tokenizer

from recommender.settings import bundled
from tests.embedding import writings
from tests.embedding.writings import SCRIPTS, blocks, in_traditional, nearest

pytestmark = pytest.mark.model
FOLDER = bundled("models", "quality")
BEGINNING = 120


def texts():
    """The beginnings of a third of the sample, of every language: the transformer reads slowly."""
    return [record["abstract"][:BEGINNING] for record in writings.sample()[::3]]


@pytest.fixture(scope="module")
def embedder():
    import torch

    from recommender.embedding.sentence import SentenceEmbedder

    return SentenceEmbedder(FOLDER, torch.float32)


@pytest.fixture(scope="module")
def corpus(embedder):
    return embedder.encode(texts())


def test_sentence_transformers_loads_the_folder_as_it_is(embedder):
    from sentence_transformers import SentenceTransformer

    written = [*SCRIPTS.values()]
    reference = SentenceTransformer(str(FOLDER), device="cpu", local_files_only=True).float()
    vectors = reference.encode(written)
    assert vectors.shape == (len(written), 384)
    np.testing.assert_allclose(embedder.encode(written), vectors, atol=1e-5)


def test_the_folder_holds_nothing_but_safe_formats_and_fits_a_hundred_megabytes():
    files = [path for path in FOLDER.rglob("*") if path.is_file()]
    assert {path.suffix for path in files} <= {".safetensors", ".json", ".md", ".toml"}
    assert sum(path.stat().st_size for path in files) < 100_000_000


def test_every_stretch_of_unicode_has_unit_vectors(embedder):
    chance = random.Random(3)
    written = ["".join(chance.choices(block, k=size)) for block in blocks() for size in (1, 6)]
    vectors = embedder.encode([*written, "", " ", "\0"])
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


def test_simplified_and_traditional_have_the_same_neighbours(embedder, corpus):
    simplified = texts()
    traditional = [*map(in_traditional, simplified)]
    rewritten = [row for row, text in enumerate(simplified) if text != traditional[row]]
    assert len(rewritten) >= 60
    expected = nearest(corpus, corpus)
    again = corpus.copy()
    again[rewritten] = embedder.encode([traditional[row] for row in rewritten])
    assert np.array_equal(nearest(corpus, again)[rewritten], expected[rewritten])


@pytest.mark.parametrize("language", ["Japanese", "Korean", "Arabic", "Hindi", "Thai", "Russian"])
def test_a_translation_is_nearer_than_another_sentence(embedder, language):
    translation, english, other = embedder.encode(
        [SCRIPTS[language], SCRIPTS["English"], "The stability of perovskite solar cells in moist air."]
    )
    assert translation @ english > translation @ other + 0.3


def test_english_is_cut_as_the_model_that_it_was_grafted_on_cuts_it(transformer):
    english = [record["abstract"] for record in writings.sample() if record["abstract"].isascii()]
    assert len(english) > 50
    grafted, original = (
        Tokenizer.from_file(str(folder / "tokenizer.json")) for folder in (FOLDER, transformer)
    )
    original.no_truncation()
    original.no_padding()
    pairs = [(grafted.encode(text).tokens, original.encode(text).tokens) for text in english]
    assert sum(one == other for one, other in pairs) >= 0.95 * len(pairs)


def test_english_texts_keep_their_vectors_nearly(embedder, transformer):
    import torch

    from recommender.embedding.sentence import SentenceEmbedder

    english = [text for text in texts() if text.isascii()][:20]
    before = SentenceEmbedder(transformer, torch.float32).encode(english)
    assert (before * embedder.encode(english)).sum(axis=1).mean() > 0.8


def test_half_precision_loses_nothing_that_a_ranking_shows(embedder, corpus):
    import torch

    from recommender.embedding.sentence import SentenceEmbedder, fastest_precision

    if fastest_precision() != torch.bfloat16:
        pytest.skip("this processor is slow in bfloat16, in which nothing is computed on it")
    rounded = SentenceEmbedder(FOLDER, torch.bfloat16).encode(texts())
    both = zip(nearest(corpus, corpus), nearest(rounded, rounded), strict=True)
    assert np.mean([len({*one} & {*other}) / 10 for one, other in both]) > 0.95


def test_letters_that_no_token_holds_do_not_hide_the_others(embedder):
    known, mixed, other = embedder.encode(["机器学习 𓀀", "机器学习", "水稻 的 灌溉"])
    assert known @ mixed > known @ other + 0.3
    assert unicodedata.category("𓀀") == "Lo"


def test_loading_it_says_nothing(capfd):
    from recommender.embedding.sentence import SentenceEmbedder

    SentenceEmbedder(FOLDER)
    assert capfd.readouterr() == ("", "")
