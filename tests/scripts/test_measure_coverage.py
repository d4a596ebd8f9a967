"""The measurement of what the tests run, on one file of tests."""

import importlib
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def test_what_is_run_and_what_is_not_is_told_by_lines_and_branches():
    command = [sys.executable, "scripts/measure_coverage.py", "tests/test_seen.py"]
    told = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    for what in ("lines", "branches"):
        percent, done, of = re.search(rf"^{what}: ([\d.]+) %, ([\d,]+) of ([\d,]+)$", told, re.M).groups()
        done, of = (int(number.replace(",", "")) for number in (done, of))
        assert 0 < done < of
        assert float(percent) == round(100 * done / of, 1)
    missing = dict(re.findall(r"^(recommender/\S+): (.*)$", told, re.M))
    assert "recommender/readers/ris.py" in missing
    assert re.search(r"\d+→(\d+|end)", told)
    assert "recommender/seen.py" not in missing


@pytest.fixture
def script(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "scripts")
    return importlib.import_module("measure_coverage")


@pytest.mark.parametrize(
    ("n_run", "arguments", "code"),
    [(949, [], 1), (950, [], 0), (1000, [], 0), (10, ["tests/test_seen.py"], 0)],
)
def test_the_whole_suite_has_to_run_95_of_a_hundred_branches(
    script, monkeypatch, capsys, n_run, arguments, code
):
    totals = {"covered_lines": 1, "num_statements": 1, "covered_branches": n_run, "num_branches": 1000}
    monkeypatch.setattr(script, "run", lambda *_, **__: None)
    monkeypatch.setattr(script, "measured", lambda folder: {"totals": totals, "files": {}})
    assert script.main(arguments) == code
    told = capsys.readouterr()
    assert f"branches: {n_run / 10:.1f} %" in told.out
    assert ("less than 95 %" in told.err) == bool(code)
