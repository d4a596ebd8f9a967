"""The training script as its users call it."""

import json
import subprocess
import sys
from datetime import UTC, datetime

import pytest

from recommender.library import Library, Source
from recommender.readers import SourcePaper
from recommender.settings import PACKAGE

SCRIPT = PACKAGE.parent / "scripts" / "train_model.py"


def call(*arguments):
    return subprocess.run([sys.executable, SCRIPT, *arguments], capture_output=True, text=True, check=False)


def test_a_library_is_adapted_to_and_the_report_is_json(topical, ignorant_model, tmp_path):
    entries = [SourcePaper(paper, f"line {n}") for n, paper in enumerate(topical[0], start=1)]
    with Library.open(tmp_path / "library.db", create=True) as library:
        source = Source(name="papers", format="jsonl", read=lambda _: entries)
        library.import_papers([source], now=datetime(2026, 11, 23, tzinfo=UTC))
    options = ["--library", tmp_path / "library.db", "--model", ignorant_model]
    done = call(*options, "--output", tmp_path / "ours")
    report = json.loads(done.stdout)
    assert (done.returncode, report["installed"]) == (0, True), done.stderr
    assert (tmp_path / "ours" / "model.safetensors").is_file()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "give DATA and --recipe, or --library and --output"),
        (["--library", "library.db"], "--library needs --output"),
        (["--recipe", "none.toml", "data"], r"none.toml: "),
    ],
)
def test_a_call_that_cannot_be_carried_out_is_one_line_and_exit_code_2(arguments, said):
    done = call(*arguments)
    assert done.returncode == 2
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1
