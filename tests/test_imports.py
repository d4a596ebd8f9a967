"""The order in which the parts of the package may know each other, and where other libraries end."""

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parent.parent / "recommender"
LAYERS = [
    {"errors"},
    {"files", "program"},
    {
        "settings",
        "vectors",
        "text",
        "arrays",
        "cores",
        "compiling",
        "extras",
        "label_words",
        "seen",
        "progress",
    },
    {"paper", "neighbour", "workers", "digests"},
    {"lookup"},
    {"readers", "library", "embedding", "index", "lexical"},  # stages do not know each other
    {"writers"},  # asks the readers how a list is read back
    {"ranking"},  # joins the two legs, index and lexical
    {"builds"},  # its making.py joins them
    {"recommendation", "intake", "duplicates", "mapping", "choices"},
    {"harvesting"},
    {"evaluation"},
    {"sample"},
    {"assembly", "judging"},  # what the workspace puts together
    {"workspace"},
    {"measuring", "frames"},
    {"training"},
    {"presentation"},
    {"main"},
    {"__init__", "__main__"},
]
RANK = {name: rank for rank, layer in enumerate(LAYERS) for name in layer}
BORDERS = {
    "sentence_transformers": {"embedding/sentence.py", "training"},
    "torch": {"embedding/sentence.py", "training"},
    "transformers": {"embedding/sentence.py", "training"},
    "huggingface_hub": {"embedding/folder.py"},
    "faiss": {
        "index/faiss.py",
        "index/inverted.py",
        "index/list_carrying.py",
        "index/list_training.py",
        "index/selection.py",
    },
    "numba": {"compiling.py", "ranking/ahead.py"},
    "llvmlite": {"ranking/ahead.py"},
    "loky": {"workers/processes.py"},
    "ray": {"workers/ray.py"},
    "typer": {"presentation/cli"},
    "rich": {"presentation/cli"},
    "fastapi": {"presentation/web"},
    "starlette": {"presentation/web"},
    "jinja2": {"presentation/web"},
    "uvicorn": {"presentation/web"},
    "openTSNE": {"mapping/layout.py"},
    "matplotlib": {"presentation/plots"},
    "pandas": {"frames.py"},
    "polars": {"frames.py"},
    "mcp": {"presentation/mcp"},
    "mcp_types": {"presentation/mcp"},
    "sklearn": {"evaluation", "training"},
    "scipy": {"lexical/counting.py", "lexical/counts.py", "lexical/sparse.py", "mapping", "training"},
    "bibtexparser": {"readers/bibtex.py"},
    "pyarrow": {"readers/parquet.py"},
    "zstandard": {"readers/unpacking.py"},
    "xml": {"readers", "writers/atom.py"},
}
MODULES = sorted(PACKAGE.rglob("*.py"))


def each_module(test):
    return pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(PACKAGE).as_posix())(
        test
    )


def imported(source, package):
    """Yield the full name of everything a module imports: at its top, in functions, for types only.

    Args:
        source: The text of the module.
        package: The parts of the name of the package that it lies in, where relative imports start.
    """
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            start = list(package[: len(package) - node.level + 1]) if node.level else []
            base = [*start, *([node.module] if node.module else [])]
            yield from (".".join([*base, alias.name]) for alias in node.names)


def imports_of(path):
    return [*imported(path.read_text(encoding="utf-8"), path.relative_to(PACKAGE.parent).parent.parts)]


def parts_of(names):
    """Return which parts of the package are among the imported names."""
    split = [name.split(".") for name in names]
    return {
        parts[1] if len(parts) > 1 and parts[1] in RANK else "__init__"
        for parts in split
        if parts[0] == "recommender"
    }


def home_of(path):
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


@each_module
def test_every_module_has_its_place_in_the_order(path):
    assert home_of(path) in RANK


@each_module
def test_imports_point_one_way(path):
    here = home_of(path)
    assert [used for used in parts_of(imports_of(path)) - {here} if RANK[used] >= RANK[here]] == []


@each_module
def test_other_libraries_stay_behind_their_borders(path):
    relative = path.relative_to(PACKAGE)
    places = {relative.as_posix(), *(parent.as_posix() for parent in relative.parents)}
    libraries = {name.partition(".")[0] for name in imports_of(path)}
    assert [library for library in libraries & BORDERS.keys() if not BORDERS[library] & places] == []


def test_every_border_is_a_place_of_the_package():
    assert [place for places in BORDERS.values() for place in places if not (PACKAGE / place).exists()] == []


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("import faiss, os.path", {"faiss", "os.path"}),
        ("from recommender.index import Engine", {"recommender.index.Engine"}),
        ("from recommender import index", {"recommender.index"}),
        ("from recommender import Build", {"recommender.Build"}),
        ("def f():\n    import torch", {"torch"}),
        ("if TYPE_CHECKING:\n    from recommender.index import Hits", {"recommender.index.Hits"}),
        ("from . import store", {"recommender.builds.store"}),
        ("from .store import BuildStore", {"recommender.builds.store.BuildStore"}),
        ("from ..index import flat", {"recommender.index.flat"}),
    ],
)
def test_no_kind_of_import_escapes(source, names):
    assert {*imported(source, ["recommender", "builds"])} == names


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("recommender.index.Engine", {"index"}),
        ("recommender.index", {"index"}),
        ("recommender.Build", {"__init__"}),
        ("recommender", {"__init__"}),
        ("recommenders.index", set()),
        ("numpy.index", set()),
    ],
)
def test_a_name_belongs_to_the_part_it_comes_from(name, part):
    assert parts_of([name]) == part


@pytest.mark.parametrize(
    "module", ["recommender", "recommender.builds", "recommender.recommendation", "recommender.paper"]
)
def test_importing_the_light_parts_loads_no_array_library(module):
    program = f"import json, sys, {module}; print(json.dumps([*sys.modules]))"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    loaded = {name.partition(".")[0] for name in json.loads(run.stdout)}
    assert module in json.loads(run.stdout)
    assert not loaded & {"numpy", "typer", "rich", *BORDERS}


@pytest.mark.parametrize("module", ["recommender.lexical", "recommender.ranking"])
def test_what_answers_a_text_does_without_what_only_a_rebuild_needs(module):
    program = f"import json, sys, {module}; print(json.dumps([*sys.modules]))"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    loaded = {name.partition(".")[0] for name in json.loads(run.stdout)}
    assert "numpy" in loaded
    assert "scipy" not in loaded


def test_the_command_line_loads_no_reader_and_no_library_of_a_format():
    program = "import json, sys, recommender.presentation.cli.app; print(json.dumps([*sys.modules]))"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    loaded = {*json.loads(run.stdout)}
    assert not loaded & {"bibtexparser", "pyarrow", "zstandard", "xml.etree.ElementTree", "urllib.request"}
    assert not loaded & {"recommender.readers", "recommender.harvesting", "recommender.writers.csv_table"}


@pytest.mark.parametrize("heavy", ["bibtexparser", "pyarrow", "zstandard"])
def test_a_reader_loads_its_library_only_when_it_reads(heavy):
    program = f"import sys, recommender.readers; sys.exit({heavy!r} in sys.modules)"
    subprocess.run([sys.executable, "-c", program], check=True)


def test_every_public_name_is_there():
    import recommender

    assert [name for name in recommender.__all__ if not hasattr(recommender, name)] == []
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        recommender.nonsense  # noqa: B018
