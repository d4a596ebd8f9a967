"""The suite speaks to nobody, and neither do the libraries that it loads."""

import asyncio
import os
import socket
import subprocess
import sys
import urllib.request

import pytest

from tests.offline import GUARD, CalledOutError

ELSEWHERE = "192.0.2.1"  # of a network that is there for examples (RFC 5737)


def by_asyncio():
    asyncio.run(asyncio.wait_for(asyncio.open_connection(ELSEWHERE, 80), 1))


def by_datagram():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.sendto(b"", (ELSEWHERE, 53))


WAYS = {
    "create_connection": lambda: socket.create_connection((ELSEWHERE, 80), 0.1),
    "connect_ex": lambda: socket.socket().connect_ex((ELSEWHERE, 80)),
    "getaddrinfo": lambda: socket.getaddrinfo("repository.example", 80),
    "gethostbyname": lambda: socket.gethostbyname("repository.example"),
    "urllib": lambda: urllib.request.urlopen(f"http://{ELSEWHERE}/", timeout=0.1),
    "datagram": by_datagram,
    "asyncio": by_asyncio,
}


@pytest.mark.parametrize("call", WAYS.values(), ids=WAYS)
def test_every_way_out_is_shut(call):
    with pytest.raises(CalledOutError):
        call()
    assert len(GUARD.attempts) == 1
    GUARD.attempts.clear()


def test_this_machine_is_shut_too_without_the_mark():
    with socket.create_server(("127.0.0.1", 0)) as server, pytest.raises(CalledOutError):
        socket.create_connection(server.getsockname())
    GUARD.attempts.clear()


@pytest.mark.loopback
def test_with_the_mark_this_machine_is_open_and_nothing_else():
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname()).close()
    for elsewhere in (ELSEWHERE, "::2", "repository.example", "10.0.0.1", "169.254.169.254"):
        with pytest.raises(CalledOutError):
            socket.create_connection((elsewhere, 80), 0.1)
    GUARD.attempts.clear()


def test_sockets_of_the_file_system_are_no_network(tmp_path):
    one, other = socket.socketpair()
    with one, other:
        one.sendall(b"x")
        assert other.recv(1) == b"x"


SWALLOWING = """
import socket

def test_it():
    try:
        socket.getaddrinfo("repository.example", 80)
    except BaseException:
        pass
"""


def test_who_swallows_the_refusal_fails_all_the_same(tmp_path):
    (tmp_path / "test_swallowing.py").write_text(SWALLOWING)
    command = [sys.executable, "-m", "pytest", "-p", "tests.conftest", "-p", "no:cacheprovider", tmp_path]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 1
    assert "called out: ('repository.example',)" in done.stdout


LOADING = """
import importlib, sys

tried = []

def watch(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto"):
        tried.append((event, arguments[1:]))

sys.addaudithook(watch)
for name in sys.argv[1].split():
    importlib.import_module(name)
from recommender.embedding import open_embedder
open_embedder("quality").encode(["abc"])
open_embedder("fast").encode(["abc"])
import time
time.sleep(0.2)  # a thread of its own would have begun
print(tried)
"""
DEPENDENCIES = (
    "faiss numpy scipy sklearn typer rich filelock platformdirs safetensors tokenizers huggingface_hub "
    "transformers torch sentence_transformers bibtexparser pyarrow zstandard pymilvus openTSNE mcp "
    "matplotlib pandas polars bm25s fastapi httptools jinja2 prometheus_client uvicorn uvloop sentencepiece"
)


@pytest.mark.model
def test_no_dependency_calls_out_when_it_is_loaded_or_reads_a_model(tmp_path):
    """With an environment in which nothing is switched off, as a user has it."""
    off = ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", "HF_HUB_DISABLE_TELEMETRY", "DO_NOT_TRACK")
    environment = {name: value for name, value in os.environ.items() if name not in off}
    done = subprocess.run(
        [sys.executable, "-c", LOADING, DEPENDENCIES],
        env=environment | {"HOME": str(tmp_path), "PYTHONPATH": os.getcwd()},  # noqa: PTH109
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip().splitlines()[-1] == "[]"


def test_a_download_sends_no_telemetry(monkeypatch):
    program = (
        "import os\nfrom recommender.embedding import find_model\n"
        "from recommender.errors import ModelError\n"
        "try:\n    find_model('nobody/none', allow_download=False)\nexcept ModelError:\n    pass\n"
        "from huggingface_hub import constants\nprint(constants.HF_HUB_DISABLE_TELEMETRY)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True"]
