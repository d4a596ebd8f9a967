import tomllib
from dataclasses import replace
from pathlib import Path

import pytest

from recommender.errors import RecipeError
from recommender.settings import bundled
from recommender.training.adaptation import RECIPE
from recommender.training.recipe import Recipe, Stream, VocabularySizes

ALIKE = "{ stream = 'zh/x', texts = 9 }"
TEXT = """
name = "x"
seed = 1
dims = [8, 4]
temperature = 0.05
spread = 0.1
learning_rate = 0.1
warmup = 0
max_tokens = 10
streams = [{family = "word/", batch = 2, passes = 1.0}, {family = "word/zh", batch = 4, passes = 2}]
[vocabulary]
han_words = 5
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


def test_what_is_not_said_has_its_default(tmp_path):
    recipe = Recipe.read(write(tmp_path, TEXT))
    assert (recipe.vocabulary.han_words, recipe.vocabulary.english_words) == (5, 40_000)
    assert (recipe.anchor, recipe.start, recipe.left_out) == (0.0, "", ())
    assert recipe.streams[0] == Stream(family="word/", batch=2, passes=1.0, weight=1.0, max_refused=0.5)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("seed = 1", "sead = 1", r"unknown fields \['sead'\]; known are name, seed, dims"),
        ("seed = 1", "", "the recipe lacks seed"),
        ("seed = 1", "seed =", "Invalid value"),
        ("seed = 1", 'seed = "1"', "seed must be int, got '1'"),
        ("seed = 1", "seed = true", "seed must be int, got True"),
        ("seed = 1", "seed = 1.5", "seed must be int, got 1.5"),
        ("[8, 4]", "[4, 8]", "dims must fall"),
        ("[8, 4]", "8", "dims must be"),
        ("[8, 4]", '["8"]', "dims must be int, got '8'"),
        ("[{family", "[{famly", r"streams has the unknown fields \['famly'\]"),
        ("han_words = 5", "han_word = 5", r"vocabulary has the unknown fields \['han_word'\]"),
        ("batch = 2", "batch = 1", "stream 'word/': batch must be 2 or more"),
        ("han_words = 5", "words = { de = 1 }", 'words and pieces need "other"'),
        ("han_words = 5", "words = { other = 1.5 }", "words.other must be int, got 1.5"),
        ("batch = 2", "batch = 2, begin = 0.5, end = 0.5", "'word/': begin must be 0 or more and below end"),
        ("seed = 1", f"seed = 1\nlikeness = [{ALIKE}]", "likeness needs a teacher"),
        (
            "seed = 1",
            f'seed = 1\nteacher = "x"\nlikeness = [{ALIKE}, {ALIKE}]',
            "one side of a stream .* twice",
        ),
        (
            "seed = 1",
            "seed = 1\nlikeness = [{ stream = 'zh/x', texts = 9, batch = 1 }]",
            "of zh/x, left: batch must",
        ),
        ("seed = 1", "seed = 1\nlikeness = [{ stream = 'zh/x', texts = 1 }]", "texts 2 or more"),
        (
            "seed = 1",
            "seed = 1\nlikeness = [{ stream = 'x', texts = 9, side = 'up' }]",
            "left, right or both",
        ),
        ("seed = 1", "seed = 1\nkeep_tokens = true", "keep_tokens and averaged need a start"),
        ("seed = 1", "seed = 1\naveraged = 0.5", "keep_tokens and averaged need a start"),
        ("seed = 1", "seed = 1\nstart = 'x'\naveraged = 1.0", "averaged is a share"),
        ("temperature = 0.05", "temperature = 0.01", "temperature must be above 0.012"),
        ("warmup = 0", "warmup = 1.0", "near, warmup and taught are shares"),
        ("learning_rate = 0.1", "learning_rate = 0", "learning_rate and max_tokens must be above 0"),
    ],
)
def test_a_broken_recipe_is_refused_with_file_and_reason(tmp_path, old, new, said):
    with pytest.raises(RecipeError, match=rf"recipe\.toml: .*{said}"):
        Recipe.read(write(tmp_path, TEXT.replace(old, new)))


def test_a_recipe_that_was_written_reads_as_it_was(tmp_path, recipe):
    sizes = VocabularySizes(words={"other": 3, "zh": 0})
    changed = replace(
        recipe, vocabulary=sizes, start='models/"fast"', left_out=("a", "b\\c", "字"), learning_rate=1e-7
    )
    assert Recipe.read(write(tmp_path, changed.to_toml())) == changed
    assert {"weight", "max_refused"} <= tomllib.loads(changed.to_toml())["streams"][0].keys()


@pytest.mark.parametrize("path", [RECIPE, bundled("models", "fast", "recipe.toml")], ids=str)
def test_the_recipes_that_ship_read(path):
    assert Recipe.read(path).dim == 256


def test_a_language_that_is_not_named_has_as_many_tokens_as_the_others():
    sizes = VocabularySizes(words={"other": 3, "ko": 0}, pieces={"other": 2, "de": 9})
    assert [(sizes.words_of(code), sizes.pieces_of(code)) for code in ("ko", "de", "tr")] == [
        (0, 2),
        (3, 9),
        (3, 2),
    ]
