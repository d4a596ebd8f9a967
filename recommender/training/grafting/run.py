"""One grafting run, from a recipe and an English model to a model folder: the stages joined."""

import logging
import random
import shutil
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import regex
import torch
from tokenizers import Tokenizer, normalizers

from recommender.embedding import find_model
from recommender.errors import RecipeError
from recommender.training.checkpoints import Checkpoint, identity
from recommender.training.contrastive import OnStep, Table
from recommender.training.grafting.distillation import Body, Lesson, NewRows, Texts, learn, plan_of, rate_at
from recommender.training.grafting.recipe import GraftRecipe
from recommender.training.grafting.tokens import Choice, choose, translated_rows, used_by_english
from recommender.training.grafting.wordpieces import Grafted, graft, piece_counts, without_accents
from recommender.training.normalisation import normaliser, simplified_forms
from recommender.training.pairs import Pairs
from recommender.training.preparation import read_clean
from recommender.training.sources import Streams, simplified_entries
from recommender.training.stream_names import ANY, FROM_ENGLISH, kind_of, languages_of
from recommender.training.tally import as_markdown
from recommender.training.token_vectors import StaticModel

log = logging.getLogger(__name__)
WORD = regex.compile(r"[a-z]{2,}")
COUNTED = 15_000  # texts of one side of one stream; more do not change which pieces are frequent
FREQUENT = 6  # times that an English word is met; rarer ones are mostly names
SPECIAL = {f"{name}_token": f"[{name.upper()}]" for name in ("pad", "unk", "cls", "sep", "mask")}


def run(recipe: GraftRecipe, data: Path, english: Path, folder: Path, on_step: OnStep) -> None:
    """Graft the languages of `data` onto an English model and save the result.

    Args:
        recipe: Decides the run, together with the data.
        data: The data folder.
        english: Folder of an uncased English BERT as a SentenceTransformer with mean pooling.
        folder: The model folder to write; checkpoints are kept beside it until the run is over.
        on_step: Called with step, steps, name of the lesson and loss.

    Raises:
        RecipeError: There is nothing to learn from.
    """
    from sentence_transformers import SentenceTransformer

    model: Any = SentenceTransformer(str(english), device="cpu", local_files_only=True)
    words: Tokenizer = Tokenizer.from_file(str(english / "tokenizer.json"))
    words.no_padding()
    words.no_truncation()
    encoder = model[0].auto_model
    rows = encoder.get_input_embeddings().weight.detach().numpy().astype(np.float32)
    streams, tallies = read_clean(data, recipe)
    aligner = StaticModel.read(find_model(recipe.aligner, allow_download=False))
    grafted, choice = make_tokens(streams, data, words, aligner, recipe)
    matrix = first_matrix(grafted, choice, rows, words, aligner)
    lessons = lessons_of(streams, grafted.tokenizer, recipe)
    streams.clear()
    log.info("\n%s", as_markdown(tallies))
    home = folder.parent / f".{folder.name}.training"
    checkpoint = Checkpoint(home, identity(repr(recipe), sorted(grafted.rows)))
    teach(Body(encoder), NewRows(matrix, len(rows)), lessons, recipe, (on_step, checkpoint))
    save(model, matrix, grafted.tokenizer, recipe, folder)
    shutil.rmtree(home, ignore_errors=True)


def texts_to_count(streams: Streams, seed: int) -> dict[str, list[str]]:
    """Return running text and dictionary words of every language, a sample of each stream."""
    texts: dict[str, list[str]] = {}
    for name, pairs in sorted(streams.items()):
        left, right = languages_of(name)
        if kind_of(name) == "word":  # the English side of a dictionary is glosses
            left = ANY
        for language, side in ((left, pairs.left), (right, pairs.right)):
            if language != ANY:
                texts.setdefault(language, []).extend(_sample(side, COUNTED, seed))
    return texts


def _sample(texts: list[str], size: int, seed: int) -> list[str]:
    return texts if len(texts) <= size else random.Random(seed).sample(texts, size)  # noqa: S311


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
    counts = Counter[str]()
    for name, pairs in streams.items():
        if kind_of(name) in {"word", "term"}:
            continue
        for language, texts in zip(languages_of(name), (pairs.left, pairs.right), strict=True):
            if language == "en":
                for text in texts:
                    counts.update(WORD.findall(text.lower()))
    return sorted(word for word, count in counts.items() if count >= FREQUENT)


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


def lessons_of(streams: Streams, tokenizer: Tokenizer, recipe: GraftRecipe) -> dict[str, Lesson]:
    """Sample and tokenise what is learnt from."""
    lessons = {}
    for name, pairs in sorted(streams.items()):
        family = recipe.stream_of(name)
        if family is None:
            continue
        chosen = _sampled(pairs, family.pairs, recipe.seed)
        left, right = chosen.left, chosen.right
        if kind_of(name) in FROM_ENGLISH:
            left, right = right, left
        english = "en" in languages_of(name)
        longest = family.max_english if english else family.max_tokens
        lessons[name] = Lesson(
            Texts.of(left, tokenizer, family.max_tokens), Texts.of(right, tokenizer, longest), english
        )
    return lessons


def _sampled(pairs: Pairs, size: int, seed: int) -> Pairs:
    if len(pairs) <= size:
        return pairs
    rows = random.Random(seed).sample(range(len(pairs)), size)  # noqa: S311
    return Pairs([pairs.left[row] for row in rows], [pairs.right[row] for row in rows])


def teach(
    body: Body,
    rows: NewRows,
    lessons: Mapping[str, Lesson],
    recipe: GraftRecipe,
    hooks: tuple[OnStep, Checkpoint],
) -> None:
    """Move the new rows until the lessons are over; a run that was killed goes on where it was."""
    on_step, checkpoint = hooks
    plan = plan_of(lessons, recipe, np.random.default_rng(recipe.seed))
    if not plan:
        raise RecipeError(f"no family of the recipe {recipe.name!r} has pairs enough for one batch")
    done = checkpoint.resume(rows.state())
    for step, (name, batch) in enumerate(plan):
        if step >= done:
            loss = learn(body, rows, lessons[name], batch, recipe, rate_at(step, len(plan), recipe))
            on_step(step + 1, len(plan), name, loss)
            checkpoint.keep(step + 1, rows.state(), is_last=step + 1 == len(plan))


def save(model: Any, matrix: Table, tokenizer: Tokenizer, recipe: GraftRecipe, folder: Path) -> None:
    """Write the model, in half precision, as a folder that `SentenceTransformer(folder)` loads."""
    from transformers import PreTrainedTokenizerFast

    encoder = model[0].auto_model
    encoder.resize_token_embeddings(len(matrix), mean_resizing=False)
    with torch.no_grad():
        encoder.get_input_embeddings().weight.copy_(torch.from_numpy(matrix))
    fast: Any = PreTrainedTokenizerFast
    model[0].processor = fast(tokenizer_object=tokenizer, **SPECIAL)
    model.max_seq_length = recipe.max_seq_length
    model.half().save(str(folder), create_model_card=False)
