"""The benchmark of the lexical index, at sizes that take a second: what is asked and told, never how fast."""

import importlib.util
import itertools
from pathlib import Path

import pytest

from recommender.text.tokens import tokens

SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "benchmark_lexical.py"
TEXTS = ["产教融合 governance", "soil moisture 3.5 and soil", "土壤湿度 ölçüm 3.5"]


@pytest.fixture(scope="module")
def script():
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(SCRIPT.parent)  # where a script finds the other ones
        yield loaded()


def loaded():
    specification = importlib.util.spec_from_file_location("benchmark_lexical", SCRIPT)
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def first(script, n, data=None):
    return [*itertools.islice(script.papers_of(data, script.SHORT), n)]


@pytest.mark.parametrize("name", ["lexical index", "SQLite FTS5", "bm25s"])
def test_every_system_answers_with_the_paper_that_has_the_words(script, name, tmp_path):
    system = script.SYSTEMS[name]
    assert system.build(iter(TEXTS), tmp_path) in (
        None,
        len({word for text in TEXTS for word in tokens(text)}),
    )
    ask = system.open(tmp_path, len(TEXTS))
    assert [ask(text)[0] for text in ("融合", "Soil and moisture", "ölçüm", "湿度 3.5")] == [0, 1, 2, 2]


def test_the_table_has_every_system_and_every_kind_of_question(script, capsys):
    script.main(["40"])
    told = capsys.readouterr().out.splitlines()
    found = {word for paper in first(script, 40) for word in tokens("\n\n".join(paper))}
    assert f"### 40 papers, {len(found):,} distinct tokens" in told
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in told if line.startswith("| ")]
    assert [row[0] for row in rows if len(row) == 7] == ["system", *script.SYSTEMS]
    asked = [row for row in rows if len(row) == 6][1:]
    assert [row[:2] for row in asked] == [[*pair] for pair in itertools.product(script.KINDS, script.SYSTEMS)]
    assert {(row[4], row[5]) for row in asked if row[0] == "an abstract"} == {("100%", "40")}


def test_the_99th_of_a_hundred_and_the_last_of_fewer(script):
    assert script.ninety_ninth([*range(100)]) == 98
    assert script.ninety_ninth([3.0, 9.0, 1.0]) == 9.0


def test_a_value_stands_with_how_many_times_the_peers_it_is(script):
    assert script.beside(1500.0, 1000.0, 1) == "1,500.0 (× 1.50)"
    assert script.beside(3.0, 1000.0, 2) == "3.00 (× 0.003)"
