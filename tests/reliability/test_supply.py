"""What the package may not do: unpickle, evaluate, run code of a model, or call out."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted([*(ROOT / "recommender").rglob("*.py"), *(ROOT / "scripts").glob("*.py")])
MODULES = {"pickle", "cPickle", "dill", "cloudpickle", "joblib", "shelve", "marshal"}
CALLS = {"eval", "exec", "compile", "__import__"}
NETWORK = {
    "socket",
    "http",
    "urllib.request",
    "requests",
    "httpx",
    "aiohttp",
    "ftplib",
    "smtplib",
    "telnetlib",
}
MAY_CALL_OUT = {
    "recommender/harvesting",
    "recommender/presentation/web",
    "recommender/workers/ray.py",
    "scripts",
}


def findings(source):
    """Yield what of a module could run code that somebody else wrote."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = (
                [alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module or ""]
            )
            yield from (f"imports {name}" for name in names if name.partition(".")[0] in MODULES)
        elif isinstance(node, ast.Call):
            if isinstance(node.func, ast.Name) and node.func.id in CALLS:
                yield f"calls {node.func.id}"
            if isinstance(node.func, ast.Attribute) and node.func.attr == "load":
                owner = ast.unparse(node.func.value)
                words = {word.arg: ast.unparse(word.value) for word in node.keywords}
                if owner == "np" and words.get("allow_pickle") != "False":
                    yield "np.load without allow_pickle=False"
                if owner == "torch" and words.get("weights_only") != "True":
                    yield "torch.load without weights_only=True"
            yield from (
                f"{word.arg}={ast.unparse(word.value)}"
                for word in node.keywords
                if word.arg in ("trust_remote_code", "allow_pickle") and ast.unparse(word.value) != "False"
            )


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_nothing_is_unpickled_or_evaluated(path):
    assert [*findings(path.read_text(encoding="utf-8"))] == []


@pytest.mark.parametrize(
    "source",
    [
        "import pickle", "from joblib import load", "eval('1')", "import numpy as np\nnp.load('x')",
        "np.load('x', allow_pickle=True)", "torch.load('x')", "f(trust_remote_code=True)",
    ],
)  # fmt: skip
def test_every_such_thing_would_be_found(source):
    assert [*findings(source)]


def network_of(source):
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (node.module, *(f"{node.module}.{alias.name}" for alias in node.names))


def test_only_harvests_the_server_and_scripts_know_the_network():
    users = {
        path.relative_to(ROOT).as_posix()
        for path in SOURCES
        if NETWORK & {*network_of(path.read_text(encoding="utf-8"))}
    }
    assert users
    assert [user for user in users if not any(user.startswith(place) for place in MAY_CALL_OUT)] == []


WITHOUT_NETWORK = """
import sys
from recommender.main import run

def forbid(event, arguments):
    if event.startswith("socket.") and event not in ("socket.__new__", "socket.gethostname"):
        raise SystemExit(f"{event} {arguments}")

sys.addaudithook(forbid)
home = ["--home", sys.argv[1]]
for command in (
    ["--id", "9", *home], ["bees and pesticides", "--why", *home], ["duplicates", *home], ["verify", *home],
    ["rebuild", sys.argv[2], *home], ["library", *home], ["export", "9", "--format", "ris", *home],
    ["new", "--since", "2020-01-01", "--follow", "9", *home], ["prune", *home], ["doctor", *home],
):
    code = run(command)
    assert code == 0, (command, code)
"""


def test_no_command_of_a_day_calls_out(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_NETWORK, tmp_path / "home", ROOT / "data" / "sample.jsonl"],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
