"""The benchmark of peers, at a size that takes seconds: what is asked and told, never how fast."""

import importlib.util
import json
from pathlib import Path

import numpy as np
import pytest

from recommender.vectors import normalised

SCRIPTS = Path(__file__).resolve().parents[2] / "scripts"


@pytest.fixture(scope="module")
def script():
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(SCRIPTS)  # where a script finds the other ones
        specification = importlib.util.spec_from_file_location(
            "benchmark_peers", SCRIPTS / "benchmark_peers.py"
        )
        module = importlib.util.module_from_spec(specification)
        specification.loader.exec_module(module)
        yield module


@pytest.fixture(scope="module")
def source(script, tmp_path_factory):
    path = tmp_path_factory.mktemp("papers") / "papers.jsonl"
    script.write_papers(40, path)
    return path


def needed(script, name):
    if not script.is_here(name):
        pytest.skip(f"needs {name}: pip install 'recommender[peers]'")


@pytest.mark.parametrize("name", ["recommender", "hnswlib", "usearch"])
def test_every_engine_finds_the_nearest_when_it_looks_at_enough(script, name, tmp_path):
    needed(script, name)
    vectors = normalised(np.random.default_rng(1).normal(size=(500, 32)))
    engine = script.ENGINES[name](vectors, tmp_path)
    wanted = np.argsort(-(vectors[:20] @ vectors.T), axis=1)[:, : script.K]
    assert script.tuned(engine, vectors[:20], wanted, 1.0) == 1.0
    assert [engine.search(vectors[row : row + 1])[0] for row in range(20)] == [*range(20)]


def test_an_engine_is_widened_until_it_finds_enough_and_no_further(script):
    widths = [10]
    engine = script.Engine(lambda query: np.arange(widths[-1] // 10), widths.append, lambda folder: None)
    found = script.tuned(engine, np.zeros((2, 1)), np.arange(10)[None].repeat(2, axis=0), 0.3)
    assert found == 0.3
    assert widths[-2] < 30 <= widths[-1] < 40


@pytest.mark.model
@pytest.mark.parametrize("name", ["recommender", "sentence-transformers + FAISS", "txtai", "llm"])
def test_every_system_answers_with_ids_without_the_paper_itself(script, name, source, tmp_path):
    needed(script, name)
    records = [json.loads(line) for line in source.read_text(encoding="utf-8").splitlines()]
    system = script.SYSTEMS[name](source, tmp_path)()
    found = system.by_id("7")
    assert len({*found}) == script.K
    assert "7" not in found
    assert {*found} <= {record["id"] for record in records}
    assert system.by_text(f"{records[7]['title']} {records[7]['abstract']}")[0] == "7"


def test_what_is_not_installed_is_said_and_left_out(script, monkeypatch, capsys):
    monkeypatch.setattr(script, "is_here", lambda name: name == script.OURS)
    script.main(["--vectors", "60", "--papers", "40"])
    told = capsys.readouterr().out
    for name in ("hnswlib", "usearch", "sentence-transformers + FAISS", "txtai", "llm", "bm25s"):
        assert f"\n| {name} | not installed |" in told
    ours = [line for line in told.splitlines() if line.startswith("| recommender |")]
    assert len(ours) == 3
    assert all("(× 1)" in line for line in ours)
    assert all(line.count("|") == ours[0].count("|") for line in told.split("\n\n")[1].splitlines())
