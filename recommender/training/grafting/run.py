"""One grafting run, from a recipe and an English model to a model folder: the stages joined."""

import logging
import shutil
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tokenizers import Tokenizer

from recommender.builds.lock import writing
from recommender.embedding import find_model, open_embedder
from recommender.embedding.folder import fingerprint
from recommender.errors import RecipeError
from recommender.training.checkpoints import MINUTES_BETWEEN, Checkpoint, digests_of, identity, versions_of
from recommender.training.contrastive import OnStep, Table
from recommender.training.grafting.account import account_of
from recommender.training.grafting.beginning import begin, tokenizer_in
from recommender.training.grafting.distillation import learn
from recommender.training.grafting.lessons import Lesson, lessons_of, plan_of
from recommender.training.grafting.recipe import GraftRecipe
from recommender.training.grafting.student import Body, Student
from recommender.training.memory import keep_freed_memory, trim
from recommender.training.preparation import data_digests, read_clean
from recommender.training.run import report
from recommender.training.tally import Tally

log = logging.getLogger(__name__)
MOST_MEMORY = 12_000_000_000  # bytes
SHARED = ("contrastive", "normalisation", "pairs", "checks", "sources", "teacher", "token_vectors")
PROSE = "account"  # of this package; it decides no weights
LIBRARIES = ("numpy", "tokenizers", "torch", "transformers")
SPECIAL = {f"{name}_token": f"[{name.upper()}]" for name in ("pad", "unk", "cls", "sep", "mask")}


def run(
    recipe: GraftRecipe,
    data: Path,
    english: Path,
    folder: Path,
    on_step: OnStep,
    *,
    minutes: float = MINUTES_BETWEEN,
) -> None:
    """Graft the languages of `data` onto an English model, save the result, and write its card.

    A run that was killed is started again with the same arguments, and goes on from its last checkpoint.

    Args:
        recipe: Decides the run, together with the data.
        data: The data folder.
        english: Folder of an uncased English BERT as a SentenceTransformer with mean pooling.
        folder: The model folder to write; checkpoints are kept beside it until the run is over.
        on_step: Called with step, steps, name of the lesson and loss.
        minutes: How often the state is kept.

    Raises:
        UsageError: There is no data, or too much of it is bad.
        RecipeError: There is nothing to learn from.
        LockedError: Another run writes the same model.
    """
    home = folder.parent / f".{folder.name}.training"
    with writing(home / "lock"):
        model, tallies, n_added = learn_languages(recipe, data, english, home, (on_step, minutes))
        save(model, folder)
        account = account_of(recipe, model.tokenizer.vocab_size, n_added)
        report(account, open_embedder(str(folder)), data, folder, tallies)
    shutil.rmtree(home)


def learn_languages(
    recipe: GraftRecipe, data: Path, english: Path, home: Path, hooks: tuple[OnStep, float]
) -> tuple[Any, list[Tally], int]:
    """Return the trained SentenceTransformer, what became of the data, and how many tokens were added."""
    on_step, minutes = hooks
    streams, tallies = read_clean(data, recipe)
    beginning = begin(recipe, streams, data, english)
    lessons = lessons_of(streams, beginning.tokenizer, tokenizer_in(english), (english, home), recipe)
    streams.clear()
    if not keep_freed_memory():
        log.warning("this allocator gives freed memory back at once: steps may take three times as long")
    model, matrix, n_english = beginning.model, beginning.matrix, beginning.n_english
    encoder = model[0].auto_model
    body = Body(encoder)
    checkpoint = Checkpoint(home, run_identity(recipe, data, english), minutes=minutes)
    teach(Student(body, matrix, n_english), lessons, recipe, on_step, checkpoint)
    encoder.float()
    body.take_weights()
    install(model, matrix, beginning.tokenizer, recipe.max_seq_length)
    return model, tallies, len(matrix) - n_english


def run_identity(recipe: GraftRecipe, data: Path, english: Path) -> str:
    """Return the digest of everything that decides the weights, but for the machine."""
    here = Path(__file__).parent
    modules = [path for path in here.glob("*.py") if path.stem != PROSE]
    modules += [here.parent / f"{name}.py" for name in SHARED]
    other = find_model(recipe.start or recipe.aligner, allow_download=False)
    return identity(
        asdict(recipe),
        data_digests(data),
        [fingerprint(english), fingerprint(other)],
        digests_of(modules),
        versions_of(LIBRARIES),
    )


def teach(
    student: Student,
    lessons: Mapping[str, Lesson],
    recipe: GraftRecipe,
    on_step: OnStep,
    checkpoint: Checkpoint,
) -> None:
    """Move the student until the lessons are over; a run that was killed goes on where it was."""
    plan = plan_of(lessons, recipe, np.random.default_rng(recipe.seed))
    if not plan:
        raise RecipeError(f"no family of the recipe {recipe.name!r} has pairs enough for one batch")
    done = student.resume(checkpoint)
    for step, (name, batch) in enumerate(plan):
        if step >= done:
            loss = learn(student, lessons[name], batch, recipe, (step, len(plan)))
            on_step(step + 1, len(plan), name, loss)
            trim(MOST_MEMORY)
            checkpoint.keep(step + 1, student.state(), is_last=step + 1 == len(plan))


def install(model: Any, matrix: Table, tokenizer: Tokenizer, max_seq_length: int) -> None:
    """Give a SentenceTransformer other tokens."""
    from transformers import PreTrainedTokenizerFast

    encoder = model[0].auto_model
    encoder.resize_token_embeddings(len(matrix), mean_resizing=False)
    with torch.no_grad():
        encoder.get_input_embeddings().weight.copy_(torch.from_numpy(matrix))
    fast: Any = PreTrainedTokenizerFast
    model[0].processor = fast(tokenizer_object=tokenizer, **SPECIAL)
    model.max_seq_length = max_seq_length


def save(model: Any, folder: Path) -> None:
    """Write a model, in half precision, as a folder that `SentenceTransformer(folder)` loads."""
    model.half().save(str(folder), create_model_card=False)
    tokenizer = folder / "tokenizer.json"
    Tokenizer.from_file(str(tokenizer)).save(str(tokenizer), pretty=False)  # a third of the size
