"""What the package may not do: unpickle, evaluate, run code of a model, or call out."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted([*(ROOT / "recommender").rglob("*.py"), *(ROOT / "scripts").glob("*.py")])
PICKLES = {
    "pickle", "_pickle", "cPickle", "dill", "cloudpickle", "joblib", "shelve", "marshal",
    "loky", "multiprocessing", "ray",
}  # fmt: skip
RUNS = {"eval", "exec", "compile", "__import__"}
FORBIDDEN = {  # functions, and what makes a call of them harmless
    "numpy.load": "allow_pickle=False",
    "numpy.lib.format.read_array": "allow_pickle=False",
    "torch.load": "weights_only=True",
    "torch.jit.load": "",
    "torch.hub.load": "",
    "pandas.read_pickle": "",
    "concurrent.futures.ProcessPoolExecutor": "",
    "concurrent.futures.process.ProcessPoolExecutor": "",
    "numba.core.caching.FunctionCache": "",
    **{f"builtins.{name}": "" for name in RUNS},
}
OF_ANYTHING = {"read_pickle", "to_pickle"}  # methods, also of objects whose class is not seen here
FOREIGN = {"trust_remote_code", "allow_pickle"}  # words that are False, if they are there
OWN = {  # what is pickled here goes from the program to its own helpers and back, or lies beside its bytecode
    "recommender/compiling.py": {"uses numba.core.caching.FunctionCache"},
    "recommender/presentation/web/run.py": {"imports multiprocessing"},
    "recommender/workers/processes.py": {"imports loky"},
    "recommender/workers/ray.py": {"imports ray"},
}
LOADERS = {"import_module", "require", "find_spec", "run_module"}  # functions that take the name of a module
NETWORK = {
    "socket", "socketserver", "ssl", "http", "urllib.request", "urllib3", "requests", "httpx", "httpx2",
    "aiohttp", "ftplib", "smtplib", "poplib", "imaplib", "telnetlib", "xmlrpc", "websocket", "websockets",
    "grpc", "huggingface_hub", "pymilvus", "ray",
}  # fmt: skip
MAY_CALL_OUT = {
    "recommender/embedding/folder.py",  # --allow-download
    "recommender/harvesting",
    "recommender/index/milvus.py",
    "recommender/presentation/web",
    "recommender/workers/ray.py",
    "scripts",
}


def imports_of(tree):
    """Yield the full name of all that a module imports, and what it is called there, "" for as it is."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, alias.asname or "") for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield from ((f"{node.module}.{alias.name}", alias.asname or alias.name) for alias in node.names)
        elif isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] in LOADERS:
            yield from ((word.value, "") for word in node.args[:1] if isinstance(word, ast.Constant))


def is_of(name, modules):
    """Tell whether a name is that of one of the modules, or of something in it."""
    return any(name == module or name.startswith(f"{module}.") for module in modules)


def findings(source):
    """Yield what of a module could run code that somebody else wrote."""
    tree = ast.parse(source)
    imported = [*imports_of(tree)]
    yield from (f"imports {name.partition('.')[0]}" for name, _ in imported if is_of(name, PICKLES))
    yield from (f"uses {name}" for name, _ in imported if name in FORBIDDEN)
    meant = {here: name for name, here in imported if here}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in OF_ANYTHING:
            yield f"uses {node.attr}"
        if isinstance(node, ast.Call):
            yield from wrong_with(node, meant)


def wrong_with(call, meant):
    """Yield what is wrong with a call, given what names stand for."""
    first, dot, rest = ast.unparse(call.func).partition(".")
    name = meant.get(first, first) + dot + rest
    words = {f"{word.arg}={ast.unparse(word.value)}" for word in call.keywords}
    if name in RUNS or (name in FORBIDDEN and FORBIDDEN[name] not in words):
        yield f"uses {name}"
    yield from (word for word in words if word.partition("=")[0] in FOREIGN and not word.endswith("=False"))


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_nothing_is_unpickled_or_evaluated(path):
    own = OWN.get(path.relative_to(ROOT).as_posix(), set())
    assert {*findings(path.read_text(encoding="utf-8"))} == own


