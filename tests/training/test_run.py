"""The whole run on a data folder of a few lines: from files to a model folder with its card."""

import json
import lzma
import random
from dataclasses import replace

import numpy as np
import pytest

from recommender.embedding import open_embedder
from recommender.training.recipe import Stream, VocabularySizes
from recommender.training.run import run

NOTIONS = [
    ("cat", "猫", "gato"),
    ("dog", "狗", "perro"),
    ("sun", "太阳", "sol"),
    ("moon", "月亮", "luna"),
    ("rain", "下雨", "lluvia"),
    ("tree", "大树", "arbol"),
]


def sentences(language, count=40):
    """Yield the same random sequences of notions, written in a language."""
    chance = random.Random(5)
    for _ in range(count):
        chosen = [chance.choice(NOTIONS) for _ in range(6)]
        words = [notion[("en", "zh", "es").index(language)] for notion in chosen]
        yield "，".join(words) + "。" if language == "zh" else " ".join(words) + "."


@pytest.fixture
def data(tmp_path):
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
        path = tmp_path / "data" / f"{name}.jsonl.xz"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(lzma.compress("".join(json.dumps(row) + "\n" for row in rows).encode()))
    return tmp_path / "data"


@pytest.mark.model
def test_a_run_makes_a_model_that_knows_translations_and_a_card(recipe, data, tmp_path):
    recipe = replace(
        recipe,
        dims=(16, 8),
        max_tokens=64,
        streams=tuple(Stream(family=kind, batch=16, passes=30) for kind in ("zh", "en", "sentence", "term")),
        vocabulary=VocabularySizes(han_words=40, han_pairs=0, english_words=40, other_words=40, subwords=60),
    )
    run(recipe, data, tmp_path / "model")
    embedder = open_embedder(str(tmp_path / "model"))
    english, chinese, spanish = (
        embedder.encode([notion[column] for notion in NOTIONS]) for column in range(3)
    )
    for other in (chinese, spanish):
        assert (english @ other.T).argmax(axis=1).tolist() == [*range(6)]
    np.testing.assert_allclose(*embedder.encode(["太阳", "太陽"]), atol=1e-6)
    card = (tmp_path / "model" / "README.md").read_text(encoding="utf-8")
    assert "| Tatoeba es→en R@1 | 6 | 100.0" in card
