"""What the tests of training share: a tiny recipe, and a data folder of a few lines in three languages."""

import json
import lzma
import random
from dataclasses import replace

import numpy as np
import pytest
from safetensors.numpy import save_file
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace, WhitespaceSplit

from recommender.paper import Paper
from recommender.training.recipe import Recipe, Stream, VocabularySizes

STATIC = "sentence_transformers.sentence_transformer.modules.static_embedding.StaticEmbedding"
NOTIONS = [
    ("cat", "猫", "gato"),
    ("dog", "狗", "perro"),
    ("sun", "太阳", "sol"),
    ("moon", "月亮", "luna"),
    ("rain", "下雨", "lluvia"),
    ("tree", "大树", "arbol"),
]


@pytest.fixture
def tokenizer(request):
    """A tokenizer whose tokens are the `WORDS` of the module."""
    vocabulary = {word: number for number, word in enumerate(request.module.WORDS)}
    tokenizer = Tokenizer(WordLevel(vocabulary, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = Whitespace()
    return tokenizer


@pytest.fixture
def recipe():
    return Recipe(
        name="tiny",
        seed=7,
        dims=(8, 4),
        temperature=0.1,
        spread=0.1,
        learning_rate=0.05,
        warmup=0.1,
        max_tokens=4,
        left_out=("freedict",),
        streams=(Stream(family="word/", batch=4, passes=60),),
    )


@pytest.fixture
def data_recipe(recipe):
    """A recipe for the data folder below."""
    return replace(
        recipe,
        dims=(16, 8),
        max_tokens=64,
        streams=tuple(Stream(family=kind, batch=16, passes=30) for kind in ("zh", "en", "sentence", "term")),
        vocabulary=VocabularySizes(
            han_words=40, han_pairs=0, english_words=40, words={"other": 40}, subwords=60
        ),
    )


@pytest.fixture
def notions():
    """The words of the data folder: English, Chinese, Spanish."""
    return NOTIONS


def sentences(language, count=40):
    """Yield the same random sequences of notions, written in a language."""
    chance = random.Random(5)
    for _ in range(count):
        chosen = [chance.choice(NOTIONS) for _ in range(6)]
        words = [notion[("en", "zh", "es").index(language)] for notion in chosen]
        yield "，".join(words) + "。" if language == "zh" else " ".join(words) + "."


@pytest.fixture
def write_data(tmp_path):
    """Write one file of a data folder; return the folder."""

    def write(name, rows):
        path = tmp_path / "data" / f"{name}.jsonl.xz"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(lzma.compress("".join(json.dumps(row) + "\n" for row in rows).encode()))
        return tmp_path / "data"

    return write


@pytest.fixture
def data(write_data, tmp_path):
    english, chinese, spanish = (list(sentences(language)) for language in ("en", "zh", "es"))
    keywords = [text[:3] for text in chinese]
    files = {
        "papers/arxiv_en": [
            {"id": f"arxiv:{n}", "lang": "en", "title": text[:11], "abstract": text}
            for n, text in enumerate(english)
        ],
        "papers/chinaxiv_zh": [
            {"id": f"chinaxiv:{n}", "lang": "zh", "title": text[:4], "abstract": text, "keywords": [word]}
            for n, (text, word) in enumerate(zip(chinese, keywords, strict=True))
        ],
        "papers/chinaxiv_citation_pairs": [{"a": "chinaxiv:1", "b": "chinaxiv:2", "kind": "cites"}],
        "parallel/arxiv_en_zh": [
            {"id": f"arxiv:{n}", "kind": "summary", "zh": text} for n, text in enumerate(chinese)
        ],
        "parallel/news": [
            {"src": one, "tgt": other, "src_lang": "en", "tgt_lang": "es"}
            for one, other in zip(english, spanish, strict=True)
        ],
        "parallel/chinaxiv_zh_en": [
            {"id": "x", "src": one, "tgt": other, "kind": kind, "src_lang": "zh", "tgt_lang": "en"}
            for kind in ("abstract", "title")
            for one, other in zip(chinese, english, strict=True)
        ],
        "lexicon/cc_cedict": [
            {"traditional": zh.replace("阳", "陽"), "simplified": zh, "pinyin": "-", "glosses": [en]}
            for en, zh, _ in NOTIONS
        ],
        "dev/csl": [
            {"id": str(n), "title": text[:4], "abstract": text[::-1], "keywords": ["k"], "discipline": "d"}
            for n, text in enumerate(chinese[:12])
        ],
        "dev/chinaxiv_zh_en": [
            {"src": f"{zh}，{zh}", "tgt": f"{en} {en}", "kind": kind}
            for kind in ("abstract", "title")
            for en, zh, _ in NOTIONS
        ],
        "dev/tatoeba": [
            {"src": f"{es} {es}", "tgt": f"{en} {en}", "src_lang": "es", "tgt_lang": "en"}
            for en, _, es in NOTIONS
        ],
    }
    for name, rows in files.items():
        write_data(name, rows)
    return tmp_path / "data"


@pytest.fixture
def static_model(tmp_path):
    def make(words=("cat", "dog"), table=None, *, name="static", dim=8):
        """Write a static model whose tokens are words; without a table, all of its vectors are ones."""
        folder = tmp_path / name
        folder.mkdir()
        (folder / "modules.json").write_text(
            json.dumps([{"idx": 0, "name": "0", "path": "", "type": STATIC}]), encoding="utf-8"
        )
        tokens = {word: number for number, word in enumerate(["[UNK]", *words])}
        tokenizer = Tokenizer(WordLevel(tokens, unk_token="[UNK]"))
        tokenizer.pre_tokenizer = WhitespaceSplit()
        tokenizer.save(str(folder / "tokenizer.json"))
        vectors = np.ones((len(tokens), dim)) if table is None else table
        save_file({"embedding.weight": vectors.astype(np.float16)}, folder / "model.safetensors")
        return folder

    return make


@pytest.fixture
def topical():
    """Papers on six topics, each with words of its own, and all of these words."""
    words = {topic: [f"t{topic}word{number}" for number in range(30)] for topic in range(6)}
    chance = random.Random(3)
    papers = []
    for number in range(260):
        topic = number % 6
        sentences_ = [" ".join(chance.choices(words[topic], k=5)) for _ in range(6)]
        papers.append(
            Paper(
                id=f"p{number:03}",
                title=" ".join(chance.choices(words[topic], k=4)),
                abstract=" , ".join(sentences_),
                language="en",
                subject=f"topic {topic}",
            )
        )
    return papers, [word for own in words.values() for word in own]


@pytest.fixture
def ignorant_model(static_model, topical):
    """A model to which every word is as strange as any other; it has two that no paper holds."""
    table = np.random.default_rng(0).normal(0, 1, (184, 16))
    return static_model([*topical[1], ",", "absent", "missing"], table, name="ignorant")


@pytest.fixture
def knowing_model(static_model, topical):
    """A model to which a word is its topic, and a bit of itself."""
    chance = np.random.default_rng(0)
    topics = np.repeat(np.eye(6, 16), 30, axis=0)
    table = np.vstack([np.ones((1, 16)), topics + chance.normal(0, 0.2, (180, 16)), np.zeros((1, 16))])
    return static_model([*topical[1], ","], table, name="knowing")
