from dataclasses import replace

import pytest

from recommender.settings import bundled
from recommender.training.grafting.account import account_of
from recommender.training.grafting.recipe import GraftRecipe

RECIPES = sorted(bundled("models", "quality").glob("*.toml"))


def test_the_runs_of_a_model_that_took_several_are_told(toy):
    alone = account_of(toy, 12, 6)
    assert alone.command.endswith("--recipe models/toy/recipe.toml DATA --english FOLDER")
    assert "EARLIER" not in alone.how
    last = account_of(replace(toy, start="before"), 12, 6)
    assert last.command.endswith("models/toy/recipe.toml DATA --english FOLDER --start EARLIER")
    assert "EARLIER is what `before.toml` of this folder made" in last.how


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.stem)
def test_the_bundled_recipes_can_be_read_and_name_each_other(path):
    recipe = GraftRecipe.read(path)
    assert recipe.name == "quality"
    assert not recipe.start or path.with_name(f"{recipe.start}.toml") in RECIPES
