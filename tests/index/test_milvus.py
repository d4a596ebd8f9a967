"""What a server can do to an engine: go away, lose rows, answer late or twice."""

import json
import os
import shutil
import socket
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from recommender.builds import BuildStore
from recommender.errors import BuildError, EngineError
from recommender.index import engine_named, give_up
from recommender.index.milvus import BATCH_BYTES, MOST_NAMED, MilvusEngine
from recommender.index.stored import write_vectors
from recommender.vectors import normalised
from tests.conftest import build_index

pymilvus = pytest.importorskip("pymilvus")


@pytest.fixture
def client(milvus):
    return pymilvus.MilvusClient(uri=milvus)


@pytest.fixture
def vectors():
    return normalised(np.random.default_rng(5).normal(size=(300, 24)))


@pytest.fixture
def built(milvus, vectors, tmp_path):
    folder = tmp_path / "build"
    folder.mkdir()
    build_index(MilvusEngine(), vectors, folder)
    return folder


def collection_of(folder):
    return json.loads((folder / "milvus.json").read_text())["collection"]


class Stumbling:
    """A client whose calls fail now and then, after they were carried out: the answer is lost."""

    def __init__(self, client, times):
        self._client = client
        self.times = times

    def __getattr__(self, name):
        def call(*args, **options):
            answer = getattr(self._client, name)(*args, **options)
            if name in self.times and self.times[name] > 0:
                self.times[name] -= 1
                raise pymilvus.MilvusException(code=1, message="connection lost\nand more")
            return answer

        return call if callable(getattr(self._client, name)) else getattr(self._client, name)


def test_the_name_of_a_collection_is_on_the_disk_before_there_is_one(client, vectors, tmp_path, monkeypatch):
    synced, fsync, engine = [], os.fsync, MilvusEngine()

    def noted(descriptor):
        synced.append(Path(f"/proc/self/fd/{descriptor}").readlink().name)
        fsync(descriptor)

    folder = tmp_path / "build"
    folder.mkdir()
    write_vectors(vectors, folder)
    monkeypatch.setattr(os, "fsync", noted)
    monkeypatch.setattr(engine, "_create", lambda *_: (_ for _ in ()).throw(EngineError("no power")))
    with pytest.raises(EngineError, match="no power"):
        engine.build(folder)
    assert synced == ["milvus.json", "build", tmp_path.name]


