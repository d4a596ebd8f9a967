"""One training run from a recipe to a model folder: the stages joined.

A run that was killed is started again with the same arguments: it finds the prepared data and the last
checkpoint in its work folder, and ends with the same weights as if nothing had happened.
"""

import logging
import shutil
import time
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer

from recommender.builds.lock import writing
from recommender.embedding import Embedder, find_model
from recommender.embedding.folder import fingerprint
from recommender.embedding.static import StaticEmbedder
from recommender.errors import RecipeError
from recommender.training.card import Account, account_of, write_card
from recommender.training.checkpoints import Checkpoint, digests_of, identity, versions_of
from recommender.training.contrastive import Table, train
from recommender.training.development import as_markdown, measure
from recommender.training.execution import USUAL, Execution
from recommender.training.first_vectors import starting_vectors, taught_vectors
from recommender.training.likeness import KnownTexts
from recommender.training.preparation import Prepared, prepare, prepared_identity, start_of
from recommender.training.recipe import Recipe
from recommender.training.tally import Tally
from recommender.training.tally import as_markdown as tallies_as_markdown
from recommender.training.teacher import reading
from recommender.training.token_lengths import evened
from recommender.training.token_table import CPU
from recommender.training.token_vectors import StaticModel
from recommender.training.tokenised import TokenisedTexts

log = logging.getLogger(__name__)
SECONDS_BETWEEN_REPORTS = 30.0
LEARNING = (
    "checkpoints",
    "contrastive",
    "first_vectors",
    "infonce",
    "likeness",
    "teacher",
    "token_lengths",
    "token_table",
    "token_vectors",
    "tokenised",
)  # they decide the weights


