"""A Ray cluster of two nodes on this machine gives what this process gives, a node lost or not."""

import json
import logging
import operator
import os
import socket
import time
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import WhitespaceSplit

from recommender.embedding import EmbeddingCache, HeldTexts, KnownVectors, embed_corpus, open_embedder
from recommender.embedding.corpus import TEXTS_AT_ONCE
from recommender.errors import ModelError, WorkersError
from recommender.index import engine_named
from recommender.lexical import TermMatrix
from recommender.ranking import FUSED, LanguageGroups, Ranker, fit
from recommender.vectors import normalised
from recommender.workers import HERE, open_workers
from recommender.workers.ray import NO_CLOUD
from tests.conftest import build_index
from tests.lexical.lists import lists_of

pytestmark = pytest.mark.loopback

NODE = {
    "num_cpus": 1,
    "object_store_memory": 100 * 2**20,
    "include_dashboard": False,
    "node_ip_address": "127.0.0.1",
}
STATIC = "sentence_transformers.sentence_transformer.modules.static_embedding.StaticEmbedding"
RAYLET, SERVER = "raylet", "ray_client_server"
WORDS = [f"w{number}" for number in range(400)]
BATCHES = 30


@pytest.fixture(scope="module")
def ray():
    """Ray, which reads the environment when it is imported and when it starts."""
    names = {
        "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",  # it listens to this machine alone
        **NO_CLOUD,
        "RAY_USAGE_STATS_ENABLED": "0",  # of the cluster that the tests start themselves
        "RAY_CLIENT_SERVER_CHECK_CHANNEL_TIMEOUT_S": "15",  # it fails now and then, and is asked again
        "PYTHONPATH": str(Path(__file__).resolve().parents[2]),
    }
    with pytest.MonkeyPatch.context() as patch:
        for name, value in names.items():
            patch.setenv(name, value)
        yield pytest.importorskip("ray", reason="needs ray: pip install 'recommender[ray]'")


@pytest.fixture(scope="module")
def cluster(ray):
    """Two nodes, one core each; this program belongs to the first one."""
    from ray.cluster_utils import Cluster

    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    cluster = Cluster(initialize_head=True, head_node_args={**NODE, "ray_client_server_port": port})
    cluster.second = cluster.add_node(**NODE)
    cluster.client = f"ray://127.0.0.1:{port}"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RAY_ADDRESS", cluster.address)
        yield cluster
    cluster.shutdown()


@pytest.fixture(scope="module")
def workers(cluster):
    with open_workers("ray") as workers:
        yield workers


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    """A static model of random vectors, so that the order of a sum would show."""
    folder = tmp_path_factory.mktemp("model")
    (folder / "modules.json").write_text(json.dumps([{"idx": 0, "name": "0", "path": "", "type": STATIC}]))
    tokenizer = Tokenizer(
        WordLevel({word: number for number, word in enumerate(["?", *WORDS])}, unk_token="?")
    )
    tokenizer.pre_tokenizer = WhitespaceSplit()
    tokenizer.save(str(folder / "tokenizer.json"))
    table = np.random.default_rng(1).normal(size=(len(WORDS) + 1, 64)).astype(np.float32)
    save_file({"embedding.weight": table}, folder / "model.safetensors")
    return open_embedder(str(folder))


@pytest.fixture
def embed(model, tmp_path):
    def run(texts, workers, on_progress=lambda done, total: None):
        """Return the vectors of texts, none of which is known."""
        with EmbeddingCache(
            tmp_path / str(id(workers)), fingerprint=model.fingerprint, dim=model.dim
        ) as cache:
            return embed_corpus(HeldTexts(texts), model, KnownVectors(cache), on_progress, workers).vectors

    return run


@pytest.fixture(scope="module")
def texts():
    source = np.random.default_rng(2)
    return [" ".join(source.choice(WORDS, size=30)) for _ in range(BATCHES * TEXTS_AT_ONCE)]


def kill_processes_of(node, name):
    """Kill what a part of a node has started, and the part: actors go on for a second after their node."""
    import psutil  # which comes with Ray

    for started in node.all_processes[name]:
        if psutil.pid_exists(started.process.pid):
            parent = psutil.Process(started.process.pid)
            for process in [*parent.children(recursive=True), parent]:
                process.kill()


def test_results_come_in_the_order_of_the_batches(workers):
    batches = ["x" * (number % 7) for number in range(100)]
    assert [*workers.map(len, batches)] == [number % 7 for number in range(100)]


