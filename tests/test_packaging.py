"""What is shipped: the extras that the code asks for, the files of the web, the Dockerfile."""

import re
import tomllib

import pytest

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
