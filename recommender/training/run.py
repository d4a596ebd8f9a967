"""One training run from a recipe to a model folder: the stages joined."""

import logging
import time
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer

from recommender.embedding.static import StaticEmbedder
from recommender.training.card import write_card
from recommender.training.contrastive import TokenisedPairs, train
from recommender.training.development import as_markdown, measure
from recommender.training.normalisation import normaliser, simplified_forms
from recommender.training.pairs import Pairs, cleaned, fingerprints
from recommender.training.recipe import Recipe
from recommender.training.sources import (
    Streams,
    evaluation_texts,
    read_streams,
    simplified_entries,
)
from recommender.training.vocabulary import build_scores, tokenizer_of

log = logging.getLogger(__name__)
REPORT_EVERY = 50
VOCABULARY_TEXTS = 150_000  # of one language; more of them no longer change which words are frequent


def read_clean(folder: Path, recipe: Recipe) -> Streams:
    """Read the data, drop what cannot be learnt from, and log what was dropped and why."""
    forbidden = fingerprints(evaluation_texts(folder))
    streams: Streams = {}
    for name, pairs in sorted(read_streams(folder, recipe.left_out, recipe.seed).items()):
        streams[name], refused = cleaned(pairs, forbidden)
        log.info("%s: %d pairs, refused %s", name, len(streams[name]), dict(refused))
    return streams


def make_tokenizer(streams: Mapping[str, Pairs], folder: Path, recipe: Recipe) -> Tokenizer:
    """Build the tokenizer from the training side of the data."""
    normalise = normaliser(simplified_forms(simplified_entries(folder)))
    texts, words = texts_by_language(streams)
    scores = build_scores(texts, words, normalise.normalize_str, recipe.vocabulary)
    return tokenizer_of(scores, normalise)


def texts_by_language(
    streams: Mapping[str, Pairs],
) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """Sort all sides of all pairs into running text and dictionary words of each language."""
    texts: dict[str, list[str]] = {}
    words: dict[str, list[str]] = {}
    for name, pairs in sorted(streams.items()):
        kind, language = _kind_and_language(name)
        home = words if kind in {"word", "keywords"} else texts
        home.setdefault(language, []).extend(pairs.right)
        other = "en" if kind in {"word", "sentence", "term"} else language
        if kind == "word":
            continue  # the English side of a dictionary is glosses, not words
        texts.setdefault(other, []).extend(pairs.left)
    return {name: lines[:: -(-len(lines) // VOCABULARY_TEXTS)] for name, lines in texts.items()}, words


def _kind_and_language(name: str) -> tuple[str, str]:
    first, _, second = name.partition("/")
    if first in {"word", "sentence", "term"}:
        return first, second
    if first == "zh-en":
        return second, "en"
    return ("keywords" if second == "abstract-keywords" else second), first[:2]


def run(recipe: Recipe, data: Path, folder: Path) -> None:
    """Train a model, save it as a folder that `SentenceTransformer(folder)` loads, and write its card."""
    started = time.monotonic()
    streams = read_clean(data, recipe)
    tokenizer = make_tokenizer(streams, data, recipe)
    log.info("%d tokens after %.0f s", tokenizer.get_vocab_size(), time.monotonic() - started)
    tokenised = {
        name: TokenisedPairs.of(pairs, tokenizer, recipe.max_tokens)
        for name, pairs in streams.items()
        if recipe.stream_of(name)
    }
    sizes = {name: len(pairs) for name, pairs in tokenised.items()}
    streams.clear()
    log.info("tokenised after %.0f s", time.monotonic() - started)

    def on_step(step: int, steps: int, name: str, loss: float) -> None:
        if step % REPORT_EVERY == 0 or step == steps:
            elapsed = time.monotonic() - started
            log.info("step %d of %d, %s, loss %.3f, %.0f s", step, steps, name, loss, elapsed)

    table = train(tokenised, tokenizer.get_vocab_size(), recipe, on_step)
    save(table, tokenizer, folder)
    report(recipe, data, folder, sizes)


def report(recipe: Recipe, data: Path, folder: Path, sizes: dict[str, int]) -> None:
    """Measure the model of `folder` as it is stored, and write its card."""
    figures = measure(StaticEmbedder(folder), data)
    n_tokens = Tokenizer.from_file(str(folder / "tokenizer.json")).get_vocab_size()
    write_card(folder / "README.md", recipe, n_tokens, sizes, figures)
    log.info("\n%s", as_markdown(figures))


def save(table: np.ndarray, tokenizer: Tokenizer, folder: Path) -> None:
    """Write token vectors (n_tokens, dim), in half precision, and their tokenizer as a model folder."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Normalize, StaticEmbedding

    embedding = StaticEmbedding(tokenizer, embedding_weights=torch.from_numpy(table).half())
    model = SentenceTransformer(modules=[embedding, Normalize()], device="cpu")
    model.save(str(folder), create_model_card=False)
