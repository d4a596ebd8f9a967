"""A system asked all the questions of the chosen sets."""

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from recommender.embedding import Embedder
from recommender.errors import UsageError
from recommender.training.development.figures import Figure
from recommender.training.development.lexical import CharacterTfidf
from recommender.training.development.remembering import RememberingEmbedder
from recommender.training.development.sets import SETS
from recommender.training.development.systems import EmbeddingSystem, System
from recommender.training.development.tasks import Task

log = logging.getLogger(__name__)

Tasks = Mapping[str, Sequence[Task]]  # set -> its questions
OnSet = Callable[[str], None]  # told the name of a set before it is asked
QUICK = ("csl", "chinaxiv", "tatoeba", "tico19")  # half a minute with a static model


def measure(embedder: Embedder, data: Path, *, only: Iterable[str] | None = None) -> list[Figure]:
    """Measure a model on the development sets below `data`, beside character TF-IDF.

    Args:
        embedder: The model.
        data: The data folder.
        only: Names of sets, such as `QUICK`; None: all.

    Raises:
        UsageError: There is no such set or folder.
    """
    tasks = read_tasks(data, only)
    figures = ask(EmbeddingSystem(RememberingEmbedder(embedder)), tasks)
    baseline = {figure.name: figure.model for figure in ask(CharacterTfidf(), tasks)}
    return [replace(figure, tfidf=baseline.get(figure.name)) for figure in figures]


def read_tasks(data: Path, only: Iterable[str] | None = None) -> Tasks:
    """Read the questions of the sets; a set of which there is nothing in the folder is logged and left out.

    Raises:
        UsageError: There is no such set or folder, or a file of a set that was named is missing.
    """
    if not data.is_dir():
        raise UsageError(f"there is no data folder {data}")
    wanted = [*SETS] if only is None else [*dict.fromkeys(only)]
    if unknown := [name for name in wanted if name not in SETS]:
        raise UsageError(f"there is no development set {unknown[0]!r}; choose of: {', '.join(SETS)}")
    tasks = {}
    for name in wanted:
        if missing := SETS[name].missing(data):
            _refuse_or_log(name, f"{data / missing[0]} is missing", is_named=only is not None)
        elif found := [*SETS[name].tasks(data)]:
            tasks[name] = found
        else:
            _refuse_or_log(name, f"{data} holds too little for it", is_named=only is not None)
    return tasks


def ask(system: System, tasks: Tasks, on_set: OnSet = lambda _name: None) -> list[Figure]:
    """Ask a system every question that it can answer."""
    figures: list[Figure] = []
    for name, questions in tasks.items():
        on_set(name)
        for task in questions:
            if system.translates or not task.needs_translation:
                figures += task.figures(system)
    return figures


def _refuse_or_log(name: str, reason: str, *, is_named: bool) -> None:
    if is_named:
        raise UsageError(f"development set {name} cannot be measured: {reason}")
    log.warning("development set %s is not measured: %s", name, reason)
