"""The measurement of scale, at a small one."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
STAGES = ["import", "read", "embed", "records", "index", "words", "neighbours", "publish", "all"]


def test_every_stage_is_told_and_the_build_is_kept(tmp_path):
    command = [sys.executable, "scripts/benchmark_scale.py", "--papers", "120", "--home", tmp_path / "home"]
    told = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    seconds = dict(re.findall(r"^\| ([a-z ]+) \| ([0-9.]+) \|", told, re.MULTILINE))
    assert set(STAGES) <= seconds.keys()
    parts = sum(float(value) for stage, value in seconds.items() if stage != "all")
    assert abs(parts - float(seconds["all"])) <= 0.1 * len(seconds)  # each is rounded
    assert "recall@10 of the engine against exhaustive search: 1.0000" in told
    assert re.search(r"\| similar_to_text\(title\), k=10 \| [0-9.]+ \| [0-9.]+ \| 100 \|", told)
    assert [path.name for path in (tmp_path / "home" / "builds").glob("2*")]
