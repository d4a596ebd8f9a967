from pathlib import Path

import pytest

from recommender.errors import RecipeError
from recommender.settings import bundled
from recommender.training.recipe import Recipe

TEXT = """
name = "x"
seed = 1
dims = [8, 4]
temperature = 0.05
spread = 0.1
learning_rate = 0.1
warmup = 0.1
max_tokens = 10
left_out = []
streams = [{family = "word/", batch = 2, passes = 1.0}, {family = "word/zh", batch = 4, passes = 2.0}]
"""


def write(tmp_path, text) -> Path:
    path = tmp_path / "recipe.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_longest_family_decides(tmp_path):
    recipe = Recipe.read(write(tmp_path, TEXT))
    assert recipe.stream_of("word/zh").batch == 4
    assert recipe.stream_of("word/de").batch == 2
    assert recipe.stream_of("en/halves") is None


@pytest.mark.parametrize(
    ("old", "new"),
    [("seed = 1", "sead = 1"), ("[8, 4]", "[4, 8]"), ("seed = 1", "seed ="), ("[{family", "[{famly")],
)
def test_a_broken_recipe_is_refused(tmp_path, old, new):
    with pytest.raises(RecipeError):
        Recipe.read(write(tmp_path, TEXT.replace(old, new)))


def test_the_recipe_of_the_bundled_model_reads():
    assert Recipe.read(bundled("models", "fast", "recipe.toml")).dim == 256
