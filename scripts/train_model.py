"""Train a model.

The bundled one: `python scripts/train_model.py --recipe models/fast/recipe.toml DATA`. A run that was
killed goes on where it was when it is started again with the same arguments.

A recipe of kind "graft" gives an English transformer (`--english`) the other languages of DATA.

One adapted to a library, as `recommend train` does: `python scripts/train_model.py --library library.db
--output models/ours`.
"""

import argparse
import json
import logging
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from recommender.embedding import find_model
from recommender.errors import GateError, RecommenderError, UsageError
from recommender.library import Library
from recommender.settings import DEFAULT_MODEL
from recommender.training import Recipe, adapt
from recommender.training.checkpoints import MINUTES_BETWEEN


def arguments_of(words: Sequence[str] | None) -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("data", type=Path, nargs="?", help="folder with papers/, parallel/, lexicon/ and dev/")
    add("--recipe", type=Path, help="TOML file that decides the run")
    add("--output", type=Path, help="model folder (default: the recipe's folder)")
    add("--work", type=Path, help="folder that keeps prepared data and checkpoints, also for other recipes")
    add("--minutes", type=float, default=MINUTES_BETWEEN, help="between two checkpoints (%(default)s)")
    add(
        "--english",
        help="folder or name of the model that teaches or is grafted on (default: the recipe's)",
    )
    add("--start", help="folder or name of the model that a run goes on from (default: the recipe's)")
    add("--device", default="cpu", help="where it learns, as PyTorch calls it (%(default)s)")
    add("--library", type=Path, help="library.db of the papers to adapt a model to")
    add("--model", default=DEFAULT_MODEL, help="static model to adapt (%(default)s)")
    return parser.parse_args(words)


def main(words: Sequence[str] | None = None) -> int:
    """Train; return 0, or the exit code of what went wrong."""
    arguments = arguments_of(words)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    try:
        if arguments.library:
            adapt_to_library(arguments)
        else:
            train_on_data(arguments)
    except RecommenderError as problem:
        print(f"error: {problem}", file=sys.stderr)
        return problem.exit_code
    return 0


def train_on_data(arguments: argparse.Namespace) -> None:
    """Train on a data folder."""
    # They need the extra `train`.
    from recommender.training.execution import Execution
    from recommender.training.grafting import run as grafting
    from recommender.training.grafting.recipe import GraftRecipe, is_graft
    from recommender.training.run import StepLog, run

    if not arguments.data or not arguments.recipe:
        raise UsageError("give DATA and --recipe, or --library and --output")
    folder = arguments.output or arguments.recipe.parent
    execution = Execution(arguments.work, arguments.minutes, arguments.device)
    if is_graft(arguments.recipe):
        graft = GraftRecipe.read(arguments.recipe)
        if arguments.start and graft.start:
            graft = replace(graft, start=arguments.start)
        english = find_model(arguments.english or graft.english, allow_download=False)
        grafting.run(graft, arguments.data, english, folder, StepLog(), execution)
        return
    recipe = Recipe.read(arguments.recipe)
    if arguments.start and recipe.start:
        recipe = replace(recipe, start=arguments.start)
    teacher = (
        find_model(arguments.english, allow_download=False) if arguments.english and recipe.teacher else None
    )
    run(recipe, arguments.data, folder, teacher=teacher, execution=execution)


def adapt_to_library(arguments: argparse.Namespace) -> None:
    """Adapt a model to a library, and print the report as JSON."""
    if arguments.data or not arguments.output:
        raise UsageError("--library needs --output, and no data folder")
    with Library.open_read_only(arguments.library) as library:
        papers = [*library.papers()]
    recipe = Recipe.read(arguments.recipe) if arguments.recipe else None
    start = find_model(arguments.model, allow_download=False)
    report = adapt(papers, start, arguments.output, recipe=recipe)
    print(json.dumps(report.to_dict(), ensure_ascii=False, indent=1))
    if not report.installed:
        raise GateError(f"the adapted model is refused: {'; '.join(report.objections)}")


if __name__ == "__main__":
    sys.exit(main())
