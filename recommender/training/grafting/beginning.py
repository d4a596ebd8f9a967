"""What a grafting run begins with: an English model given other tokens, or an earlier run's result."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from tokenizers import Tokenizer

from recommender.embedding import find_model
from recommender.errors import RecipeError
from recommender.training.contrastive import Table
from recommender.training.grafting.recipe import GraftRecipe
from recommender.training.grafting.vocabulary import first_matrix, make_tokens
from recommender.training.sources import Streams
from recommender.training.token_vectors import StaticModel


@dataclass(frozen=True, slots=True)
class Beginning:
    """A model that has all its tokens.

    Attributes:
        model: SentenceTransformer whose body is taught.
        tokenizer: What cuts its texts.
        matrix: Vectors (n_tokens, dim) of the tokens, the English ones first.
        n_english: How many those are.
    """

    model: Any
    tokenizer: Tokenizer
    matrix: Table
    n_english: int


def begin(recipe: GraftRecipe, streams: Streams, data: Path, english: Path) -> Beginning:
    """Return what the recipe begins with.

    Raises:
        RecipeError: The model of `recipe.start` was not grafted on the one of `english`.
    """
    if recipe.start:
        return _go_on(find_model(recipe.start, allow_download=False), english)
    words = tokenizer_in(english)
    static = StaticModel.read(find_model(recipe.aligner, allow_download=False))
    model, rows = _read(english)
    grafted, choice = make_tokens(streams, data, words, static, recipe)
    return Beginning(model, grafted.tokenizer, first_matrix(grafted, choice, rows, words, static), len(rows))


def tokenizer_in(folder: Path) -> Tokenizer:
    """Return the tokenizer of a model, which cuts and pads nothing."""
    tokenizer: Tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


def _go_on(start: Path, english: Path) -> Beginning:
    tokenizer, pieces = tokenizer_in(start), tokenizer_in(english).get_vocab()
    vocab = tokenizer.get_vocab()
    if any(vocab.get(piece) != row for piece, row in pieces.items()):
        raise RecipeError(f"the tokens of {start} do not begin with those of {english}")
    model, rows = _read(start)
    return Beginning(model, tokenizer, rows, len(pieces))


def _read(folder: Path) -> tuple[Any, Table]:
    from sentence_transformers import SentenceTransformer

    model: Any = SentenceTransformer(str(folder), device="cpu", local_files_only=True)
    rows = model[0].auto_model.get_input_embeddings().weight.detach().numpy().astype(np.float32)
    return model, rows