class StepLog:
    """Says every half minute how far a run is, how fast it is, and how long it will take."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._began = self._said = clock()
        self._first: int | None = None

    def __call__(self, step: int, steps: int, stream: str, loss: float) -> None:
        """Log the step if it is time to, or if it is the last."""
        now = self._clock()
        if self._first is None:  # of this process: what a checkpoint brought took no time
            self._first, self._began = step, now
        if step < steps and now - self._said < SECONDS_BETWEEN_REPORTS:
            return
        self._said = now
        rate = (step - self._first) / (now - self._began) if now > self._began else 0.0
        remaining = f"{(steps - step) / rate / 60:.1f} min to go" if rate else "remaining time unknown"
        log.info("step %d of %d, %s, loss %.3f, %.2f steps/s, %s", step, steps, stream, loss, rate, remaining)


def run(
    recipe: Recipe,
    data: Path,
    folder: Path,
    *,
    teacher: Path | None = None,
    execution: Execution = USUAL,
) -> None:
    """Train a model, save it as a folder that `SentenceTransformer(folder)` loads, and write its card.

    Args:
        recipe: Decides the run, together with the data.
        data: The data folder.
        folder: The model folder.
        teacher: Folder of the recipe's teacher. None: found by the name that the recipe gives, if any.
        execution: Where and how.

    Raises:
        UsageError: There is no data, or too much of it is bad.
        RecipeError: The recipe does not fit the data or its starting model.
        LockedError: The same work folder is in use.
    """
    if recipe.teacher and teacher is None:
        teacher = find_model(recipe.teacher, allow_download=False)
    home = execution.work or folder.parent / f".{folder.name}.training"
    with writing(home / "lock"):
        prepared = prepare(recipe, data, home)
        checkpoint = Checkpoint(home, run_identity(recipe, data, teacher), minutes=execution.minutes)
        there = torch.device(execution.device)
        with reading(teacher, home, there) if teacher else nullcontext() as embedder:
            table = learn(recipe, prepared, embedder, checkpoint, there)
        save(table, prepared.tokenizer, folder)
        account = account_of(recipe, prepared.tokenizer.get_vocab_size(), earlier_recipes(folder, recipe))
        report(account, StaticEmbedder(folder), data, folder, prepared.tallies)
        checkpoint.remove()
    if execution.work is None:
        shutil.rmtree(home)


def earlier_recipes(folder: Path, recipe: Recipe) -> dict[str, Recipe]:
    """Return the recipes beside `recipe.toml` in a model folder: those of the runs that it went on from."""
    beside = sorted(path for path in folder.glob("*.toml") if path.name != "recipe.toml")
    return {path.name: Recipe.read(path) for path in beside} if recipe.start else {}


def run_identity(recipe: Recipe, data: Path, teacher: Path | None) -> str:
    """Return the digest of everything that decides the weights, but for the machine."""
    here = Path(__file__).parent
    program = digests_of(here / f"{name}.py" for name in LEARNING)
    start = start_of(recipe) if recipe.start else None
    models = [fingerprint(folder) if folder else "" for folder in (start, teacher)]
    libraries = versions_of(("numpy", "scipy", "torch"))
    return identity(prepared_identity(recipe, data), recipe.to_toml(), models, program, libraries)


def learn(
    recipe: Recipe,
    prepared: Prepared,
    teacher: Embedder | None,
    checkpoint: Checkpoint | None,
    device: torch.device = CPU,
) -> Table:
    """Return the trained vectors of the tokens, which learn on a device."""
    given = None
    if recipe.start:
        model = StaticModel.read(start_of(recipe))
        if model.dim < recipe.dim:
            raise RecipeError(
                f"start {recipe.start!r} has {model.dim} dimensions, the recipe wants {recipe.dim}"
            )
        given = model.by_token()
    taught = None
    known: dict[str, KnownTexts] = {}
    if teacher and recipe.taught:
        taught = taught_vectors(prepared.tokenizer, prepared.streams, teacher, recipe.dim)
        log.info("the teacher %s and dictionaries know %d tokens", recipe.teacher, taught.known.sum())
    if teacher:
        for name, chosen in prepared.for_teacher.items():
            texts = TokenisedTexts.of(chosen, prepared.tokenizer, recipe.max_tokens)
            known[name] = KnownTexts(texts, teacher.encode(chosen).astype(np.float16))
            log.info("%s: the teacher read %d texts", name, len(chosen))
    start = starting_vectors(prepared.tokenizer, recipe, given, taught)
    there = torch.from_numpy(start).to(device)
    trained = train(prepared.streams, there, recipe, StepLog(), checkpoint, known)
    share = np.float32(recipe.averaged)
    mixed = trained if not share else share * start + (1 - share) * trained
    return evened(mixed, names_of(prepared.tokenizer), recipe.lengths)


def names_of(tokenizer: Tokenizer) -> list[str]:
    """Return the tokens in the order of their rows."""
    vocabulary = tokenizer.get_vocab()
    return sorted(vocabulary, key=vocabulary.__getitem__)


def report(account: Account, embedder: Embedder, data: Path, folder: Path, tallies: Sequence[Tally]) -> None:
    """Measure the model of `folder` as it is stored, write its card, and log what became of the data."""
    figures = measure(embedder, data)
    write_card(folder / "README.md", account, tallies, figures)
    log.info("\n%s\n%s", tallies_as_markdown(tallies), as_markdown(figures))


def save(table: NDArray[np.float32], tokenizer: Tokenizer, folder: Path) -> None:
    """Write token vectors (n_tokens, dim), in half precision, and their tokenizer as a model folder.

    Each file is written beside and renamed, so that a file of the folder is the old one or the new one.
    """
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Normalize, StaticEmbedding

    embedding = StaticEmbedding(tokenizer, embedding_weights=torch.from_numpy(table).half())
    model = SentenceTransformer(modules=[embedding, Normalize()], device="cpu")
    partial = folder.parent / f".{folder.name}.partial"
    shutil.rmtree(partial, ignore_errors=True)  # of a run that was killed
    model.save(str(partial), create_model_card=False)
    tokenizer.save(str(partial / "tokenizer.json"), pretty=False)  # read in two thirds of the time
    for path in sorted(partial.rglob("*")):
        target = folder / path.relative_to(partial)
        if path.is_file():
            target.parent.mkdir(parents=True, exist_ok=True)
            path.replace(target)
    shutil.rmtree(partial)