FOUND = """\
import pickle
import _pickle
import dill as d
import cloudpickle.cloudpickle
import marshal
import shelve
if x: import pickle
from pickle import loads
from joblib import load
import importlib; importlib.import_module('pickle')
from importlib import import_module; import_module('_pickle')
require('joblib', 'x')
__import__('pickle')
eval('1')
exec('1')
compile('1', '', 'eval')
import builtins; builtins.exec('1')
from builtins import eval as e
import numpy as np; np.load('x')
import numpy; numpy.load('x')
import numpy as n; n.load('x', mmap_mode='r')
import numpy as np; np.load('x', allow_pickle=True)
import numpy as np; np.load('x', allow_pickle=maybe)
import numpy as np; np.lib.format.read_array(f)
import numpy.lib.format; numpy.lib.format.read_array(f)
from numpy import load
from numpy import load as read
from numpy.lib.format import read_array
import pandas as pd; pd.read_pickle('x')
from pandas import read_pickle
frame.to_pickle('x')
require('pandas', 'pandas').read_pickle('x')
import torch; torch.load('x')
import torch; torch.load('x', weights_only=False)
import torch; torch.jit.load('x')
import torch.jit; torch.jit.load('x')
import torch.jit as j; j.load('x')
import torch; torch.hub.load('x', 'y')
from torch import jit; jit.load('x')
from torch import load
from torch.jit import load
f(trust_remote_code=True)
f(trust_remote_code=asked)
f(allow_pickle=True)
import loky
from loky.process_executor import ProcessPoolExecutor
import multiprocessing
import multiprocessing.connection
from multiprocessing import Pool
require('ray', 'ray')
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import ProcessPoolExecutor
import concurrent.futures; concurrent.futures.ProcessPoolExecutor()
from concurrent import futures; futures.ProcessPoolExecutor()
from numba.core.caching import FunctionCache
"""


@pytest.mark.parametrize("source", FOUND.splitlines())
def test_every_such_thing_would_be_found(source):
    assert [*findings(source)]


HARMLESS = """\
import numpy as np; np.load('x', mmap_mode='r', allow_pickle=False)
import torch; torch.load('x', weights_only=True)
import re; re.compile('x')
import json; json.load(f)
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module; import_module(name)
from recommender.workers import ray
import raylib
f(trust_remote_code=False)
"""


@pytest.mark.parametrize("source", HARMLESS.splitlines())
def test_what_is_harmless_is_not(source):
    assert [*findings(source)] == []


def speaks(source):
    """Tell whether a module imports what can speak to other machines."""
    return any(is_of(name, NETWORK) for name, _ in imports_of(ast.parse(source)))


SPEAKING = """\
import socket
from socket import create_connection
import socketserver
import http.client
from http.client import HTTPConnection
import urllib.request
from urllib import request
import urllib3.util
import grpc
from grpc import aio
import pymilvus.client.grpc_handler
require('pymilvus', 'milvus')
from websockets.sync.client import connect
if x: from huggingface_hub import snapshot_download
"""


@pytest.mark.parametrize("source", SPEAKING.splitlines())
def test_whatever_can_speak_to_others_would_be_found(source):
    assert speaks(source)


@pytest.mark.parametrize(
    "source", ["from urllib.parse import quote", "import sockets", "from recommender.workers import ray"]
)
def test_names_that_only_look_like_it_would_not(source):
    assert not speaks(source)


def test_only_what_is_named_knows_the_network():
    users = {path.relative_to(ROOT).as_posix() for path in SOURCES if speaks(path.read_text("utf-8"))}
    places = {
        next((place for place in MAY_CALL_OUT if user == place or user.startswith(f"{place}/")), user)
        for user in users
    }
    assert places == MAY_CALL_OUT


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
