"""The vocabulary of a grafted model: which tokens the data call for, and the matrix they begin as."""

import logging
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer, normalizers

from recommender.training.contrastive import Table
from recommender.training.grafting.drawing import WORD, english_counts, sample
from recommender.training.grafting.recipe import GraftRecipe
from recommender.training.grafting.tokens import Choice, choose, translated_rows, used_by_english
from recommender.training.grafting.wordpieces import Grafted, graft, piece_counts, without_accents
from recommender.training.normalisation import normaliser, simplified_forms
from recommender.training.sources import Streams, simplified_entries
from recommender.training.stream_names import ANY, kind_of, languages_of
from recommender.training.token_vectors import StaticModel

log = logging.getLogger(__name__)
COUNTED = 15_000  # texts of one side of one stream; more do not change which pieces are frequent
FREQUENT = 6  # times that an English word is met; rarer ones are mostly names


def texts_to_count(streams: Streams, seed: int) -> dict[str, list[str]]:
    """Return running text and dictionary words of every language, a sample of each stream."""
    texts: dict[str, list[str]] = {}
    for name, pairs in sorted(streams.items()):
        left, right = languages_of(name)
        if kind_of(name) == "word":  # the English side of a dictionary is glosses
            left = ANY
        for language, side in ((left, pairs.left), (right, pairs.right)):
            if language != ANY:
                texts.setdefault(language, []).extend(sample(side, COUNTED, seed))
    return texts


def make_tokens(
    streams: Streams, data: Path, english: Tokenizer, static: StaticModel, recipe: GraftRecipe
) -> tuple[Grafted, Choice]:
    """Choose the added tokens and build the tokenizer that has them."""
    texts = texts_to_count(streams, recipe.seed)
    counts = {language: piece_counts(lines, static.tokenizer) for language, lines in texts.items()}
    choice = choose(counts, english.get_vocab(), recipe.quotas)
    folding = uncased(data)
    words = english_words(streams)
    while True:  # without a piece, a word may be cut into another added one
        grafted = graft(english, choice.in_order(), folding)
        unwanted = used_by_english(words, grafted.tokenizer, english.get_vocab_size())
        if not unwanted:
            return grafted, choice
        log.info("%d pieces dropped that English uses", len(unwanted))
        choice.drop(unwanted)


def english_words(streams: Streams) -> list[str]:
    """Return the words that English texts hold more than a few times."""
    return sorted(word for word, count in english_counts(streams).items() if count >= FREQUENT)


def uncased(data: Path) -> normalizers.Normalizer:
    """Return the static model's normaliser that also takes the accents of Latin letters away."""
    return normaliser(simplified_forms(simplified_entries(data)), without_accents)


def first_matrix(
    grafted: Grafted, choice: Choice, english: Table, words: Tokenizer, static: StaticModel
) -> Table:
    """Return the embedding matrix to begin with: English rows as they are, new ones translated."""
    known, pieces = static.tokenizer.get_vocab(), words.get_vocab()
    unit = static.vectors / np.maximum(np.linalg.norm(static.vectors, axis=1, keepdims=True), 1e-9)
    own = sorted(word for word in pieces if WORD.fullmatch(word) and word in known)
    rows = english[[pieces[word] for word in own]]
    sources = [choice.sources.get(piece) for piece in grafted.rows]
    found = np.array([source in known for source in sources])
    new = np.tile(rows.mean(axis=0), (len(sources), 1)).astype(np.float32)  # of the marks, which mean nothing
    tokens = unit[[known[source] for source in sources if source in known]]
    new[found] = translated_rows(tokens, unit[[known[word] for word in own]], rows)
    return np.concatenate([english, new])
