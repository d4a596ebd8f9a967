"""What tokens begin with: chance, an earlier model, or what a teacher of English and dictionaries know.

A token that training rarely meets keeps nearly all of what it begins with. By chance it is a mark of that
word and nothing else; from a teacher it is near to words of like meaning, in whatever language.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import regex
from numpy.typing import NDArray
from tokenizers import Tokenizer

from recommender.embedding import Embedder
from recommender.training.infonce import Table
from recommender.training.recipe import Recipe
from recommender.training.stream_names import kind_of, languages_of
from recommender.training.tokenised import TokenisedPairs, TokenisedTexts

OF_VECTORS = 0  # random numbers of their own: given vectors leave the order of batches as it is
ENGLISH_WORD = regex.compile(r"\p{Latin}{2,}")
RAREST = 3  # times that a word is met in English text before the teacher is asked about it
CHUNK = 50_000

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Taught:
    """Unit vectors (n_tokens, dim) of the tokens that `known` marks; zeros for the others."""

    vectors: Table
    known: Mask


def starting_vectors(
    tokenizer: Tokenizer,
    recipe: Recipe,
    given: Mapping[str, NDArray[np.floating]] | None = None,
    taught: Taught | None = None,
) -> Table:
    """Return what the tokens begin with (n_tokens, recipe.dim): a given vector, else partly a random one.

    Args:
        tokenizer: Names the tokens.
        recipe: For seed, size, `spread` and `taught`, the taught share of a vector.
        given: Vectors by token, at least as long as the recipe's; what is beyond is cut off.
        taught: What is mixed with chance, at equal length: √share of the one and √(1 − share) of the other.
    """
    chance = np.random.default_rng([recipe.seed, OF_VECTORS])
    n_tokens = tokenizer.get_vocab_size()
    table = chance.normal(0, recipe.spread, (n_tokens, recipe.dim)).astype(np.float32)
    if taught:
        length = recipe.spread * np.sqrt(recipe.dim)
        mixed = np.sqrt(1 - recipe.taught) * table + np.sqrt(recipe.taught) * length * taught.vectors
        table = np.where(taught.known[:, None], mixed, table).astype(np.float32)
    for token, vector in (given or {}).items():
        row = tokenizer.token_to_id(token)
        if row is not None:
            table[row] = vector[: recipe.dim]
    return table


def taught_vectors(
    tokenizer: Tokenizer, streams: Mapping[str, TokenisedPairs], teacher: Embedder, dim: int
) -> Taught:
    """Return what a teacher of English, and dictionaries into other languages, say of the tokens.

    English words have the teacher's vector of the word alone, less the mean of all and turned so that the
    first dimensions tell most (Model2Vec, github.com/MinishLab/model2vec). A token of another language has
    the mean of the English sides of its dictionary entries (as WECHSEL does, arXiv:2112.06598).

    Args:
        tokenizer: Names the tokens.
        streams: All pairs: they tell which tokens are English; those of kind `word` are the dictionaries.
        teacher: Embeds English words.
        dim: The size of a vector, at most the teacher's.
    """
    english, others = _counts(tokenizer.get_vocab_size(), streams)
    is_english = (english >= RAREST) & (english >= others)
    words = {row: word for word, row in tokenizer.get_vocab().items() if ENGLISH_WORD.fullmatch(word)}
    rows = np.array(sorted(row for row in words if is_english[row]), dtype=np.int64)
    vectors = np.zeros((len(english), dim), dtype=np.float32)
    if len(rows):
        vectors[rows] = _principal(teacher.encode([words[row] for row in rows.tolist()]), dim)
    sums = np.zeros_like(vectors)
    for name, pairs in sorted(streams.items()):
        if kind_of(name) == "word":
            _add_glosses(sums, pairs, vectors)
    translated = ~vectors.any(axis=1) & sums.any(axis=1)
    vectors[translated] = _unit(sums[translated])
    return Taught(vectors, np.asarray(vectors.any(axis=1)))


def _counts(
    n_tokens: int, streams: Mapping[str, TokenisedPairs]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Count how often each token is met in English and in other texts."""
    english, others = np.zeros(n_tokens, dtype=np.int64), np.zeros(n_tokens, dtype=np.int64)
    for name, pairs in streams.items():
        for language, side in zip(languages_of(name), (pairs.left, pairs.right), strict=True):
            counts = english if language == "en" else others
            counts += np.bincount(side.ids, minlength=n_tokens)
    return english, others


def _principal(vectors: NDArray[np.floating], dim: int) -> Table:
    """Return unit vectors in the `dim` directions in which `vectors` differ most, these first."""
    centred = np.asarray(vectors, dtype=np.float32) - vectors.mean(axis=0, dtype=np.float64)
    _, axes = np.linalg.eigh(centred.T @ centred)
    return _unit(centred @ axes[:, ::-1][:, :dim])


def _add_glosses(sums: Table, pairs: TokenisedPairs, vectors: Table) -> None:
    """Add to each token of a right side the direction of the left side, shared among the tokens."""
    for start in range(0, len(pairs), CHUNK):
        rows = np.arange(start, min(start + CHUNK, len(pairs)))
        tokens, shares = pairs.right.bag(rows)
        sums[tokens] += shares.T @ _means(pairs.left, rows, vectors)


def _means(texts: TokenisedTexts, rows: NDArray[np.int64], vectors: Table) -> Table:
    tokens, shares = texts.bag(rows)
    return _unit(shares @ vectors[tokens])


def _unit(vectors: NDArray[np.floating]) -> Table:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(lengths, 1e-9), dtype=np.float32)
