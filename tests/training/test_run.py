"""The whole run on a data folder of a few lines: from files to a model folder with its card."""

import logging
import signal
import subprocess
import sys
import time
from dataclasses import replace

import numpy as np
import pytest

from recommender.embedding import open_embedder
from recommender.embedding.static import StaticEmbedder
from recommender.errors import ModelError, RecipeError, UsageError
from recommender.settings import PACKAGE
from recommender.training.first_vectors import starting_vectors
from recommender.training.preparation import LATER, prepare, program_digests
from recommender.training.recipe import Likeness
from recommender.training.run import LEARNING, StepLog, learn, run, run_identity
from recommender.training.token_vectors import StaticModel

SCRIPT = PACKAGE.parent / "scripts" / "train_model.py"


@pytest.mark.model
def test_a_run_makes_a_model_that_knows_translations_and_a_card(data_recipe, data, notions, tmp_path):
    run(data_recipe, data, tmp_path / "model")
    embedder = open_embedder(str(tmp_path / "model"))
    english, chinese, spanish = (
        embedder.encode([notion[column] for notion in notions]) for column in range(3)
    )
    for other in (chinese, spanish):
        assert (english @ other.T).argmax(axis=1).tolist() == [*range(6)]
    np.testing.assert_allclose(*embedder.encode(["太阳", "太陽"]), atol=1e-6)
    card = (tmp_path / "model" / "README.md").read_text(encoding="utf-8")
    assert "| Tatoeba es→en R@1 | 6 | 100.0" in card
    assert "| zh | 121 | 0 (0.0%) |" in card
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data", "model"]  # nothing is left behind


@pytest.mark.model
def test_a_run_that_is_killed_and_started_again_ends_with_the_same_weights(data_recipe, data, tmp_path):
    run(data_recipe, data, tmp_path / "whole")
    (tmp_path / "recipe.toml").write_text(data_recipe.to_toml(), encoding="utf-8")
    command = [sys.executable, SCRIPT, data, "--recipe", tmp_path / "recipe.toml", "--minutes", "0"]
    command += ["--output", tmp_path / "killed", "--work", tmp_path / "work"]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    while process.poll() is None and not list((tmp_path / "work").glob("state-*")):
        time.sleep(0.02)
    process.kill()
    assert process.wait() == -signal.SIGKILL
    again = subprocess.run(command, capture_output=True, text=True, check=True).stderr
    assert "the data were prepared before" in again
    assert "going on from the checkpoint" in again
    whole, killed = (tmp_path / name / "model.safetensors" for name in ("whole", "killed"))
    assert whole.read_bytes() == killed.read_bytes()
    assert (tmp_path / "whole" / "tokenizer.json").read_bytes() == (
        tmp_path / "killed" / "tokenizer.json"
    ).read_bytes()
    assert [path.name.partition("-")[0] for path in sorted((tmp_path / "work").iterdir())] == [
        "lock",
        "prepared",
    ]


def test_every_change_of_recipe_data_or_teacher_is_another_run(data_recipe, data, write_data, static_model):
    seen = {run_identity(data_recipe, data, None)}
    for change in ({"seed": 8}, {"learning_rate": 0.1}, {"near": 0.1}, {"streams": data_recipe.streams[:2]}):
        seen.add(run_identity(replace(data_recipe, **change), data, None))
    write_data("parallel/news", [{"src": "cat", "tgt": "gato", "src_lang": "en", "tgt_lang": "es"}])
    seen.add(run_identity(data_recipe, data, None))
    seen.add(run_identity(data_recipe, data, static_model()))
    assert len(seen) == 7
    assert run_identity(data_recipe, data, None) in seen


def test_a_starting_model_must_be_as_large_as_the_recipe_wants(data_recipe, data, static_model, tmp_path):
    prepared = prepare(data_recipe, data, tmp_path / "work")
    with pytest.raises(RecipeError, match="has 8 dimensions, the recipe wants 16"):
        learn(replace(data_recipe, start=str(static_model())), prepared, teacher=None, checkpoint=None)


def test_a_token_of_the_starting_model_begins_with_its_vector(data_recipe, data, static_model, tmp_path):
    prepared = prepare(data_recipe, data, tmp_path / "work")
    recipe = replace(data_recipe, start=str(static_model(["cat", "字"], dim=20)), learning_rate=1e-9)
    table = learn(recipe, prepared, teacher=None, checkpoint=None)
    row = prepared.tokenizer.token_to_id("cat")
    assert table[row].tolist() == pytest.approx([1.0] * 16, abs=1e-6)
    assert np.abs(table).max(axis=1)[row - 1] < 1


