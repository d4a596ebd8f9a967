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
from recommender.embedding import open_embedder
from recommender.errors import RecipeError
from recommender.training.checkpoints import Checkpoint, digests_of, identity, versions_of
from recommender.training.contrastive import OnStep
from recommender.training.execution import USUAL, Execution
from recommender.training.grafting.account import account_of
from recommender.training.grafting.beginning import begin
from recommender.training.grafting.distillation import learn
from recommender.training.grafting.lessons import FROM_TEACHER, Given, Lesson, plan_of
from recommender.training.grafting.preparation import Prepared, prepare, prepared_identity
from recommender.training.grafting.recipe import GraftRecipe
from recommender.training.grafting.student import Body, Student
from recommender.training.grafting.teacher import read_by
from recommender.training.grafting.texts import Texts
from recommender.training.memory import keep_freed_memory, trim
from recommender.training.run import report
from recommender.training.token_table import CPU

log = logging.getLogger(__name__)
MOST_MEMORY = 12_000_000_000  # bytes
LEARNING = ("distillation", "lessons", "recipe", "run", "student", "teacher")
SHARED = ("contrastive", "memory")
LIBRARIES = ("numpy", "torch", "transformers")
SPECIAL = {f"{name}_token": f"[{name.upper()}]" for name in ("pad", "unk", "cls", "sep", "mask")}


def run(
    recipe: GraftRecipe,
    data: Path,
    english: Path,
    folder: Path,
    on_step: OnStep,
    execution: Execution = USUAL,
) -> None:
    """Graft the languages of `data` onto an English model, save the result, and write its card.

    A run that was killed is started again with the same arguments, and goes on from its last checkpoint.

    Args:
        recipe: Decides the run, together with the data.
        data: The data folder.
        english: Folder of an uncased English BERT as a SentenceTransformer with mean pooling.
        folder: The model folder to write.
        on_step: Called with step, steps, name of the lesson and loss.
        execution: Where and how.

    Raises:
        UsageError: There is no data, or too much of it is bad.
        RecipeError: There is nothing to learn from.
        LockedError: Another run writes the same model.
    """
    home = execution.work or folder.parent / f".{folder.name}.training"
    with writing(home / "lock"):
        prepared = prepare(recipe, data, english, home)
        checkpoint = Checkpoint(home, run_identity(recipe, data, english), minutes=execution.minutes)
        device = torch.device(execution.device)
        model, n_added = learn_languages(recipe, prepared, english, (on_step, checkpoint), device)
        save(model, folder)
        account = account_of(recipe, model.tokenizer.vocab_size, n_added)
        report(account, open_embedder(str(folder)), data, folder, prepared.tallies)
        checkpoint.remove()
    if execution.work is None:
        shutil.rmtree(home)


def learn_languages(
    recipe: GraftRecipe,
    prepared: Prepared,
    english: Path,
    hooks: tuple[OnStep, Checkpoint],
    device: torch.device,
) -> tuple[Any, int]:
    """Return the trained SentenceTransformer, and how many tokens were added to those of the English one."""
    on_step, checkpoint = hooks
    if device == CPU and not keep_freed_memory():
        log.warning("this allocator gives freed memory back at once: steps may take three times as long")
    vectors = read_by(
        english, prepared.english, device, checkpoint.path.with_name(f"teacher-{checkpoint.path.name}")
    )
    lessons = lessons_of(prepared, vectors, recipe)
    beginning = begin(recipe, english, prepared.rows)
    model, encoder = beginning.model, beginning.model[0].auto_model
    body = Body(encoder, device)
    student = Student(body, beginning.matrix.to(device), beginning.n_english)
    teach(student, lessons, recipe, on_step, checkpoint)
    encoder.float()
    body.take_weights()
    model.cpu()
    install(model, student.matrix.cpu(), prepared.tokenizer, recipe.max_seq_length)
    return model, len(student.matrix) - beginning.n_english


def lessons_of(prepared: Prepared, vectors: torch.Tensor, recipe: GraftRecipe) -> dict[str, Lesson]:
    """Return what is learnt from, where the teacher's `vectors` of `prepared.english` are."""
    lessons = {}
    for name, (left, right) in prepared.sides.items():
        family = recipe.stream_of(name.removesuffix(FROM_TEACHER))
        if family:
            other = right.to(vectors.device) if isinstance(right, Texts) else Given(vectors, right)
            lessons[name] = Lesson.of(left.to(vectors.device), other, family, recipe.epochs)
    return lessons


def run_identity(recipe: GraftRecipe, data: Path, english: Path) -> str:
    """Return the digest of everything that decides the weights, but for the machine."""
    here = Path(__file__).parent
    modules = [here / f"{name}.py" for name in LEARNING] + [here.parent / f"{name}.py" for name in SHARED]
    return identity(
        asdict(recipe), prepared_identity(recipe, data, english), digests_of(modules), versions_of(LIBRARIES)
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
            checkpoint.keep(step + 1, student.state, is_last=step + 1 == len(plan))


def install(model: Any, matrix: torch.Tensor, tokenizer: Tokenizer, max_seq_length: int) -> None:
    """Give a SentenceTransformer other tokens."""
    from transformers import PreTrainedTokenizerFast

    encoder = model[0].auto_model
    encoder.resize_token_embeddings(len(matrix), mean_resizing=False)
    with torch.no_grad():
        encoder.get_input_embeddings().weight.copy_(matrix)
    fast: Any = PreTrainedTokenizerFast
    model[0].processor = fast(tokenizer_object=tokenizer, **SPECIAL)
    model.max_seq_length = max_seq_length


def save(model: Any, folder: Path) -> None:
    """Write a model, in half precision, as a folder that `SentenceTransformer(folder)` loads."""
    model.half().save(str(folder), create_model_card=False)
    tokenizer = folder / "tokenizer.json"
    Tokenizer.from_file(str(tokenizer)).save(str(tokenizer), pretty=False)  # a third of the size