@pytest.mark.parametrize(("name", "exact_rows"), [("flat", 50_000), ("faiss", 100)])
def test_neighbours_are_those_of_this_process(workers, tmp_path, monkeypatch, name, exact_rows):
    monkeypatch.setattr("recommender.index.list_training.EXACT_ROWS", exact_rows)
    source = np.random.default_rng(3)
    vectors = normalised(source.normal(size=(600, 24)))
    texts = [" ".join(source.choice(WORDS, size=20)) for _ in vectors]
    engine = engine_named(name)
    build_index(engine, vectors, tmp_path, (200, 400))
    assert (tmp_path / "index.1.faiss").exists() == (exact_rows == 100)
    matrix = TermMatrix.of(texts)
    calibration = fit(vectors, matrix, LanguageGroups.of(["en"] * 200 + ["zh"] * 400), FUSED)
    ranker = Ranker(
        engine.open(tmp_path), vectors, matrix, lists_of(matrix), calibration, range(len(vectors))
    )
    ranker.words_from = 0
    found, expected = (
        [
            (ranked.asked.tolist(), ranked.counts.tolist(), [column.tolist() for column in ranked.columns])
            for ranked in ranker.neighbours(10, lambda done, total: None, who)
        ]
        for who in (workers, HERE)
    )
    assert sum(len(asked) for asked, *_ in expected) == len(vectors)
    assert found == expected


def test_a_text_that_the_model_cannot_read_is_the_same_error(workers, embed):
    told = []
    for who in (workers, HERE):
        with pytest.raises(ModelError, match="no vector for some of the texts") as caught:
            embed(["w1", ""], who)
        told.append(str(caught.value))
    assert told[0] == told[1]


def test_work_that_fails_is_told_in_one_line(workers):
    with pytest.raises(WorkersError, match=r"^the work failed on a Ray worker: .*division by zero$"):
        [*workers.map(partial(operator.truediv, 1), [2, 0])]


def test_a_batch_that_takes_every_worker_with_it_ends_the_run(workers, monkeypatch):
    monkeypatch.setattr("recommender.workers.ray.LOSSES", 1)
    with pytest.raises(WorkersError, match="2 Ray workers were lost one after the other"):
        [*workers.map(os._exit, [1])]


def test_a_node_that_dies_while_texts_are_embedded_changes_nothing(workers, cluster, embed, texts, caplog):
    caplog.set_level(logging.INFO, logger="recommender.workers.ray")

    def kill(done, total):
        if caplog.text.count("has taken up the work") < 2:
            time.sleep(2)  # the other node is not there yet: beside much else it takes half a minute
        elif cluster.second in cluster.worker_nodes:
            kill_processes_of(cluster.second, RAYLET)
            cluster.remove_node(cluster.second, allow_graceful=False)

    found = embed(texts, workers, kill)
    assert "a Ray worker was lost" in caplog.text
    assert found.tobytes() == embed(texts, HERE).tobytes()


def test_a_cluster_is_reached_by_its_client_server_until_that_goes_away(
    ray, cluster, embed, texts, monkeypatch
):
    monkeypatch.setenv("RAY_CLIENT_RECONNECT_GRACE_PERIOD", "1")
    ray.shutdown()
    with open_workers(cluster.client) as workers:
        try:
            found = embed(texts[: 3 * TEXTS_AT_ONCE], workers)
        except WorkersError as problem:
            if "no Ray cluster" not in str(problem):
                raise
            pytest.skip(f"Ray's own client server does not start now: {problem}")
        assert ray.util.client.ray.is_connected()
        with pytest.raises(
            WorkersError, match=r"^the Ray cluster ray://\S+ went away \(.*kept: run it again"
        ):
            embed(texts, workers, lambda done, total: kill_processes_of(cluster.head_node, SERVER))
    assert found.tobytes() == embed(texts[: 3 * TEXTS_AT_ONCE], HERE).tobytes()


@pytest.mark.parametrize("name", ["local", "ray", "ray://127.0.0.1:1"])
def test_whoever_opens_workers_has_usage_statistics_switched_off(ray, monkeypatch, name):
    from ray._common.usage.usage_lib import usage_stats_enabled

    monkeypatch.setenv("RAY_USAGE_STATS_ENABLED", "1")
    assert usage_stats_enabled()
    with open_workers(name):  # which calls no cluster before there is work
        assert not usage_stats_enabled()


def test_nothing_to_do_calls_nobody(ray):
    with open_workers("ray://127.0.0.1:1") as workers:
        assert [*workers.map(len, [])] == []


@pytest.mark.parametrize(
    ("address", "reason"), [("ray://127.0.0.1:1", "refused"), ("ray://127.0.0.1", "HOST:10001")]
)
def test_a_cluster_that_is_not_there_is_told_in_one_line(ray, address, reason):
    ray.shutdown()  # whoever belongs to a cluster already asks that one
    with open_workers(address) as workers, pytest.raises(WorkersError, match=reason) as caught:
        [*workers.map(len, ["x"])]
    assert str(caught.value).startswith(f"no Ray cluster at {address}: ")
    assert "\n" not in str(caught.value)
