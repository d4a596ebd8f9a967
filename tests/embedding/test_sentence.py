"""Any SentenceTransformer, with a real one: windows of 254 tokens, nothing cut off."""

import string

import numpy as np
import pytest

from recommender.errors import ModelError

pytestmark = pytest.mark.model
ROOM = 254  # the model reads 256 tokens, two of them special; each word below is one token


@pytest.fixture(scope="module")
def embedder(transformer):
    import torch

    from recommender.embedding.sentence import SentenceEmbedder

    return SentenceEmbedder(transformer, torch.float32)


@pytest.fixture(scope="module")
def reference(transformer):
    from sentence_transformers import SentenceTransformer

    return SentenceTransformer(str(transformer), device="cpu", local_files_only=True)


def unit(vectors):
    return vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)


def test_a_short_text_is_read_as_the_model_itself_reads_it(embedder, reference):
    texts = ["A cat sat on the mat.", "Vocational education", "相似文献", "x"]
    assert np.abs(embedder.encode(texts) - unit(reference.encode(texts))).max() < 1e-6
    assert embedder.dim == 384


def test_a_long_text_is_the_mean_of_its_windows_weighted_by_their_tokens(embedder, reference):
    words = ["cat"] * 200 + ["music"] * 200 + ["river"] * 200
    windows = [" ".join(words[start : start + ROOM]) for start in range(0, 600, ROOM)]
    vectors = unit(reference.encode(windows))
    wanted = unit(254 * vectors[0] + 254 * vectors[1] + 92 * vectors[2])
    assert np.abs(embedder.encode([" ".join(words)])[0] - wanted).max() < 1e-6


def test_windows_are_counted(embedder):
    texts = ["cat", "", "cat " * 254, "cat " * 255, "cat " * 508, "cat " * 509]
    assert embedder.windows(texts) == [1, 1, 1, 2, 2, 3]


def test_the_end_of_a_long_text_counts(embedder):
    start = "cat " * 700
    music, river = embedder.encode([start + "music " * 50, start + "river " * 50])
    assert np.abs(music - river).max() > 1e-3


def test_no_window_is_longer_than_the_model_reads_even_when_words_are_cut(embedder, reference):
    rng = np.random.default_rng(1)
    letters = [*string.ascii_lowercase]
    texts = [
        " ".join("".join(rng.choice(letters, size)) for size in rng.integers(3, 31, 150)) for _ in range(40)
    ]
    pieces = [piece for text in texts for piece, _ in embedder._pieces(text)]
    tokens = [len(reference.tokenizer(piece)["input_ids"]) for piece in pieces]
    assert max(tokens) == ROOM + 2


def test_the_windows_of_a_text_hold_all_its_words(embedder):
    text = " ".join(f"word{number}" for number in range(900))
    joined = "".join(piece for piece, _ in embedder._pieces(text))
    assert joined.replace(" ", "") == text.replace(" ", "")


def test_the_order_of_texts_and_their_batches_are_kept_apart(embedder):
    texts = ["cat " * 600, "music", "river " * 300, "x", "cat " * 255]
    together = embedder.encode(texts)
    assert np.abs(together - np.concatenate([embedder.encode([text]) for text in texts])).max() < 1e-6


def test_bfloat16_is_taken_where_the_processor_has_tiles_for_it(monkeypatch):
    import torch

    from recommender.embedding.sentence import fastest_precision

    for capabilities, expected in (({"amx_bf16": True}, torch.bfloat16), ({"avx2": True}, torch.float32)):
        monkeypatch.setattr(torch.cpu, "get_capabilities", lambda found=capabilities: found)
        assert fastest_precision() == expected


def test_bfloat16_gives_nearly_the_same_vectors(embedder, transformer):
    import torch

    from recommender.embedding.sentence import SentenceEmbedder

    texts = ["A cat sat on the mat.", "Vocational education", "river " * 300, "x"]
    rounded = SentenceEmbedder(transformer, torch.bfloat16).encode(texts)
    assert rounded.dtype == np.float32
    assert (rounded * embedder.encode(texts)).sum(axis=1).min() > 0.9995


def test_no_texts_have_no_vectors(embedder):
    assert embedder.encode([]).shape == (0, 384)


@pytest.mark.parametrize(
    "name", ["config.json", "1_Pooling/config.json", "model.safetensors", "tokenizer.json"]
)
@pytest.mark.parametrize("content", [b"", b"null"])
def test_a_damaged_folder_is_refused(transformer, tmp_path, name, content):
    from recommender.embedding import open_embedder

    for path in transformer.rglob("*"):
        if path.is_file() and path != transformer / name:
            link = tmp_path / path.relative_to(transformer)
            link.parent.mkdir(exist_ok=True)
            link.symlink_to(path)
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ModelError, match=r"cannot be (loaded|read): \w|is damaged: \w"):
        open_embedder(str(tmp_path))


def test_a_run_is_cut_where_tokens_begin_and_nothing_of_it_is_lost(embedder):
    assert "".join(embedder.segments("abcab")) == "abcab"
    assert "".join(embedder.segments("产教融合")) == "产教融合"
    assert embedder.segments("") == []
