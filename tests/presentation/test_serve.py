"""`recommend serve` says what is wrong before it serves, and costs other commands nothing."""

import json
import os
import socket
import subprocess
import sys
from urllib.request import urlopen

import pytest

from recommender.presentation.cli import serve as command
from recommender.presentation.web import run as runner
from recommender.settings import PACKAGE


@pytest.fixture
def unprepared(call, monkeypatch):
    """Call the command without making the sample's build first."""
    monkeypatch.setattr(command, "prepare", lambda workspace: None)
    return call


@pytest.fixture
def served(unprepared, monkeypatch):
    """Call `recommend serve`; the server itself is stood in for by a list."""
    calls = []
    monkeypatch.setattr(runner, "run", lambda workspace, site, **where: calls.append((site, where)))

    def call(*arguments):
        return unprepared("serve", *arguments), calls

    return call


def test_it_listens_on_this_machine_alone_unless_told(served):
    result, ((site, where),) = served()
    assert result.code == 0
    assert where == {"host": "127.0.0.1", "port": 8000, "root_path": ""}
    assert (site.api_keys, site.origins, site.has_pages, site.title) == ((), (), True, "")
    assert site.limits.per_minute == 0


def test_every_option_arrives(served, write, monkeypatch):
    key = write("\ufeffs€cret\n\n second \n", "key")
    options = ["--host", "::", "--port", "0", "--title", "刊", "--no-pages", "--root-path", "/x"]
    options += ["--rate", "90"]
    result, ((site, where),) = served(*options, "--cors", "https://a.example", "--api-key-file", key)
    assert result.code == 0
    assert where == {"host": "::", "port": 0, "root_path": "/x"}
    assert (site.api_keys, site.origins, site.has_pages, site.title) == (
        ("s€cret", "second"),
        ("https://a.example",),
        False,
        "刊",
    )
    assert site.limits.per_minute == 90
    assert "s€cret" not in repr(site)
    monkeypatch.setenv("RECOMMENDER_API_KEY", "other")
    assert served()[1][-1][0].api_keys == ("other",)


def test_a_key_that_cannot_be_read_is_refused(served, write, tmp_path):
    for file in (tmp_path / "none", write(b"\xff\xfe\xfa", "binary"), write("\n", "empty")):
        result, calls = served("--api-key-file", file)
        assert (result.code, calls) == (2, [])
        assert file.name in result.err


@pytest.mark.loopback
def test_an_address_that_is_taken_or_is_none_is_refused(unprepared):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        result = unprepared("serve", "--port", str(taken.getsockname()[1]))
    assert result.code == 2
    assert "choose another with --host and --port" in result.err
    assert unprepared("serve", "--host", "nowhere.invalid").code == 2


def test_a_missing_extra_is_asked_for_in_one_sentence(unprepared, monkeypatch):
    monkeypatch.setitem(sys.modules, "fastapi", None)
    result = unprepared("serve")
    assert result.code == 2
    assert "pip install 'recommender[web]'" in result.err


@pytest.mark.loopback
def test_who_ends_it_hears_nothing_more_of_the_process_that_looked_for_duplicates(built, home):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "recommender", "serve", "--port", str(port)]
    environment = {**os.environ, "PYTHONPATH": str(PACKAGE.parent)}
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as server:
        try:
            assert any("listening on" in line for line in server.stderr)
            with urlopen(f"http://127.0.0.1:{port}/duplicates", timeout=60) as answer:
                assert answer.status == 200
        finally:
            server.terminate()
        said = server.communicate(timeout=60)[1]  # of the process that counts what was left, too
    assert server.returncode == 0
    assert "leaked" not in said
    assert "Traceback" not in said


def test_other_commands_import_nothing_of_the_web():
    program = "import json, sys, recommender.presentation.cli.app; print(json.dumps([*sys.modules]))"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    loaded = json.loads(run.stdout)
    assert "recommender.presentation.cli.serve" in loaded
    web = {"fastapi", "starlette", "jinja2", "uvicorn", "prometheus_client", "recommender.presentation.web"}
    assert not web & {*loaded}
