"""Models side by side on the development sets: `python scripts/evaluate_models.py DATA fast NAME=FOLDER`.

The table goes to standard output, progress to standard error. Where a model is slow, `--cache FOLDER`
keeps its vectors for the next run, and for this one if it is interrupted.
"""

import argparse
import json
import logging
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

from recommender.embedding import EmbeddingCache, open_embedder
from recommender.errors import RecommenderError, UsageError
from recommender.ranking import FUSED
from recommender.sample import known_pairs
from recommender.training.development import SETS, Figure, ask, read_tasks, table_as_markdown
from recommender.training.development.fused import WORDS, FusedSystem
from recommender.training.development.goals import GOALS
from recommender.training.development.legs import legs_as_markdown, over_better_leg
from recommender.training.development.lexical import Bm25, CharacterTfidf
from recommender.training.development.remembering import RememberingEmbedder
from recommender.training.development.systems import EmbeddingSystem, Reranked, System

BASELINES: Mapping[str, Callable[[], System]] = {"TF-IDF": CharacterTfidf, "BM25": Bm25}
SECONDS_BETWEEN_REPORTS = 5.0


@dataclass(frozen=True, slots=True)
class Column:
    """A system of the table, which model it is, and of which other columns it is put together."""

    system: System
    about: dict[str, Any]
    legs: tuple[str, ...] = ()


class Progress:
    """Says now and then how many texts are embedded."""

    def __init__(self) -> None:
        self._said = time.monotonic()

    def __call__(self, done: int, total: int) -> None:
        if time.monotonic() - self._said > SECONDS_BETWEEN_REPORTS:
            self._said = time.monotonic()
            report(f"  {done:,} of {total:,} texts embedded")


def arguments_of(words: Sequence[str] | None) -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("data", type=Path, help="folder with dev/, papers/ and parallel/")
    add("models", nargs="+", help="bundled names or model folders, each as MODEL or NAME=MODEL")
    add("--only", nargs="+", metavar="SET", help=f"sets to measure: {', '.join(SETS)}")
    add("--dims", type=dimensions, default=[], help="beside all dimensions the first ones: 128,64")
    add("--rerank", action="store_true", help="let the second model order the hundred best of the first")
    add(
        "--fused",
        action="store_true",
        help="beside each model its vectors and the words, as the product ranks",
    )
    add("--no-baselines", action="store_true", help="leave out TF-IDF and BM25")
    add("--goals", action="store_true", help="show what a line should reach")
    add("--device", default="cpu", help="where transformers compute, as PyTorch calls it (%(default)s)")
    add("--cache", type=Path, help="folder that keeps the models' vectors")
    add("--json", type=Path, help="file for the figures in full")
    return parser.parse_args(words)


def dimensions(text: str) -> list[int]:
    """Read numbers of dimensions, parted by commas."""
    numbers = [int(part) for part in text.split(",")]
    if min(numbers) < 1:
        raise ValueError(f"a vector has at least one dimension, got {text}")
    return numbers


def main(words: Sequence[str] | None = None) -> int:
    """Measure and print; return 0, or the exit code of what went wrong."""
    arguments = arguments_of(words)
    logging.basicConfig(level=logging.WARNING, format="%(message)s", stream=sys.stderr)
    try:
        run(arguments)
    except RecommenderError as problem:
        report(f"error: {problem}")
        return problem.exit_code
    return 0


def run(arguments: argparse.Namespace) -> None:
    """Measure every column, print the table, and write the file."""
    if arguments.json and not arguments.json.resolve().parent.is_dir():
        raise UsageError(f"there is no folder for {arguments.json}; make it first")  # not after an hour
    with ExitStack() as stack:
        columns = columns_of(arguments, stack)
        tasks = read_tasks(arguments.data, arguments.only)
        table: dict[str, list[Figure]] = {}
        for name, column in columns.items():
            started = time.monotonic()
            table[name] = ask(column.system, tasks, partial(report_set, name))
            report(f"{name}: done in {time.monotonic() - started:.0f} s")
    print(table_as_markdown(table, GOALS if arguments.goals else None), end="")
    for fused, column in columns.items():
        if column.legs:
            compared = over_better_leg(table, fused, column.legs)
            print(f"\n{fused}, against its better leg:\n\n{legs_as_markdown(compared)}", end="")
    if arguments.json:
        document = {name: columns[name].about | {"figures": as_json(table[name])} for name in table}
        text = json.dumps(document, ensure_ascii=False, indent=1)
        arguments.json.write_text(f"{text}\n", encoding="utf-8")


def columns_of(arguments: argparse.Namespace, stack: ExitStack) -> dict[str, Column]:
    """Open every model; each is a column, and so are its first dimensions and the baselines."""
    columns: dict[str, Column] = {}
    models: list[tuple[str, System]] = []  # in full, without those of fewer dimensions
    for argument in arguments.models:
        first, equals, rest = argument.partition("=")
        model = rest if equals else first
        name = first if equals else Path(model).name
        if name in columns or name in BASELINES or (arguments.fused and name == WORDS.name):
            raise UsageError(f"two columns are called {name!r}; name one of them: NAME={model}")
        columns |= columns_of_model(name, model, arguments, stack)
        models.append((name, columns[name].system))
    if arguments.rerank:
        columns |= reranked(models)
    if not arguments.no_baselines:
        columns |= {name: Column(baseline(), {}) for name, baseline in BASELINES.items()}
    return columns


def reranked(models: Sequence[tuple[str, System]]) -> dict[str, Column]:
    """Return the column of the first two models together."""
    if len(models) < 2:
        raise UsageError("--rerank needs two models")
    (first, candidates), (second, judge) = models[:2]
    about = {"candidates": first, "judge": second}
    return {f"{first}, then {second}": Column(Reranked(candidates, judge), about)}


def columns_of_model(
    name: str, model: str, arguments: argparse.Namespace, stack: ExitStack
) -> dict[str, Column]:
    """Open a model; all of its columns share the vectors that were read once."""
    embedder = open_embedder(model, device=arguments.device)
    cache = None
    if arguments.cache:
        own = EmbeddingCache(arguments.cache, fingerprint=embedder.fingerprint, dim=embedder.dim)
        cache = stack.enter_context(own)
    remembering = RememberingEmbedder(embedder, cache, Progress())
    smaller = {f"{name}@{dim}": dim for dim in arguments.dims if dim < embedder.dim}
    about = {"model": model, "fingerprint": embedder.fingerprint}
    columns = {
        column: Column(EmbeddingSystem(remembering, dim), about | {"dim": dim})
        for column, dim in {name: embedder.dim, **smaller}.items()
    }
    if arguments.fused:
        columns |= {WORDS.name: Column(FusedSystem(remembering, WORDS), {"ranking": WORDS.name})}
        columns[f"{name} + words"] = Column(
            FusedSystem(remembering, known=known_pairs()), about | {"ranking": FUSED.name}, (name, WORDS.name)
        )
    return columns


def as_json(figures: Sequence[Figure]) -> dict[str, Any]:
    """Return the figures by name, as shares of 1."""
    return {
        figure.name: {"n": figure.n, **asdict(figure.model), **({"note": figure.note} if figure.note else {})}
        for figure in figures
    }


def report_set(column: str, name: str) -> None:
    """Say which set a column is at."""
    report(f"{column}: {name}")


def report(line: str) -> None:
    """Say on standard error how it goes."""
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
