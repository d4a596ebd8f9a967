import logging
import os
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from tokenizers import Tokenizer

from recommender.errors import RecipeError, UsageError
from recommender.training.preparation import LATER, prepare, prepared_identity, program_digests, read_clean
from recommender.training.recipe import Likeness

MODULES = {
    "checks",
    "normalisation",
    "pairs",
    "preparation",
    "sources",
    "stream_names",
    "tokenised",
    "vocabulary",
}


@pytest.fixture
def work(tmp_path):
    return tmp_path / "work"


def assert_same(one, other):
    assert one.tokenizer.to_str() == other.tokenizer.to_str()
    assert one.tallies == other.tallies
    assert one.streams.keys() == other.streams.keys()
    for name, pairs in one.streams.items():
        for side in ("left", "right"):
            np.testing.assert_array_equal(getattr(pairs, side).ids, getattr(other.streams[name], side).ids)
        np.testing.assert_array_equal(pairs.left_text, other.streams[name].left_text)


def test_what_was_prepared_once_is_found_again(data_recipe, data, work, caplog):
    first = prepare(data_recipe, data, work)
    with caplog.at_level(logging.INFO):
        assert_same(prepare(data_recipe, data, work), first)
    assert [record.message.partition(":")[0] for record in caplog.records] == [
        "the data were prepared before"
    ]


def test_another_process_prepares_the_same(data_recipe, data, work, tmp_path):
    (tmp_path / "recipe.toml").write_text(data_recipe.to_toml(), encoding="utf-8")
    program = (
        "import sys; from pathlib import Path; from recommender.training.recipe import Recipe;"
        "from recommender.training.preparation import prepare;"
        "prepare(Recipe.read(Path(sys.argv[1])), Path(sys.argv[2]), Path(sys.argv[3]))"
    )
    arguments = [sys.executable, "-c", program, tmp_path / "recipe.toml", data, tmp_path / "elsewhere"]
    for seed in ("1", "2"):  # of the hashes of strings, which order sets
        subprocess.run(arguments, env=os.environ | {"PYTHONHASHSEED": seed}, check=True)
        assert_same(prepare(data_recipe, data, tmp_path / "elsewhere"), prepare(data_recipe, data, work))
        arguments[-1] = tmp_path / "elsewhere too"


def test_a_folder_that_was_left_half_made_is_made_anew(data_recipe, data, work):
    run = prepared_identity(data_recipe, data)
    (work / f".prepared-{run}.partial").mkdir(parents=True)
    (work / f".prepared-{run}.partial" / "rubbish").write_text("x")
    prepare(data_recipe, data, work)
    (home,) = work.iterdir()
    assert home.name == f"prepared-{run}"
    assert not (home / "rubbish").exists()


def test_another_rate_needs_no_preparation_but_other_tokens_or_data_do(data_recipe, data, write_data):
    run = prepared_identity(data_recipe, data)
    assert prepared_identity(replace(data_recipe, learning_rate=0.1, temperature=0.2), data) == run
    others = [{"max_tokens": 5}, {"seed": 8}, {"left_out": ("news",)}, {"streams": data_recipe.streams[:1]}]
    seen = {prepared_identity(replace(data_recipe, **other), data) for other in others}
    write_data("dev/more", [{"text": "a sentence that is not to be learnt"}])
    seen.add(prepared_identity(data_recipe, data))
    assert len(seen | {run}) == 6


def test_every_module_that_reads_or_tokenises_counts():
    assert program_digests().keys() >= MODULES
    assert not program_digests().keys() & LATER


def test_only_what_the_recipe_uses_is_tokenised(data_recipe, data, work):
    prepared = prepare(replace(data_recipe, streams=data_recipe.streams[:1]), data, work)
    assert {name.partition("/")[0] for name in prepared.streams} == {"zh", "zh-en"}
    assert [tally.name for tally in prepared.tallies] == [*prepared.streams]


def test_the_texts_for_the_teacher_are_those_of_one_side_each_once(data_recipe, data, work):
    titles = {*read_clean(data, data_recipe)[0]["en/title-abstract"].left}
    abstracts = {*read_clean(data, data_recipe)[0]["en/title-abstract"].right}
    few = Likeness(stream="en/title-abstract", texts=5)
    all_of_them = Likeness(stream="en/title-abstract", side="right", texts=10**6)
    taught = replace(data_recipe, teacher="one", likeness=(few, all_of_them))
    chosen = prepare(taught, data, work).for_teacher
    assert (len(chosen[few.name]), {*chosen[few.name]} - titles) == (5, set())
    assert sorted(chosen[all_of_them.name]) == sorted(abstracts)
    assert prepare(data_recipe, data, work).for_teacher == {}
    absent = replace(data_recipe, teacher="one", likeness=(Likeness(texts=5, stream="xx/title"),))
    with pytest.raises(RecipeError, match="likeness: the data have no stream 'xx/title'"):
        prepare(absent, data, work)


def test_the_teacher_reads_both_sides_of_pairs(data_recipe, data, work):
    pairs = read_clean(data, data_recipe)[0]["en/title-abstract"]
    together = {*zip(pairs.left, pairs.right, strict=True)}
    both = Likeness(stream="en/title-abstract", side="both", texts=6)
    chosen = prepare(replace(data_recipe, teacher="one", likeness=(both,)), data, work).for_teacher[both.name]
    assert len(chosen) == len({*chosen}) == 6
    assert {*zip(chosen[::2], chosen[1::2], strict=True)} <= together


def test_the_tokens_of_the_start_are_kept_and_are_part_of_what_names_the_preparation(
    data_recipe, data, work, static_model
):
    model = static_model()
    kept = replace(data_recipe, start=str(model), keep_tokens=True)
    prepared = prepare(kept, data, work)
    assert prepared.tokenizer.to_str() == Tokenizer.from_file(str(model / "tokenizer.json")).to_str()
    assert prepared.streams.keys() == prepare(data_recipe, data, work).streams.keys()
    other = static_model(["other"], name="other")
    assert prepared_identity(kept, data) != prepared_identity(replace(kept, start=str(other)), data)


def test_bad_data_are_counted_by_stream_and_reason(data_recipe, data, write_data):
    write_data(
        "parallel/mixed",
        [
            {"src": one, "tgt": other, "src_lang": "en", "tgt_lang": "ja"}
            for one, other in (("cat", "猫"), ("cat", "猫"), ("dog", "собака"), ("sun", ""), ("moon", "Moon"))
        ],
    )
    recipe = replace(data_recipe, streams=tuple(replace(s, max_refused=0.9) for s in data_recipe.streams))
    (tally,) = [tally for tally in read_clean(data, recipe)[1] if tally.name == "term/ja"]
    assert tally.kept == 1
    assert tally.refused == {
        "said before": 1,
        "wrong language": 1,
        "empty side": 1,
        "both sides alike": 1,
    }
    with pytest.raises(UsageError, match=r"too many pairs are bad: term/ja 80%"):
        read_clean(data, data_recipe)


def test_a_text_of_a_development_set_is_a_leak(data_recipe, data, write_data):
    write_data("dev/leak", [{"text": "the very same sentence"}])
    write_data(
        "parallel/leak",
        [
            {"src": source, "tgt": "нечто иное", "src_lang": "en", "tgt_lang": "ru"}
            for source in ("The very same  sentence", "another sentence", "a third sentence")
        ],
    )
    (tally,) = [tally for tally in read_clean(data, data_recipe)[1] if tally.name == "term/ru"]
    assert (tally.kept, tally.refused) == (2, {"in an evaluation set": 1})
