"""`recommend train`: from a library to a model that a rebuild takes by its name."""

import json
import random
from dataclasses import replace

import numpy as np
import pytest
from safetensors.numpy import save_file
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import WhitespaceSplit

from recommender.training.adaptation import RECIPE
from recommender.training.recipe import Recipe

STATIC = "sentence_transformers.sentence_transformer.modules.static_embedding.StaticEmbedding"
TOPICS = {topic: [f"t{topic}word{number}" for number in range(30)] for topic in range(6)}


@pytest.fixture
def library(write):
    """A file of papers on six topics, each with words of its own."""
    chance = random.Random(3)
    return write(
        [
            {
                "id": f"p{number:03}",
                "title": " ".join(chance.choices(TOPICS[number % 6], k=4)),
                "abstract": " , ".join(" ".join(chance.choices(TOPICS[number % 6], k=5)) for _ in range(6)),
                "subject": f"topic {number % 6}",
                "language": "en",
            }
            for number in range(260)
        ],
        "library.jsonl",
    )


@pytest.fixture
def base(tmp_path):
    """A small static model to which every word is as strange as any other."""
    folder = tmp_path / "base"
    folder.mkdir()
    (folder / "modules.json").write_text(json.dumps([{"idx": 0, "name": "0", "path": "", "type": STATIC}]))
    words = ["[UNK]", ",", *(word for own in TOPICS.values() for word in own)]
    tokenizer = Tokenizer(WordLevel({word: n for n, word in enumerate(words)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = WhitespaceSplit()
    tokenizer.save(str(folder / "tokenizer.json"))
    table = np.random.default_rng(0).normal(0, 1, (len(words), 16)).astype(np.float16)
    save_file({"embedding.weight": table}, folder / "model.safetensors")
    return folder


@pytest.fixture
def quick(tmp_path):
    """A file with the recipe that ships, in a hurry."""
    shipped = Recipe.read(RECIPE)
    path = tmp_path / "quick.toml"
    hurried = replace(shipped, learning_rate=0.05, streams=(replace(shipped.streams[0], batch=64),))
    path.write_text(hurried.to_toml(), encoding="utf-8")
    return path


@pytest.fixture
def trained(call, library, base, quick):
    """A home whose library has trained the model `ours`; call it again with other options."""
    assert call("import", library).code == 0

    def train(*options):
        return call("train", "--model", base, "--recipe", quick, *options)

    train.call = call
    train.answer = train("--name", "ours")
    return train


def test_the_model_is_measured_installed_and_used_by_its_name(trained, home):
    answer = trained.answer
    assert answer.code == 0, answer.err
    assert "same subject: P@10" in answer.out
    assert "sample, same topic" in answer.out
    assert "learnt from 204 papers; 56 others were asked about" in answer.err
    assert "en: 612 pairs" in answer.err
    assert "use it with: recommend rebuild --model ours" in answer.err
    assert trained.call("rebuild", "--model", "ours").code == 0
    assert "ours" in trained.call("builds").out
    asked = trained.call("t3word1", "t3word2", "--k", "10", "--json")
    assert {int(result["id"][1:]) % 6 for result in json.loads(asked.out)["results"]} == {3}
    (home / "models" / "ours").rename(home.parent / "ours")
    assert trained.call("t3word1").code == 2  # the build names a model that is gone
    assert trained.call("--id", "p003").code == 0


def test_json_tells_all(trained):
    answer = trained("--name", "again", "--json")
    report = json.loads(answer.out)
    assert (report["installed"], report["n_learnt"], report["n_held_out"]) == (True, 204, 56)
    assert report["target"].endswith("models/again")
    measure = report["measures"][0]
    assert {"name", "n", "before", "after", "difference", "is_guard"} == measure.keys()
    assert report["tallies"][0] == {"name": "en/halves/1", "kept": 204, "refused": {}}


def test_a_worse_model_is_refused_with_exit_code_5_and_its_figures_are_shown(
    trained, home, quick, monkeypatch
):
    def astray(_streams, start, *_):
        return np.random.default_rng(1).normal(0, 1, start.shape).astype(np.float32)

    monkeypatch.setattr("recommender.training.adaptation.train", astray)
    answer = trained.call("train", "--model", "ours", "--recipe", quick, "--name", "worse")
    assert answer.code == 5
    assert "the adapted model is refused: " in answer.err
    assert "ours stays" in answer.err
    assert "same subject: P@10" in answer.out
    assert not (home / "models" / "worse").exists()


def test_without_a_name_a_model_is_called_by_the_time(trained, home):
    assert trained().code == 0
    names = {path.name for path in (home / "models").iterdir() if not path.name.startswith(".")}
    (new,) = names - {"ours"}
    assert new.startswith("adapted-20")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("ours", "ours exists; a model is never replaced"),
        ("fast", "fast is the name of a bundled model"),
        ("a/b", "a model's name is one word without slashes"),
        ("..", "a model's name is one word without slashes"),
        ("my model", "a model's name is one word without slashes"),
    ],
)
def test_a_name_that_cannot_be_used_is_refused(trained, name, said):
    answer = trained("--name", name)
    assert (answer.code, said in answer.err) == (2, True)


def test_without_a_library_it_is_said_what_to_do(call):
    answer = call("train")
    assert answer.code == 4
    assert "there is no library" in answer.err


def test_few_papers_are_refused(built):
    answer = built("train")
    assert answer.code == 2
    assert "the library has 4 papers with texts of their own; 200 are the fewest" in answer.err


def test_a_broken_recipe_is_refused(trained, quick):
    quick.write_text("seed = 1", encoding="utf-8")
    answer = trained("--name", "again")
    assert answer.code == 2
    assert "quick.toml: the recipe lacks dims, learning_rate" in answer.err


def test_an_unknown_model_names_those_that_were_trained_here(trained):
    answer = trained.call("rebuild", "--model", "hours")
    assert answer.code == 2
    assert "trained here (ours)" in answer.err
