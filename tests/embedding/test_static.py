"""The light path, against answers computed by hand and against sentence-transformers itself."""

import json
import subprocess
import sys

import numpy as np
import pytest
from safetensors.numpy import save_file
from tokenizers import Regex, Tokenizer
from tokenizers.models import WordLevel, WordPiece
from tokenizers.normalizers import BertNormalizer
from tokenizers.pre_tokenizers import BertPreTokenizer, Split

from recommender.embedding import open_embedder
from recommender.embedding.static import (
    FEWEST_TEXTS_AT_ONCE,
    TEXTS_AT_ONCE,
    TOKENS_AT_ONCE,
    StaticEmbedder,
    is_static,
)
from recommender.errors import ModelError
from recommender.vectors import normalised

AAB = [2 / 5**0.5, 1 / 5**0.5, 0]  # (a + a + b) / 3 = (2, 1, 0) / 3
SCRIPTS = [
    "abcXYZé",
    "产教融合治理。，",
    "ひらがなカタ",
    "한국어",
    "абвЖ",
    "αβγ",
    "عربي",
    "हिन्दी",
    "עברית",
    "ไทย",
    "😀𠮷",
    "019 .-",
]
SPEAKERS = ["modules.json", "tokenizer.json", "model.safetensors"]


def texts_in_many_scripts(n):
    rng = np.random.default_rng(7)
    signs = [*"".join(SCRIPTS)]
    return ["".join(rng.choice(signs, size)).strip() or "a" for size in rng.integers(1, 300, n)]


@pytest.fixture
def character_model(static_model):
    def make(dtype):
        """Return the folder of a random model that knows most of the characters above."""
        known = ["[UNK]", *sorted(set("".join(SCRIPTS)))[::2], " "]
        tokenizer = Tokenizer(WordLevel({sign: i for i, sign in enumerate(known)}, unk_token="[UNK]"))
        tokenizer.pre_tokenizer = Split(Regex("."), "isolated")
        table = np.random.default_rng(3).normal(size=(len(known), 64))
        return static_model(tokenizer=tokenizer, table=table, dtype=dtype)

    return make


@pytest.mark.parametrize("dtype", [np.float32, np.float16])
def test_a_text_is_the_mean_of_its_tokens_in_unit_length(static_model, dtype):
    embedder = StaticEmbedder(static_model(dtype=dtype))
    vectors = embedder.encode(["a a b", "b", "a zzz", "b a a"])
    assert embedder.dim == 3
    assert vectors.dtype == np.float32
    assert vectors == pytest.approx(np.array([AAB, [0, 1, 0], [0.5**0.5, 0, 0.5**0.5], AAB]), abs=1e-7)


def test_half_precision_weights_are_added_up_in_single_precision(static_model):
    # 40,000 × 2 overflows float16, and 40,000 + 4 is lost in it.
    table = [[0, 0], [40_000, 0], [0, 4]]
    vectors = StaticEmbedder(static_model(table=table, dtype=np.float16)).encode(["a a b b b"])
    assert vectors[0] == pytest.approx([1, 12 / 80_000], rel=1e-6)


def test_no_texts_have_no_vectors(static_model):
    assert StaticEmbedder(static_model()).encode([]).shape == (0, 3)


def test_every_text_is_read_at_once(static_model):
    assert StaticEmbedder(static_model()).windows(["a", "a b " * 10_000]) == [1, 1]


@pytest.mark.parametrize("text", ["", "  \n"])
def test_a_text_without_tokens_is_refused_and_never_nan(static_model, text):
    with pytest.raises(ModelError, match=r"no vector for some of the texts: rows \[1\]"):
        StaticEmbedder(static_model()).encode(["a", text, "b"])


def test_a_text_without_a_direction_is_refused_and_never_nan(static_model):
    with pytest.raises(ModelError, match="no vector"):
        StaticEmbedder(static_model(table=[[0, 0, 1], [1, 0, 0], [0, 0, 0]])).encode(["b"])