def test_every_build_has_a_collection_of_its_own_and_drops_no_other(built, client, vectors, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    build_index(MilvusEngine(), vectors[:10], other)
    first, second = collection_of(built), collection_of(other)
    assert first != second
    MilvusEngine().drop(built)
    assert not client.has_collection(first)
    assert len(MilvusEngine().open(other)) == 10


def test_a_call_whose_answer_was_lost_is_made_again_and_no_row_is_there_twice(milvus, client, tmp_path):
    vectors = normalised(np.random.default_rng(6).normal(size=(2 * BATCH_BYTES // 4096, 1024)))
    engine = MilvusEngine(pause=0.001)
    stumbling = Stumbling(client, {"create_collection": 1, "upsert": 3, "flush": 1})
    engine._server._client = stumbling
    build_index(engine, vectors, tmp_path)
    assert stumbling.times == {"create_collection": 0, "upsert": 0, "flush": 0}
    found = MilvusEngine().open(tmp_path).search(vectors[-2:], k=1)
    assert found.rows.ravel().tolist() == [len(vectors) - 2, len(vectors) - 1]


def test_a_server_that_goes_on_failing_is_given_up_with_its_address_and_reason(milvus, client, tmp_path):
    engine = MilvusEngine(attempts=3, pause=0.001)
    engine._server._client = stumbling = Stumbling(client, {"upsert": 99})
    with pytest.raises(EngineError, match=rf"{milvus} could not take vectors \(connection lost\); see that"):
        build_index(engine, np.eye(3, dtype=np.float32), tmp_path)
    assert stumbling.times == {"upsert": 96}


def test_a_server_that_is_not_there_is_said_in_one_line(monkeypatch, tmp_path, caplog):
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        address = f"http://127.0.0.1:{taken.getsockname()[1]}"
    monkeypatch.setenv("MILVUS_URI", address)
    with pytest.raises(EngineError, match=address) as refused:
        build_index(MilvusEngine(timeout=1, attempts=1), np.eye(3, dtype=np.float32), tmp_path)
    assert "\n" not in str(refused.value)
    assert not caplog.records


def test_a_server_that_never_answers_is_given_up(tmp_path):
    with closing(socket.create_server(("127.0.0.1", 0))) as silent:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(EngineError, match=address):
            build_index(MilvusEngine(address, timeout=0.5, attempts=1), np.eye(3, dtype=np.float32), tmp_path)


def test_a_collection_that_is_gone_or_not_whole_is_a_damaged_build(built, client):
    collection = collection_of(built)
    client.delete(collection, filter="row == 7")
    with pytest.raises(BuildError, match=r"of milvus\.json holds 299 vectors, vectors\.npy 300"):
        MilvusEngine().open(built)
    client.drop_collection(collection)
    with pytest.raises(BuildError, match=rf"milvus\.json names the collection {collection}, which"):
        MilvusEngine().open(built)


def test_rows_lost_after_opening_are_no_short_answer(built, client, vectors):
    index = MilvusEngine().open(built)
    client.delete(collection_of(built), filter="row >= 20")
    with pytest.raises(EngineError, match="found 20 of 26 rows"):
        index.search(vectors[:1], k=10)


@pytest.mark.parametrize(
    "allowed",
    [np.arange(100, 200), np.arange(0, 300, 3), np.array([4, 250])],
    ids=["a range", "named rows", "no more than are asked for"],
)
def test_a_filter_goes_to_the_server_and_the_answer_is_that_of_the_reference(
    built, vectors, allowed, tmp_path
):
    reference = engine_named("flat")
    build_index(reference, vectors, tmp_path)
    wanted = reference.open(tmp_path).search(vectors[:5], 8, allowed)
    found = MilvusEngine().open(built).search(vectors[:5], 8, allowed)
    assert found.rows.tolist() == wanted.rows.tolist()
    assert found.scores.tolist() == wanted.scores.tolist()


def test_a_filter_too_long_to_say_is_answered_here(built, vectors, monkeypatch):
    index = MilvusEngine().open(built)
    monkeypatch.setattr(index._server, "call", lambda *_: pytest.fail("the server was asked"))
    monkeypatch.setattr("recommender.index.milvus.MOST_NAMED", 50)
    assert MOST_NAMED > 50
    found = index.search(vectors[:1], k=8, allowed=np.arange(0, 300, 3))
    assert found.rows[0, 0] == 0


def test_what_a_killed_build_has_on_the_server_is_dropped_by_the_next_one(built, client, milvus, tmp_path):
    store = BuildStore(tmp_path / "builds")
    left = store.root / ".20261101T000000Z.partial"
    left.parent.mkdir()
    shutil.move(built, left)
    collection = collection_of(left)
    with pytest.raises(BuildError, match="left without a manifest"), store.create("20261102T000000Z"):
        pass
    assert not client.has_collection(collection)
    assert not left.exists()


def test_a_build_that_fails_leaves_nothing_on_the_server(client, milvus, tmp_path):
    store = BuildStore(tmp_path / "builds")
    seen = []

    def fail():
        with store.create("20261102T000000Z") as folder:
            build_index(MilvusEngine(), np.eye(3, dtype=np.float32), folder)
            seen.append(client.has_collection(collection_of(folder)))
            seen.append(collection_of(folder))

    with pytest.raises(BuildError, match="left without a manifest"):
        fail()
    was_there, collection = seen
    assert was_there
    assert not client.has_collection(collection)


def test_what_cannot_be_given_up_does_not_stop_the_next_build(tmp_path, monkeypatch, caplog):
    monkeypatch.setenv("MILVUS_URI", "http://127.0.0.1:1")
    store = BuildStore(tmp_path / "builds")
    left = store.root / ".20261101T000000Z.partial"
    left.mkdir(parents=True)
    (left / "milvus.json").write_text('{"collection": "recommender_0"}')
    with pytest.raises(EngineError):
        give_up(left)
    with pytest.raises(BuildError, match="left without a manifest"), store.create("20261102T000000Z"):
        pass
    assert "something stays behind for now" in caplog.text
    assert "Milvus at http://127.0.0.1:1 could not drop" in caplog.text


def test_what_could_not_be_given_up_is_by_the_next_one_that_reaches_the_server(
    built, client, milvus, tmp_path, monkeypatch
):
    store = BuildStore(tmp_path / "builds")
    left = store.root / ".20261101T000000Z.partial"
    left.parent.mkdir()
    shutil.move(built, left)
    collection = collection_of(left)
    monkeypatch.setenv("MILVUS_URI", "http://127.0.0.1:1")
    store.tidy()
    assert [path.name for path in left.iterdir()] == ["milvus.json"]
    assert store.free_id(datetime(2026, 11, 1, tzinfo=UTC)) == "20261101T000001Z"
    monkeypatch.setenv("MILVUS_URI", milvus)
    assert client.has_collection(collection)
    store.tidy()
    assert not client.has_collection(collection)
    assert not left.exists()


def test_a_build_that_fails_while_the_server_is_gone_leaves_the_name_of_its_collection(
    client, milvus, tmp_path, monkeypatch
):
    store = BuildStore(tmp_path / "builds")

    def fail():
        with store.create("20261102T000000Z") as folder:
            build_index(MilvusEngine(), np.eye(3, dtype=np.float32), folder)
            monkeypatch.setenv("MILVUS_URI", "http://127.0.0.1:1")

    with pytest.raises(BuildError, match="left without a manifest"):
        fail()
    (left,) = store.unfinished()
    assert [path.name for path in left.iterdir()] == ["milvus.json"]
    assert client.has_collection(collection_of(left))


def test_where_no_server_is_nothing_is_begun_of_which_something_could_stay_behind(
    tmp_path, monkeypatch, caplog
):
    monkeypatch.setenv("MILVUS_URI", "http://127.0.0.1:1")
    store = BuildStore(tmp_path / "builds")
    engine = MilvusEngine(attempts=1)
    with pytest.raises(EngineError, match="see that it runs"), store.create("20261102T000000Z") as folder:
        build_index(engine, np.eye(3, dtype=np.float32), folder)
    assert caplog.text == ""
    assert store.unfinished() == []


@pytest.mark.parametrize("text", ["", "{}", '{"collection": 3}', '{"collection": "of_somebody_else"}'])
def test_a_file_that_names_no_collection_of_ours_is_refused(built, text):
    (built / "milvus.json").write_text(text)
    with pytest.raises(BuildError, match=r"milvus\.json"):
        MilvusEngine().drop(built)
