"""Train the embedded model: `python scripts/train_model.py --recipe models/fast/recipe.toml DATA`."""

import argparse
import logging
from pathlib import Path

from recommender.training.recipe import Recipe
from recommender.training.run import run


def main() -> None:
    """Read the arguments and train."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help="folder with papers/, parallel/, lexicon/ and dev/")
    parser.add_argument("--recipe", type=Path, required=True, help="TOML file that decides the run")
    parser.add_argument("--output", type=Path, help="model folder (default: the recipe's folder)")
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    recipe = Recipe.read(arguments.recipe)
    run(recipe, arguments.data, arguments.output or arguments.recipe.parent)


if __name__ == "__main__":
    main()
