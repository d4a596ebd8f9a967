"""The suite speaks to nobody, and neither do the libraries that it loads."""

import asyncio
import concurrent.futures
import multiprocessing
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


def by_message():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.sendmsg([b""], [], 0, (ELSEWHERE, 53))


WAYS = {
    "create_connection": lambda: socket.create_connection((ELSEWHERE, 80), 0.1),
    "connect_ex": lambda: socket.socket().connect_ex((ELSEWHERE, 80)),
    "getaddrinfo": lambda: socket.getaddrinfo("repository.example", 80),
    "gethostbyname": lambda: socket.gethostbyname("repository.example"),
    "urllib": lambda: urllib.request.urlopen(f"http://{ELSEWHERE}/", timeout=0.1),
    "gethostbyaddr": lambda: socket.gethostbyaddr(ELSEWHERE),
    "datagram": by_datagram,
    "message": by_message,
    "asyncio": by_asyncio,
}


@pytest.mark.parametrize("call", WAYS.values(), ids=WAYS)
def test_every_way_out_is_shut(call):
    with pytest.raises(CalledOutError):
        call()
    assert len(GUARD.attempts) == 1
    GUARD.forget()


def test_this_machine_is_shut_too_without_the_mark():
    with socket.create_server(("127.0.0.1", 0)) as server, pytest.raises(CalledOutError):
        socket.create_connection(server.getsockname())
    GUARD.forget()


@pytest.mark.loopback
def test_with_the_mark_this_machine_is_open_and_nothing_else():
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname()).close()
    for elsewhere in (ELSEWHERE, "::2", "repository.example", "10.0.0.1", "169.254.169.254"):
        with pytest.raises(CalledOutError):
            socket.create_connection((elsewhere, 80), 0.1)
    GUARD.forget()


def test_sockets_of_the_file_system_are_no_network(tmp_path):
    one, other = socket.socketpair()
    with one, other:
        one.sendall(b"x")
        assert other.recv(1) == b"x"


CALLING = f"import socket; socket.create_connection(('{ELSEWHERE}', 80), 0.1)"
PYTHON = [sys.executable, "-c", CALLING]
STARTED = {
    "as we are": lambda: subprocess.run(PYTHON, stderr=subprocess.PIPE),
    "with a path of its own": lambda: subprocess.run(
        PYTHON, env=os.environ | {"PYTHONPATH": "/nowhere"}, stderr=subprocess.PIPE
    ),
    "with nothing": lambda: subprocess.run(PYTHON, env={}, stderr=subprocess.PIPE),
    "by a shell": lambda: subprocess.run(
        ["sh", "-c", '"$0" -c "$1"; exit $?', sys.executable, CALLING], stderr=subprocess.PIPE
    ),
    "by a process": lambda: subprocess.run(
        [sys.executable, "-c", f"import subprocess, sys; sys.exit(subprocess.call({PYTHON}))"],
        stderr=subprocess.PIPE,
    ),
}


@pytest.mark.parametrize("start", STARTED.values(), ids=STARTED)
def test_every_way_out_is_shut_for_what_a_test_starts(start):
    done = start()
    assert done.returncode != 0
    assert b"CalledOutError" in done.stderr
    assert GUARD.attempts == [f"('{ELSEWHERE}',)"]
    GUARD.forget()


@pytest.mark.parametrize("method", ["spawn", "fork", "loky"])
def test_every_way_out_is_shut_for_helpers(method):
    if method == "loky":
        from loky.process_executor import ProcessPoolExecutor

        pool = ProcessPoolExecutor(1)
    else:
        pool = concurrent.futures.ProcessPoolExecutor(1, mp_context=multiprocessing.get_context(method))
    with pool:
        assert pool.submit(socket.getaddrinfo, "repository.example", 80).exception()
    assert GUARD.attempts == ["('repository.example',)"]
    GUARD.forget()


ANSWERED = """
import socket, sys
socket.create_connection(("127.0.0.1", int(sys.argv[1]))).close()
print("here")
socket.create_connection(("10.0.0.1", 80), 0.1)
"""


@pytest.mark.loopback
def test_with_the_mark_this_machine_is_open_to_what_a_test_starts_and_nothing_else():
    with socket.create_server(("127.0.0.1", 0)) as server:
        command = [sys.executable, "-c", ANSWERED, str(server.getsockname()[1])]
        done = subprocess.run(command, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (1, "here\n")
    assert GUARD.attempts == ["('10.0.0.1',)"]
    GUARD.forget()


def test_a_process_that_opens_no_socket_has_imported_nothing_more():
    program = "import sys; print(*sys.modules)"
    alone = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    watched, free = (
        {*subprocess.check_output([sys.executable, *ignoring, "-c", program], env=alone, text=True).split()}
        for ignoring in ([], ["-E"])
    )
    assert watched - free == {"sitecustomize"}


SWALLOWING = """
import socket, subprocess, sys

def test_by_itself():
    try:
        socket.getaddrinfo("repository.example", 80)
    except BaseException:
        pass

def test_by_what_it_starts():
    subprocess.run([sys.executable, "-c", "import socket; socket.getaddrinfo('other.example', 80)"])

def test_nobody():
    pass
"""


def test_who_swallows_the_refusal_fails_all_the_same(tmp_path):
    (tmp_path / "test_swallowing.py").write_text(SWALLOWING)
    command = [sys.executable, "-m", "pytest", "-p", "tests.conftest", "-p", "no:cacheprovider", tmp_path]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 1
    assert "called out: ('repository.example',)" in done.stdout
    assert "called out: ('other.example',)" in done.stdout
    assert "3 passed, 2 errors" in done.stdout


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
    "matplotlib pandas polars bm25s fastapi httptools jinja2 prometheus_client uvicorn uvloop sentencepiece "
    "loky numba ray regex google.protobuf"
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
