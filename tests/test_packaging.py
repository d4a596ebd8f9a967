"""What is shipped: the extras that the code asks for, the files of the web, the Dockerfile."""

import configparser
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import typer
from hatchling.builders.wheel import WheelBuilder

from recommender.presentation.cli.app import app
from recommender.settings import PACKAGE

ROOT = PACKAGE.parent
EXTRAS = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]
DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8")


def test_every_extra_that_the_code_asks_for_exists_and_holds_what_is_asked_for():
    sources = [path.read_text("utf-8") for path in PACKAGE.rglob("*.py")]
    asked = {found for source in sources for found in re.findall(r'require\("([\w.]+)", "(\w+)"\)', source)}
    assert len(asked) > 8
    for module, extra in asked:
        names = [re.split(r"[<>=\[; ]", entry)[0].lower() for entry in EXTRAS[extra]]
        assert module.partition(".")[0].replace("_", "-").lower() in names, (module, extra)


def test_the_tests_install_every_extra():
    (own,) = [entry for entry in EXTRAS["test"] if entry.startswith("recommender[")]
    assert {*own.removeprefix("recommender[").removesuffix("]").split(",")} == EXTRAS.keys() - {
        "test",
        "peers",
    }


def test_the_dockerfile_copies_what_there_is_and_all_that_is_needed():
    copied = [line.split()[1:-1] for line in DOCKERFILE.splitlines() if line.startswith("COPY")]
    names = [name for group in copied for name in group]
    assert [name for name in names if not (ROOT / name).exists()] == []
    assert {"recommender", "models", "data", "pyproject.toml", "README.md", "LICENSE"} <= {*names}
    (extras,) = re.findall(r"'\.\[([\w,]+)\]'", DOCKERFILE)
    assert {*extras.split(",")} <= EXTRAS.keys()


@pytest.mark.parametrize("script", sorted(PACKAGE.rglob("*.min.js")), ids=lambda path: path.name)
def test_every_library_of_others_has_its_licence_beside(script):
    licence = script.with_name(script.name.replace(".min.js", ".LICENSE.txt"))
    assert len(licence.read_text("utf-8")) > 200


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """The files of the wheel where an installation would put them; of the weights, which are large, links."""
    folder = tmp_path_factory.mktemp("site-packages")
    files = [*WheelBuilder(str(ROOT)).recurse_included_files()]
    for file in files:
        place = folder / file.distribution_path
        place.parent.mkdir(parents=True, exist_ok=True)
        if place.suffix == ".safetensors":
            place.symlink_to(file.path)
        else:
            shutil.copyfile(file.path, place)
    return folder


def test_the_wheel_holds_every_file_of_the_package_the_models_and_the_sample(installed):
    held = {path.relative_to(installed).as_posix() for path in installed.rglob("*") if path.is_file()}
    tracked = subprocess.run(
        ["git", "ls-files", "recommender", "models", "data"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    bundled = {re.sub("^(models|data)/", r"recommender/bundled/\1/", name) for name in tracked}
    assert {Path(name).suffix for name in bundled} >= {
        ".css",
        ".js",
        ".html",
        ".safetensors",
        ".toml",
        ".jsonl",
    }
    assert bundled - held == set()
    assert {name for name in held if not name.startswith("recommender/")} == set()


def test_what_the_wheel_installs_answers_from_any_folder(installed, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    environment = os.environ | {"PYTHONPATH": str(installed), "RECOMMENDER_HOME": str(tmp_path / "home")}
    said = "import recommender.settings as s; print(s.PACKAGE, s.bundled('models', 'fast'))"
    places = subprocess.run(
        [sys.executable, "-c", said],
        cwd=elsewhere,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    assert places == [str(installed / "recommender"), str(installed / "recommender/bundled/models/fast")]
    answer = subprocess.run(
        [sys.executable, "-m", "recommender", "--id", "9", "--k", "5"],
        cwd=elsewhere, env=environment, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert "built the bundled sample" in answer.stderr
    assert len(re.findall(r"^ +[1-5] ", answer.stdout, re.MULTILINE)) == 5, answer.stdout


UNITS = ROOT / "scripts" / "systemd"


def unit_of(path):
    """Return what a unit says, by its sections."""
    read = configparser.ConfigParser(interpolation=None, strict=False)
    read.optionxform = str
    read.read(path, "utf-8")
    return read


@pytest.mark.parametrize("unit", sorted(UNITS.glob("recommender-*")), ids=lambda path: path.name)
def test_a_unit_starts_what_there_is_and_what_the_command_takes(unit):
    read = unit_of(unit)
    assert read["Unit"]["Description"]
    if unit.suffix == ".timer":
        assert (unit.with_suffix(".service")).is_file()
        assert read["Timer"]["OnCalendar"]
        return
    program, *arguments = read["Service"]["ExecStart"].replace("%h/recommender/", f"{ROOT}/").split()
    assert program == f"{ROOT}/.venv/bin/recommend" or os.access(program, os.X_OK)
    if program.endswith("recommend"):
        command = typer.main.get_command(app).commands[arguments[0]]
        known = {option for parameter in command.params for option in parameter.opts}
        assert {argument for argument in arguments if argument.startswith("--")} <= known


def test_a_night_that_fails_starts_a_unit_that_tells_what_it_left(tmp_path):
    night = unit_of(UNITS / "recommender-nightly.service")
    assert night["Service"]["SuccessExitStatus"] == "6"
    told = unit_of(UNITS / night["Unit"]["OnFailure"])["Service"]
    assert told["Environment"] == night["Service"]["Environment"]
    command = [word.replace("$$", "$") for word in shlex.split(told["ExecStart"])]  # as systemd reads it
    environment = os.environ | {"RECOMMENDER_HOME": str(tmp_path)}
    for left, said in (
        ("", "the night ended before it could say why\n"),
        ("exit 5, refused\n", "exit 5, refused\n"),
    ):
        if left:
            (tmp_path / "nightly.failed").write_text(left)
        done = subprocess.run(command, env=environment, capture_output=True, text=True)
        assert (done.returncode, done.stdout) == (0, said)