def test_a_teacher_gives_words_their_beginning_and_says_which_texts_are_alike(
    data_recipe, data, static_model, tmp_path, caplog
):
    english = ["cat", "dog", "sun", "moon", "rain", "tree"]
    teacher = StaticEmbedder(static_model(english, np.eye(7, 16)))
    taught = replace(data_recipe, dims=(4,), teacher="six words", taught=1.0, learning_rate=1e-9)
    prepared = prepare(taught, data, tmp_path / "work")
    table = learn(taught, prepared, teacher, checkpoint=None)
    rows = [prepared.tokenizer.token_to_id(word) for word in english]
    assert np.linalg.norm(table[rows], axis=1) == pytest.approx([0.1 * 4**0.5] * 6, rel=1e-3)
    with caplog.at_level(logging.INFO):
        alike = replace(taught, likeness=(Likeness(stream="en/title-abstract", texts=9, batch=4),))
        learn(alike, prepare(alike, data, tmp_path / "work"), teacher, checkpoint=None)
    assert "the teacher read 9 texts" in caplog.text


def test_the_result_is_the_mean_with_the_start_by_its_share(data_recipe, data, static_model, tmp_path):
    start = static_model(["cat", "dog"], 3 * np.eye(3, 16))
    recipe = replace(data_recipe, dims=(16,), start=str(start), keep_tokens=True)
    prepared = prepare(recipe, data, tmp_path / "work")
    began = starting_vectors(prepared.tokenizer, recipe, StaticModel.read(start).by_token())
    alone = learn(recipe, prepared, teacher=None, checkpoint=None)
    mean = learn(replace(recipe, averaged=0.25), prepared, teacher=None, checkpoint=None)
    assert np.abs(alone - began).max() > 0.01
    np.testing.assert_allclose(mean, 0.25 * began + 0.75 * alone, atol=1e-6)


def test_a_teacher_that_is_not_asked_for_words_leaves_their_beginning_as_it_is(
    data_recipe, data, static_model, tmp_path
):
    teacher = StaticEmbedder(static_model(["cat", "dog", "sun"], np.eye(4, 16)))
    untaught = replace(data_recipe, teacher="three words", taught=0.0, learning_rate=1e-9)
    prepared = prepare(untaught, data, tmp_path / "work")
    with_it, without = (learn(untaught, prepared, model, checkpoint=None) for model in (teacher, None))
    np.testing.assert_array_equal(with_it, without)


def test_a_teacher_that_is_not_there_is_said_and_not_done_without(data_recipe, data, tmp_path):
    with pytest.raises(ModelError, match="nobody"):
        run(replace(data_recipe, teacher=str(tmp_path / "nobody")), data, tmp_path / "model")


def test_every_module_that_only_learns_decides_the_run():
    elsewhere = {
        "__init__",
        "adaptation",
        "adaptation_report",
        "card",
        "comparison",
        "library_pairs",
        "memory",
        "recipe",
        "sums",
    }
    learning = LATER - elsewhere - {"execution", "run", "tally", "toml"}
    assert learning <= {*LEARNING} <= LATER | program_digests().keys()


def test_a_folder_without_data_is_said(recipe, tmp_path):
    (tmp_path / "data").mkdir()
    with pytest.raises(UsageError, match=r"there is no training data in .*data: expected papers/"):
        run(recipe, tmp_path / "data", tmp_path / "model")


def test_progress_tells_the_rate_and_the_remaining_time_of_this_process(caplog):
    now = [0.0]
    log = StepLog(clock=lambda: now[0])
    with caplog.at_level(logging.INFO):
        for step, seconds in ((41, 0.0), (42, 1.0), (71, 30.0), (72, 31.0), (100, 60.0)):
            now[0] = seconds
            log(step, 100, "word/de", 0.25)
    said = [record.message for record in caplog.records]
    assert said == [
        "step 71 of 100, word/de, loss 0.250, 1.00 steps/s, 0.5 min to go",
        "step 100 of 100, word/de, loss 0.250, 0.98 steps/s, 0.0 min to go",
    ]
