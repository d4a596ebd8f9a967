"""A new build is taken up while the server runs, and no request is lost or mixed of two builds."""

import gc
import json
import threading
import time
import tracemalloc
import weakref

import pytest
from starlette.testclient import TestClient

from recommender.presentation.web.app import create_app
from recommender.presentation.web.run import freeze
from recommender.presentation.web.shelf import BESIDE, Kept
from recommender.settings import Settings
from recommender.workspace import Workspace

TITLES = ["Bees and flowers", "Wasps and flowers", "Flowers of spring"]


@pytest.fixture
def growing(tmp_path, warm):
    """A home to which `grow` adds a paper and a build."""
    workspace = Workspace(Settings(home=warm(tmp_path / "home")))
    file = tmp_path / "papers.jsonl"

    def grow():
        with file.open("a", encoding="utf-8") as lines:
            number = len(workspace.store.builds())
            first = TITLES if number == 0 else [f"Flower number {number}"]
            lines.writelines(
                json.dumps({"id": f"{number}.{n}", "title": title}) + "\n" for n, title in enumerate(first)
            )
        with workspace.writing():
            workspace.import_files([file])
            return workspace.rebuild().manifest.build_id

    grow.workspace = workspace
    return grow


def wait_for(condition):
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_new_build_is_taken_up_and_every_request_is_answered_by_one(growing, serving):
    first = growing()
    client = serving(of=growing.workspace)
    assert client.get("/papers/0.0/similar").json()["build"] == first
    answers, stop = [], threading.Event()

    def ask():
        while not stop.is_set():
            response = client.get("/papers/0.0/similar", params={"k": 9})
            answers.append((response.status_code, response.headers.get("etag"), response.json()))

    asking = [threading.Thread(target=ask) for _ in range(3)]
    for thread in asking:
        thread.start()
    second = growing()
    wait_for(lambda: answers and answers[-1][2]["build"] == second)
    stop.set()
    for thread in asking:
        thread.join()
    assert {status for status, _, _ in answers} == {200}
    assert {(content["build"], len(content["results"])) for _, _, content in answers} == {
        (first, 2),
        (second, 3),
    }
    assert all(etag == f'"{content["build"]}"' for _, etag, content in answers)
    assert client.get("/papers/0.0/similar", headers={"If-None-Match": f'"{first}"'}).status_code == 200
    assert "recommender_builds_taken_up 1.0" in client.get("/metrics").text


def test_a_request_keeps_the_build_it_began_with(growing, serving, monkeypatch):
    first = growing()
    client = serving(of=growing.workspace)
    assert client.get("/papers/0.0").status_code == 200
    shelf = client.app.state.service.shelf
    recommender, go, began = shelf.ready.recommender, threading.Event(), threading.Event()
    ask = recommender.recommend

    def slow(query, k):
        began.set()
        assert go.wait(60)
        return ask(query, k)

    monkeypatch.setattr(recommender, "recommend", slow)
    found = []
    thread = threading.Thread(target=lambda: found.append(client.get("/search", params={"q": "bees"}).json()))
    thread.start()
    assert began.wait(60)
    second = growing()
    wait_for(lambda: client.get("/readyz").json()["build"] == second)
    del recommender
    go.set()
    thread.join()
    assert found[0]["build"] == first
    assert len(found[0]["results"]) == 3


def test_a_damaged_build_leaves_the_one_before_answering(growing, serving):
    first = growing()
    client = serving(of=growing.workspace)
    assert client.get("/papers/0.0").status_code == 200
    second = growing()
    damaged = growing.workspace.store.root / second / "facets.db"
    damaged.write_bytes(damaged.read_bytes()[:-1] + b"x")
    wait_for(lambda: client.get("/readyz") and client.app.state.service.shelf.failures)
    assert client.get("/papers/0.0/similar").json()["build"] == first
    assert "recommender_builds_not_opened 1.0" in client.get("/metrics").text


