"""What a grafting run begins with: an English model given other tokens, or an earlier run's result."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
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
        matrix: Vectors (n_tokens, dim) of the tokens, the English ones first.
        n_english: How many those are.
    """

    model: Any
    matrix: torch.Tensor
    n_english: int


def first_tokens(
    recipe: GraftRecipe, streams: Streams, data: Path, english: Path
) -> tuple[Tokenizer, Table | None]:
    """Return the tokenizer of the run, and the vectors its tokens begin with unless an earlier run has them.

    Raises:
        RecipeError: The model of `recipe.start` was not grafted on the one of `english`.
    """
    words = tokenizer_in(english)
    if recipe.start:
        start = find_model(recipe.start, allow_download=False)
        tokenizer = tokenizer_in(start)
        vocab = tokenizer.get_vocab()
        if any(vocab.get(piece) != row for piece, row in words.get_vocab().items()):
            raise RecipeError(f"the tokens of {start} do not begin with those of {english}")
        return tokenizer, None
    static = StaticModel.read(find_model(recipe.aligner, allow_download=False))
    grafted, choice = make_tokens(streams, data, words, static, recipe)
    return grafted.tokenizer, first_matrix(grafted, choice, rows_of(opened(english)).numpy(), words, static)


def begin(recipe: GraftRecipe, english: Path, rows: torch.Tensor | None) -> Beginning:
    """Return the model that is taught: the English one to take the tokens of `rows`, or `recipe.start`."""
    n_english = tokenizer_in(english).get_vocab_size()
    model = opened(find_model(recipe.start, allow_download=False) if recipe.start else english)
    return Beginning(model, rows_of(model) if rows is None else rows, n_english)


def tokenizer_in(folder: Path) -> Tokenizer:
    """Return the tokenizer of a model, which cuts and pads nothing."""
    tokenizer: Tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


def opened(folder: Path) -> Any:
    """Return the SentenceTransformer of a folder."""
    from sentence_transformers import SentenceTransformer

    return SentenceTransformer(str(folder), device="cpu", local_files_only=True)


def rows_of(model: Any) -> torch.Tensor:
    """Return the vectors (n_tokens, dim) of a model's tokens, in single precision."""
    rows: torch.Tensor = model[0].auto_model.get_input_embeddings().weight.detach().float().clone()
    return rows
