"""The measurement of what the tests run, on one file of tests."""

import re
import subprocess
import sys
from pathlib import Path

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
