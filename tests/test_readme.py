"""The README is executed: every `$ recommend` line, in order, in one fresh home, and its Python."""

import re
import shlex

from recommender.main import run
from recommender.presentation.cli.app import app
from recommender.settings import PACKAGE

README = (PACKAGE.parent / "README.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^\$ recommend (.+)$", README, re.MULTILINE)
PYTHON = re.findall(r"^```python\n(.+?)^```", README, re.MULTILINE | re.DOTALL)


def test_every_command_of_the_readme_runs(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("RECOMMENDER_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(PACKAGE.parent)
    assert len(COMMANDS) > 10
    for line in COMMANDS:
        assert run(shlex.split(line)) == 0, f"{line}: {capsys.readouterr().err}"


def test_the_python_of_the_readme_runs_and_prints_what_it_says(tmp_path, monkeypatch, capsys):
    (tmp_path / "data").symlink_to(PACKAGE.parent / "data")
    monkeypatch.chdir(tmp_path)
    printed = []
    for code in PYTHON:
        exec(compile(code, "README.md", "exec"), {})  # noqa: S102
        printed.append(capsys.readouterr().out)
        assert [said for said in re.findall("# → (.+)", code) if said not in printed[-1]] == []
    assert [len(out.splitlines()) for out in printed] == [6, 1, 1, 2, 2]


def test_every_command_is_in_the_readme():
    names = {command.name for command in app.registered_commands}
    assert {name for name in names if name not in README} == set()


def test_every_picture_of_the_readme_is_there():
    pictures = re.findall(r"!\[[^]]+\]\(([^)]+)\)", README)
    assert len(pictures) >= 4
    assert [path for path in pictures if not (PACKAGE.parent / path).is_file()] == []
