"""The script, from arguments to table and file, with a model of a few words."""

import importlib.util
import json
import lzma
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import WhitespaceSplit

SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "evaluate_models.py"
STATIC = "sentence_transformers.sentence_transformer.modules.static_embedding.StaticEmbedding"
WORDS = {"[UNK]": [0, 0, 1], "cat": [1, 0, 0], "Katze": [1, 0, 0], "dog": [0, 1, 0], "Hund": [0, 1, 0]}
PAIRS = [("Katze", "cat"), ("Hund", "dog")]


@pytest.fixture(scope="module")
def script():
    specification = importlib.util.spec_from_file_location("evaluate_models", SCRIPT)
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


@pytest.fixture
def data(tmp_path):
    folder = tmp_path / "data"
    (folder / "dev").mkdir(parents=True)
    rows = [{"src": src, "tgt": tgt, "src_lang": "de", "tgt_lang": "en"} for src, tgt in PAIRS]
    papers = [
        {"title": word, "abstract": f"{word} {word}", "keywords": [], "discipline": word}
        for word in ("cat", "dog")
    ]
    for name, records in {"tatoeba": rows, "csl": papers}.items():
        lines = "".join(json.dumps(record) + "\n" for record in records)
        (folder / "dev" / f"{name}.jsonl.xz").write_bytes(lzma.compress(lines.encode()))
    return folder


@pytest.fixture
def model(tmp_path):
    folder = tmp_path / "words"
    folder.mkdir()
    (folder / "modules.json").write_text(json.dumps([{"idx": 0, "name": "0", "path": "", "type": STATIC}]))
    tokenizer = Tokenizer(WordLevel({word: row for row, word in enumerate(WORDS)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = WhitespaceSplit()
    tokenizer.save(str(folder / "tokenizer.json"))
    save_file(
        {"embedding.weight": np.array([*WORDS.values()], dtype=np.float32)}, folder / "model.safetensors"
    )
    return folder


def test_models_and_baselines_stand_side_by_side(script, data, model, capsys):
    assert script.main([str(data), f"ours={model}", "--only", "csl", "tatoeba"]) == 0
    told = capsys.readouterr()
    table = told.out.splitlines()
    assert table[0] == "| development set | n | ours | TF-IDF | BM25 |"
    sure = "100.0 [100.0, 100.0]"
    assert f"| CSL: title→abstract R@1 | 2 | {sure} | {sure} | {sure} |" in table
    assert f"| Tatoeba de→en R@1 | 2 | {sure} | – | – |" in table
    assert "ours: tatoeba" in told.err
    assert "BM25: done" in told.err


def test_prefixes_are_columns_of_their_own_and_the_file_says_which_model_it_was(script, data, model, capsys):
    out = data.parent / "figures.json"
    arguments = [str(data), str(model), "--only", "tatoeba", "--no-baselines", "--goals"]
    assert script.main([*arguments, "--dims", "3,2,9", "--json", str(out)]) == 0
    assert capsys.readouterr().out.startswith("| development set | n | goal | words | words@2 |\n")
    found = json.loads(out.read_text(encoding="utf-8"))
    assert {name: column["dim"] for name, column in found.items()} == {"words": 3, "words@2": 2}
    assert found["words"]["model"] == str(model)
    worst = found["words@2"]["figures"]["Tatoeba, worst language → en R@1"]
    assert worst == {"n": 2, "mean": 1.0, "low": 1.0, "high": 1.0, "note": "de"}


def test_the_cache_keeps_vectors_by_model_and_changes_no_figure(script, data, model, capsys):
    cache = data.parent / "cache"
    arguments = [str(data), str(model), "--only", "tatoeba", "--no-baselines", "--cache", str(cache)]
    assert script.main(arguments) == 0
    first = capsys.readouterr().out
    assert [path.name for path in cache.glob("*/*.db")] == ["vectors.db"]
    assert script.main(arguments) == 0
    assert capsys.readouterr().out == first


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["{data}", "{model}", "--only", "clef"], "no development set 'clef'"),
        (["{data}", "{model}", "--only", "acl"], "acl_anthology.jsonl.xz is missing"),
        (["{data}", "{model}", "words={model}"], "two columns are called 'words'"),
        (["{data}", "BM25={model}"], "two columns are called 'BM25'"),
        (["{data}", "{model}/nowhere"], "there is no model folder"),
        (["{data}", "{model}", "--json", "{data}/no/x.json"], "there is no folder for"),
    ],
)
def test_what_cannot_be_done_is_one_sentence_and_an_exit_code(script, data, model, capsys, arguments, told):
    filled = [argument.format(data=data, model=model) for argument in arguments]
    assert script.main(filled) == 2
    error = capsys.readouterr().err
    assert error.startswith("error: ")
    assert told in error


@pytest.mark.parametrize("dims", ["many", "0"])
def test_dimensions_are_whole_numbers_above_zero(script, dims, capsys):
    with pytest.raises(SystemExit) as stopped:
        script.main(["data", "fast", "--dims", dims])
    assert stopped.value.code == 2
    assert "--dims" in capsys.readouterr().err


def test_the_second_model_orders_what_the_first_found(script, data, model, capsys, tmp_path):
    models = [f"ours={model}", f"again={model}"]
    assert script.main([str(data), *models, "--only", "csl", "--rerank", "--no-baselines"]) == 0
    line = next(line for line in capsys.readouterr().out.splitlines() if line.startswith("| development set"))
    assert line == "| development set | n | ours | again | ours, then again |"


def test_first_dimensions_are_no_second_model(script, data, model, capsys):
    options = ["--only", "csl", "--rerank", "--no-baselines", "--dims", "2"]
    assert script.main([str(data), f"ours={model}", *options]) == 2
    assert script.main([str(data), f"ours={model}", f"again={model}", *options]) == 0
    assert "| again@2 | ours, then again |" in capsys.readouterr().out


def test_one_model_alone_orders_nothing(script, data, model, capsys):
    assert script.main([str(data), f"ours={model}", "--only", "csl", "--rerank"]) == 2
    assert "--rerank needs two models" in capsys.readouterr().err


def test_both_legs_together_are_compared_with_the_better_one_query_by_query(script, data, model, capsys):
    fused = ["--only", "csl", "--no-baselines", "--fused"]
    assert script.main([str(data), f"ours={model}", *fused]) == 0
    table, compared = capsys.readouterr().out.split("\nours + words, against its better leg:\n\n")
    assert table.startswith("| development set | n | ours | words | ours + words |")
    assert "| CSL: title→abstract R@1 | ours | +0.00 [+0.00, +0.00] | 1.000 |" in compared
    assert script.main([str(data), f"words={model}", *fused]) == 2
    assert "two columns are called 'words'" in capsys.readouterr().err
