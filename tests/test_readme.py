"""The documents are executed: every `$ recommend` line, in order, in one fresh home, and their Python.

What they show but cannot be run here (a server, a cluster, a training) is at least checked by name: commands,
options, scripts, links.
"""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer.main

from recommender.main import run
from recommender.presentation.cli.app import app
from recommender.readers import READERS
from recommender.settings import PACKAGE
from recommender.writers import WRITERS

ROOT = PACKAGE.parent
NAMES = (
    "README.md",
    "scripts/recipes.md",
    "scripts/README.md",
    "scripts/milvus/README.md",
    "scripts/systemd/README.md",
    "models/README.md",
    "data/README.md",
    "recommender/README.md",
    "recommender/builds/README.md",
    "recommender/readers/README.md",
    "recommender/workers/README.md",
    "recommender/writers/README.md",
    "tests/reliability/README.md",
)
DOCUMENTS = {name: (ROOT / name).read_text(encoding="utf-8") for name in NAMES}
README = DOCUMENTS["README.md"]
PROSE = "\n".join(DOCUMENTS.values())
RUN = re.findall(r"^\$ recommend (.+)$", PROSE, re.MULTILINE)
PYTHON = re.findall(r"^```python\n(.+?)^```", PROSE, re.MULTILINE | re.DOTALL)
FENCED = [
    line for block in re.findall(r"^```\w*\n(.+?)^```", PROSE, re.M | re.S) for line in block.splitlines()
]
IN_TEXT = re.findall(r"`([^`\n]+)`", re.sub(r"^```.+?^```", "", PROSE, flags=re.M | re.S))
SHOWN = sorted(
    {line.removeprefix("$ ") for line in [*FENCED, *IN_TEXT] if re.match(r"(\$ )?recommend ", line)}
)
COMMANDS = typer.main.get_command(app).commands
SCRIPTS = [path for path in sorted((ROOT / "scripts").iterdir()) if path.suffix in {".py", ".sh"}]


def test_every_command_of_the_documents_runs(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("RECOMMENDER_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(ROOT)
    assert len(RUN) > 20
    for line in RUN:
        assert run(shlex.split(line)) == 0, f"{line}: {capsys.readouterr().err}"


def test_the_python_of_the_documents_runs_and_prints_what_it_says(tmp_path, monkeypatch, capsys):
    (tmp_path / "data").symlink_to(ROOT / "data")
    monkeypatch.chdir(tmp_path)
    printed = []
    for code in PYTHON:
        exec(compile(code, "README.md", "exec"), {})  # noqa: S102
        printed.append(capsys.readouterr().out)
        assert [said for said in re.findall("# → (.+)", code) if said not in printed[-1]] == []
    assert [len(out.splitlines()) for out in printed] == [3, 6, 1, 1, 2, 2]


def options(name: str) -> Iterator[set[str]]:
    """The spellings of each option of a command, help left out."""
    for parameter in COMMANDS[name].params:
        if parameter.param_type_name == "option" and parameter.name != "help":
            yield {*parameter.opts, *parameter.secondary_opts}


@pytest.mark.parametrize("line", SHOWN)
def test_every_command_that_is_shown_knows_its_options(line):
    words = shlex.split(re.split(r" [|>#] ", line)[0], comments=True)[1:]
    name = words[0] if words[0] in COMMANDS else "similar"
    known = set().union(*options(name), {"--help", "--install-completion"})
    given = {word.partition("=")[0] for word in words if re.match("--?[a-z]", word)}
    assert given - known == set()


def test_every_command_is_in_the_readme():
    names = {command.name for command in app.registered_commands}
    assert {name for name in names if name not in README} == set()


@pytest.mark.parametrize("name", ["similar", "rebuild", "evaluate", "harvest", "serve"])
def test_every_option_of_the_larger_commands_is_in_a_document(name):
    said = {*re.findall(r"--[a-z-]+", " ".join([*FENCED, *IN_TEXT]))}
    assert [spelt for spelt in options(name) if not spelt & said] == []


def test_every_format_is_in_the_readme():
    names = {reader.name for reader in READERS} | {writer.name for writer in WRITERS}
    assert {name for name in names if f"`{name}`" not in README} == set()


def test_every_format_that_is_written_is_in_the_table_of_the_writers():
    rows = re.findall(r"^\| (`.+?) \|", DOCUMENTS["recommender/writers/README.md"], re.M)
    assert {*re.findall("`([a-z0-9]+)`", " ".join(rows))} == {writer.name for writer in WRITERS}


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_every_script_is_named_and_every_benchmark_has_a_heading(script):
    text = DOCUMENTS["scripts/README.md"]
    assert script.name in text
    assert not script.name.startswith("benchmark") or f"\n## `{script.name}`\n" in text


def test_every_script_and_campaign_that_is_named_is_there():
    paths = re.findall(r"(?:python|bash) ((?:scripts|tests|models)/[\w/.-]+\w)", PROSE)
    modules = [name.replace(".", "/") + ".py" for name in re.findall(r"python -m (tests\.[\w.]*\w)", PROSE)]
    assert len(paths) > 10
    assert len(modules) >= 8
    assert [path for path in [*paths, *modules] if not (ROOT / path).is_file()] == []


def slug(heading: str) -> str:
    """What a heading is called in an address.

    >>> slug("`benchmark_cli.py`")
    'benchmark_clipy'
    """
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def headings(path: Path) -> set[str]:
    text = re.sub(r"^```.+?^```", "", path.read_text(encoding="utf-8"), flags=re.M | re.S)
    return {slug(heading) for heading in re.findall(r"^#+ (.+)$", text, re.M)}


@pytest.mark.parametrize("name", NAMES)
def test_every_link_leads_somewhere(name):
    links = re.findall(r"\]\(([^)\s]+)\)", DOCUMENTS[name])
    for link in links:
        assert "://" not in link or link.startswith("https://"), link
        if "://" in link:
            continue
        target, _, place = link.partition("#")
        path = (ROOT / name).parent / target if target else ROOT / name
        assert path.exists(), link
        assert path.resolve().is_relative_to(ROOT), link
        assert not place or place in headings(path), link


def test_every_document_is_reached_from_the_readme():
    reached, left = set(), ["README.md"]
    while left:
        name = left.pop()
        reached.add(name)
        links = {link.partition("#")[0] for link in re.findall(r"\]\(([^)\s]+)\)", DOCUMENTS[name])}
        paths = [((ROOT / name).parent / link).resolve() for link in links if link and "://" not in link]
        found = {path.relative_to(ROOT).as_posix() for path in paths if path.is_relative_to(ROOT)}
        left += sorted((found & {*NAMES}) - reached - {*left})
    assert reached == {*NAMES}


def test_every_readme_is_a_document_or_a_model_s_card():
    found = {path.relative_to(ROOT).as_posix() for path in ROOT.glob("[a-z]*/**/README.md")}
    assert {name for name in found if not re.fullmatch(r"models/\w+/README.md", name)} <= {*NAMES}


def test_every_picture_of_the_readme_is_there():
    pictures = re.findall(r"!\[[^]]+\]\(([^)]+)\)", README)
    assert len(pictures) >= 4
    assert [path for path in pictures if not (ROOT / path).is_file()] == []