@pytest.mark.parametrize("number", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("dtype", [np.float32, np.float16])
def test_weights_that_are_no_numbers_are_refused_when_they_are_opened(static_model, number, dtype):
    folder = static_model(table=[[0, 0, 1], [1, 0, 0], [0, 1, number]], dtype=dtype)
    with pytest.raises(ModelError, match=r"model\.safetensors is damaged: row 2 of 'embedding.weight'"):
        StaticEmbedder(folder)


def test_the_vector_of_a_text_does_not_depend_on_its_batch(character_model):
    embedder = StaticEmbedder(character_model(np.float16))
    texts = texts_in_many_scripts(2 * TEXTS_AT_ONCE + 9)
    together = embedder.encode(texts)
    assert np.array_equal(together[::-1], embedder.encode(texts[::-1]))
    for row in (0, 1, TEXTS_AT_ONCE - 1, TEXTS_AT_ONCE, len(texts) - 1):
        assert np.array_equal(together[row], embedder.encode([texts[row]])[0])
    for n in (2, FEWEST_TEXTS_AT_ONCE, FEWEST_TEXTS_AT_ONCE + 1, TEXTS_AT_ONCE):
        assert np.array_equal(together[:n], embedder.encode(texts[:n]))


def test_a_text_of_any_length_is_the_mean_of_all_its_tokens(static_model):
    text = "a a b " * TOKENS_AT_ONCE
    assert StaticEmbedder(static_model()).encode([text])[0] == pytest.approx(AAB, rel=1e-5)


def test_a_truncation_or_padding_of_the_tokenizer_is_switched_off(static_model, word_tokenizer):
    tokenizer = word_tokenizer(["[UNK]", "a", "b"])
    tokenizer.enable_truncation(2)
    tokenizer.enable_padding(length=5)
    assert tokenizer.encode("a a b").ids != [1, 1, 2]
    folder = static_model(tokenizer=tokenizer)
    assert StaticEmbedder(folder).encode(["a a b"])[0] == pytest.approx(AAB)


@pytest.mark.parametrize("damage", ["missing", "empty", "cut off", "garbage"])
@pytest.mark.parametrize("name", SPEAKERS)
def test_a_damaged_file_is_named(static_model, name, damage):
    path = static_model() / name
    content = path.read_bytes()
    path.unlink()
    if damage != "missing":
        path.write_bytes(
            {"empty": b"", "cut off": content[: len(content) // 2], "garbage": b"\xff{]"}[damage]
        )
    named = r"\*?\.safetensors" if name == "model.safetensors" else name
    with pytest.raises(ModelError, match=named):
        open_embedder(str(path.parent))


@pytest.mark.parametrize(
    ("tensors", "what"),
    [
        (
            {"embedding.weight": np.zeros((2, 3), np.float32)},
            "the tokenizer has 3 tokens, the weights 2 rows",
        ),
        ({"embedding.weight": np.zeros(3, np.float32)}, r"expected token vectors .* got float32 \(3,\)"),
        ({"embedding.weight": np.zeros((3, 3), np.int8)}, r"expected token vectors .* got int8"),
        (
            {"embedding.weight": np.zeros((3, 3)), "mapping": np.zeros(3)},
            r"holds \['embedding.weight', 'mapping'\]",
        ),
        ({"linear.bias": np.zeros((3, 3))}, r"holds \['linear.bias'\], expected embedding.weight alone"),
        ({}, r"holds \[\], expected embedding.weight alone"),
    ],
)
def test_weights_that_do_not_fit_the_tokenizer_are_refused(static_model, tensors, what):
    folder = static_model()
    save_file(tensors, folder / "model.safetensors")
    with pytest.raises(ModelError, match=what):
        StaticEmbedder(folder)


def test_a_token_number_beyond_the_weights_is_refused_not_read_elsewhere(static_model):
    tokenizer = Tokenizer(WordLevel({"[UNK]": 0, "a": 1, "b": 7}, unk_token="[UNK]"))
    embedder = StaticEmbedder(static_model(tokenizer=tokenizer))
    assert embedder.encode(["a"]).tolist() == [[1, 0, 0]]
    with pytest.raises(ModelError, match="token 7"):
        embedder.encode(["b"])


def test_a_word_that_the_tokenizer_cannot_read_is_refused(static_model, word_tokenizer):
    embedder = StaticEmbedder(static_model(tokenizer=word_tokenizer(["c", "a", "b"])))
    with pytest.raises(ModelError, match="cannot read the text"):
        embedder.encode(["a zzz"])


SHARED = np.array([[2, 0], [0, 2], [0, 0]])
ROWS = np.array([2, 0, 1, 1])


@pytest.fixture
def model2vec(tmp_path):
    def make(tensors, *, normalize=True, path="."):
        """Write a folder as model2vec does, and return it: its words are [UNK], a, b, ##c."""
        words = {"[UNK]": 0, "a": 1, "b": 2, "##c": 3}
        tokenizer = Tokenizer(WordPiece(words, unk_token="[UNK]"))
        tokenizer.normalizer, tokenizer.pre_tokenizer = BertNormalizer(), BertPreTokenizer()
        kinds = ["StaticEmbedding", *(["Normalize"] if normalize else [])]
        modules = [
            {
                "idx": number,
                "name": str(number),
                "path": [path, "1_Normalize"][number],
                "type": f"sentence_transformers.models.{kind}",
            }
            for number, kind in enumerate(kinds)
        ]
        files = tmp_path / "model2vec" / path
        files.mkdir(parents=True)
        tokenizer.save(str(files / "tokenizer.json"), pretty=False)
        save_file(tensors, files / "model.safetensors")
        (tmp_path / "model2vec" / "modules.json").write_text(json.dumps(modules))
        (tmp_path / "model2vec" / "config.json").write_text(
            json.dumps({"model_type": "model2vec", "normalize": normalize})
        )
        return tmp_path / "model2vec"

    return make


FOREIGN = {
    "model2vec": {"embeddings": np.array([[0, 0], [2, 0], [0, 2], [0, 2]], np.float32)},
    "in half precision": {"embeddings": np.array([[0, 0], [2, 0], [0, 2], [0, 2]], np.float16)},
    "with shared rows": {"embeddings": SHARED.astype(np.float32), "mapping": ROWS},
    "with shared rows, numbered shortly": {
        "embeddings": SHARED.astype(np.float16),
        "mapping": ROWS.astype(np.int32),
    },
    "with weights": {
        "embeddings": np.array([[9, 9], [1, 0], [0, 4], [0, 1]], np.float32),
        "weights": np.array([0, 2, 0.5, 2]),
    },
    "with shared rows and weights": {
        "embeddings": SHARED.astype(np.float32) / 2,
        "mapping": ROWS,
        "weights": np.array([1, 2, 2, 2], np.float32),
    },
    "in eight bits": {
        "embeddings": (SHARED * 50).astype(np.int8),
        "mapping": ROWS,
        "weights": np.full(4, 0.02, np.float32),
    },
}


@pytest.mark.parametrize("normalize", [True, False])
@pytest.mark.parametrize("tensors", FOREIGN.values(), ids=FOREIGN)
def test_folders_of_model2vec_are_read_too(model2vec, tensors, normalize):
    folder = model2vec(tensors, normalize=normalize)
    assert is_static(folder)
    vectors = open_embedder(str(folder)).encode(["A", "b", "aa a", "ac. b bc"])
    # "aa" is unknown, and (0, 0) is its vector; "ac. b bc" is a ##c [UNK] b b ##c: (2, 0) and four (0, 2)
    assert vectors == pytest.approx(normalised(np.array([[2, 0], [0, 2], [2, 0], [2, 8]])), abs=1e-6)


@pytest.mark.parametrize("path", ["0_StaticEmbedding", "", "."])
def test_the_files_may_be_in_a_folder_of_their_own(model2vec, path):
    folder = model2vec(FOREIGN["model2vec"], path=path)
    assert StaticEmbedder(folder).encode(["a"]).tolist() == [[1, 0]]


@pytest.mark.parametrize("path", ["../elsewhere", "/tmp", "a/../../b"])  # noqa: S108
def test_files_outside_of_the_folder_are_refused(model2vec, path):
    folder = model2vec(FOREIGN["model2vec"])
    listing = folder / "modules.json"
    listing.write_text(listing.read_text().replace('"path": "."', json.dumps({"path": path})[1:-1]))
    with pytest.raises(ModelError, match=r"modules\.json leads out of the folder"):
        open_embedder(str(folder))


@pytest.mark.parametrize(
    ("tensors", "what"),
    [
        ({"mapping": np.array([0, 1, 2, 3])}, "mapping leads beyond the 3 rows of embeddings"),
        ({"mapping": np.array([0, 1, 2, -1])}, "mapping leads beyond the 3 rows of embeddings"),
        ({"mapping": np.array([0.0, 1, 2, 2])}, r"row numbers in mapping, got float64 \(4,\)"),
        ({"mapping": np.array([[0, 1, 2, 2]])}, r"row numbers in mapping, got int64 \(1, 4\)"),
        ({"mapping": np.array([0, 1])}, "the tokenizer has 4 tokens, the weights 2 rows"),
        ({}, "the tokenizer has 4 tokens, the weights 3 rows"),
        (
            {"mapping": ROWS, "weights": np.ones(3)},
            r"one weight for each of the 4 tokens .* got float64 \(3,\)",
        ),
        ({"mapping": ROWS, "weights": np.ones(4, np.int64)}, r"one weight for each .* got int64 \(4,\)"),
        ({"mapping": ROWS, "scales": np.ones(4)}, r"holds \['embeddings', 'scales'\]"),
        ({"mapping": ROWS.astype(np.uint8)}, "numbers of type U8 are not read"),
    ],
)
def test_rows_and_weights_that_do_not_fit_are_refused(model2vec, tensors, what):
    folder = model2vec({"embeddings": SHARED.astype(np.float32), **tensors})
    with pytest.raises(ModelError, match=what):
        StaticEmbedder(folder)


def test_a_model_that_puts_words_before_every_text_is_left_to_sentence_transformers(static_model):
    folder = static_model()
    config = folder / "config_sentence_transformers.json"
    for settings, light in [
        ({}, True),
        ({"prompts": None}, True),
        ({"prompts": {"query": "search: "}, "default_prompt_name": None}, True),
        ({"prompts": {"query": ""}, "default_prompt_name": "query"}, True),
        ({"prompts": {"query": "search: "}, "default_prompt_name": "query"}, False),
    ]:
        config.write_text(json.dumps(settings))
        assert is_static(folder) is light


@pytest.mark.parametrize(
    "content", ["{", "[]", '{"prompts": 7}', '{"prompts": {}, "default_prompt_name": []}']
)
def test_a_damaged_configuration_is_named(static_model, content):
    folder = static_model()
    (folder / "config_sentence_transformers.json").write_text(content)
    with pytest.raises(ModelError, match=r"config_sentence_transformers\.json cannot be read"):
        open_embedder(str(folder))


def test_opening_and_reading_a_static_model_imports_no_torch(static_model):
    program = (
        "import sys, json; from recommender.embedding import open_embedder;"
        "open_embedder(sys.argv[1]).encode(['a b']);"
        "print(json.dumps(sorted({name.partition('.')[0] for name in sys.modules})))"
    )
    run = subprocess.run(
        [sys.executable, "-c", program, static_model()], capture_output=True, text=True, check=True
    )
    assert not {"torch", "transformers", "sentence_transformers"} & set(json.loads(run.stdout))


@pytest.mark.model
@pytest.mark.parametrize("dtype", [np.float32, np.float16])
def test_the_vectors_equal_those_of_sentence_transformers(character_model, dtype):
    from sentence_transformers import SentenceTransformer

    folder = character_model(dtype)
    texts = texts_in_many_scripts(200)
    reference = SentenceTransformer(str(folder), device="cpu", local_files_only=True).float().encode(texts)
    assert np.abs(StaticEmbedder(folder).encode(texts) - reference).max() < 1e-5


@pytest.mark.model
@pytest.mark.parametrize("tensors", FOREIGN.values(), ids=FOREIGN)
def test_folders_of_model2vec_give_what_sentence_transformers_makes_of_them(model2vec, tensors):
    from sentence_transformers import SentenceTransformer

    folder = model2vec(tensors)
    texts = ["A", "b", "aa a", "ac. b bc"]
    reference = SentenceTransformer(str(folder), device="cpu", local_files_only=True).float().encode(texts)
    assert np.abs(StaticEmbedder(folder).encode(texts) - reference).max() < 1e-6


@pytest.mark.model
@pytest.mark.parametrize("normalize", [True, False])
@pytest.mark.parametrize("dtype", ["float32", "float16"])
def test_folders_that_sentence_transformers_saved_are_read(tmp_path, word_tokenizer, normalize, dtype):
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Normalize, StaticEmbedding

    words = ["[UNK]", *"abcdefghij"]
    table = np.random.default_rng(3).normal(size=(len(words), 16)).astype(dtype)
    modules = [StaticEmbedding(word_tokenizer(words), embedding_weights=table)]
    SentenceTransformer(modules=[*modules, *([Normalize()] if normalize else [])]).save(str(tmp_path))
    texts = ["a b c", "j x j", "d"]
    assert is_static(tmp_path)
    reference = SentenceTransformer(str(tmp_path), device="cpu", local_files_only=True).float().encode(texts)
    assert np.abs(open_embedder(str(tmp_path)).encode(texts) - normalised(reference)).max() < 1e-6
