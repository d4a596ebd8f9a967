"""Setting up fails with one clear sentence. Python, pip and df are stood in for, nothing is installed."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TOOLS = ("bash", "dirname", "awk", "grep", "tail", "touch", "mkdir", "cp", "chmod", "cat", "env", "sh")
PLENTY = "echo head; echo disk 9 9 90000000 9 /"
PYTHON = """
case "$*" in
  *version_info*) exit {old} ;;
  *"-m venv"*) mkdir -p .venv/bin && cp "$0" .venv/bin/python && exit 0 ;;
  *"-m pip"*) echo '{message}'; touch .venv/bin/recommend; chmod +x .venv/bin/recommend; exit {pip} ;;
  *) echo "Python 3.11.0" ;;
esac
"""


@pytest.fixture
def setup(tmp_path):
    checkout, tools = tmp_path / "checkout", tmp_path / "tools"
    (checkout / "scripts").mkdir(parents=True)
    tools.mkdir()
    for name in ("scripts/setup.sh", "scripts/constraints.txt", "pyproject.toml"):
        shutil.copy(ROOT / name, checkout / name)
    for name in TOOLS:
        (tools / name).symlink_to(shutil.which(name))

    def run(*, python=True, old=0, disk=PLENTY, pip=0, message=""):
        commands = {"df": disk}
        if python:
            commands["python3"] = PYTHON.format(old=old, pip=pip, message=message)
        for name, body in commands.items():
            (tools / name).write_text(f"#!/bin/sh\n{body}\n")
            (tools / name).chmod(0o755)
        return subprocess.run(
            ["bash", checkout / "scripts" / "setup.sh"],
            env={"PATH": str(tools), "HOME": os.environ.get("HOME", "/")},
            capture_output=True,
            text=True,
            timeout=60,
        )

    return run


def refusals(done):
    return [line for line in done.stderr.splitlines() if not line.startswith("setup: installing")]


@pytest.mark.parametrize("how", [{"python": False}, {"old": 1}])
def test_without_a_new_enough_python_it_says_which_one_it_needs(setup, how):
    done = setup(**how)
    assert done.returncode == 1
    assert len(refusals(done)) == 1
    assert "needs Python 3.11 or newer" in done.stderr


def test_without_room_it_says_how_much_it_needs(setup):
    done = setup(disk="echo head; echo disk 9 9 200000 9 /")
    assert done.returncode == 1
    assert "needs 3 GB of free disk here, found 195 MB" in refusals(done)[0]


@pytest.mark.parametrize(
    ("message", "sentence"),
    [
        ("NewConnectionError: Temporary failure in name resolution", "could not reach the package index"),
        ("OSError: [Errno 28] No space left on device", "the disk is full"),
    ],
)
def test_a_failed_installation_is_explained(setup, message, sentence):
    done = setup(pip=1, message=message)
    assert done.returncode == 1
    assert len(refusals(done)) == 1
    assert sentence in refusals(done)[0]


def test_a_second_run_has_nothing_to_do(setup):
    first = setup()
    assert first.returncode == 0, first.stderr
    assert "setup: done" in first.stderr
    second = setup(pip=1)
    assert second.returncode == 0
    assert "up to date" in second.stderr