def test_a_server_without_a_build_lives_and_is_not_ready_until_one_comes(growing, serving):
    client = serving(of=growing.workspace)
    assert client.get("/healthz").status_code == 200
    for address in ("/readyz", "/papers/0.0", "/papers/0.0/similar"):
        response = client.get(address)
        assert (response.status_code, response.headers["content-type"]) == (503, "application/problem+json")
        assert str(growing.workspace.settings.home) not in response.text
    page = client.get("/find?like=9", headers={"Accept": "text/html"})
    assert (page.status_code, page.headers["content-type"]) == (503, "text/html; charset=utf-8")
    growing()
    wait_for(lambda: client.get("/readyz").status_code == 200)
    assert client.get("/papers/0.0").status_code == 200


def test_making_an_application_opens_nothing(growing):
    growing()
    assert create_app(growing.workspace).state.service.shelf.ready is None


def test_whatever_a_build_brings_is_frozen_once_it_is_open(growing):
    opened = []
    growing()
    app = create_app(growing.workspace, after_opening=lambda: opened.append(1))
    with TestClient(app) as client:
        for _ in range(3):
            assert client.get("/papers/0.0").status_code == 200
        assert opened == [1]
        growing()
        wait_for(lambda: client.get("/readyz").json()["build"] == growing.workspace.store.current_id())
    assert opened == [1, 1]


def test_what_is_frozen_is_looked_at_again_when_the_next_build_is_there():
    class Ring:
        pass

    ring = Ring()
    ring.itself = ring
    gone = weakref.ref(ring)
    try:
        freeze()
        assert gc.get_freeze_count() > 1_000
        del ring
        gc.collect()
        assert gone() is not None  # nobody looks
        freeze()
        assert gone() is None
    finally:
        gc.unfreeze()


def test_what_is_kept_has_a_limit_and_the_longest_unused_goes_first():
    kept = Kept(8 * 2_000)
    for name in "abcdefgh":
        kept.put(name, b"x" * (2_000 - BESIDE))
    assert kept.get("a")
    kept.put("i", b"x" * (2_000 - BESIDE))
    assert kept.get("b") is None
    assert kept.get("a") is not None
    kept.put("large", b"x" * 2_001)
    assert kept.get("large") is None
    Kept(0).put("a", b"x")


def test_long_questions_with_short_answers_do_not_fill_the_memory():
    kept = Kept(1_000_000)
    tracemalloc.start()
    try:
        for number in range(2_000):
            kept.put(("/search", f"{number}".encode() * 20_000), b"x")
        assert tracemalloc.get_traced_memory()[0] < 2_000_000
    finally:
        tracemalloc.stop()
    assert kept.get(("/search", b"1999" * 20_000)) == b"x"


def test_an_address_with_a_long_question_is_answered_and_not_remembered(growing, serving):
    growing()
    client = serving(of=growing.workspace)
    shelf = client.app.state.service.shelf
    assert client.get("/papers/0.0").status_code == 200
    before = len(shelf.ready.kept._entries)
    assert client.get("/papers/0.0?more=" + "x" * 5_000).status_code == 200
    assert len(shelf.ready.kept._entries) == before


def test_a_damaged_pointer_is_said_once_and_again_after_it_was_mended(growing, serving, caplog):
    first = growing()
    client = serving(of=growing.workspace)
    pointer = growing.workspace.store.root / "CURRENT"
    assert client.get("/papers/0.0").status_code == 200
    for said in (1, 2):
        pointer.write_bytes(b"..")
        for _ in range(5):
            assert client.get("/papers/0.0").status_code == 200
        told = [entry for entry in caplog.records if "is not known" in entry.message]
        assert [entry.exc_info for entry in told] == [None] * said
        pointer.write_text(first + "\n")
        assert client.get("/papers/0.0").status_code == 200


def test_what_was_not_there_yet_is_looked_for_again_and_what_was_found_is_not(growing, serving):
    growing()
    client = serving(of=growing.workspace)
    client.get("/papers/0.0")
    opened, looks = client.app.state.service.shelf.ready, iter([None, "map"])
    assert [opened.once_found("a map", lambda: next(looks)) for _ in range(3)] == [None, "map", "map"]
