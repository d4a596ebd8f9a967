"""What the whole suite shares: a real, explainable embedder, and where the shared data may lie."""

import os
import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from filelock import FileLock

from recommender.builds import Build, BuildStore
from recommender.builds.neighbours import FILE, write_neighbours
from recommender.builds.parts import Parts
from recommender.errors import ModelError
from recommender.index import ENGINES, Engine, engine_named
from recommender.index.stored import write_vectors
from recommender.settings import Settings
from recommender.vectors import Vectors, normalised
from recommender.workspace import Workspace
from tests.offline import GUARD

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"
LETTERS = "abcdefghijklmnopqrstuvwxyz"


def pytest_configure(config):
    """Shut every way out, but for campaigns that use what stands here without the tests."""
    GUARD.install()
    config.add_cleanup(GUARD.leave)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item, nextitem):
    """Let only tests that are marked `loopback` speak to servers, their fixtures and processes included."""
    GUARD.begin(allowed=item.get_closest_marker("loopback") is not None)
    try:
        return (yield)
    finally:
        GUARD.end()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item):
    result = yield
    if attempts := GUARD.attempts:
        pytest.fail(
            f"called out: {', '.join(attempts)}; a test that speaks to a server of its own is marked loopback"
        )
    return result


class LetterEmbedder:
    """Counts the letters a to z of a text, so that expected neighbours can be reasoned about."""

    fingerprint = "letters"
    fills_cores = False
    dim = len(LETTERS)

    def __init__(self) -> None:
        self.read: list[str] = []  # every text the model had to read, in order

    def encode(self, texts: Sequence[str]) -> Vectors:
        self.read += texts
        counts = np.array([[text.lower().count(letter) for letter in LETTERS] for text in texts], dtype=float)
        try:
            return normalised(counts.reshape(len(texts), self.dim))
        except ValueError as problem:
            raise ModelError(f"no letters: {problem}") from problem

    def windows(self, texts: Sequence[str]) -> list[int]:
        return [1 + len(text) // 100 for text in texts]


def is_running(process):
    """Tell whether there is a process of that number."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


LINEAR = 9.0  # see `times_as_long`: of linear time it is 4, of quadratic time 16


def times_as_long(work: Callable[[int], object], n: int) -> float:
    """Return how many times as long four times as much work takes, by the processor's clock, at its best."""

    def took(n: int) -> float:
        started = time.process_time()
        work(n)
        return time.process_time() - started

    took(n // 10)  # what is done once is done
    return min(took(4 * n) for _ in range(2)) / max(1e-3, min(took(n) for _ in range(3)))


def build_index(engine, vectors, folder, sizes=()):
    """Write vectors into a folder and have an engine build its index beside them."""
    write_vectors(vectors, folder)
    engine.build(folder, sizes)


def letter_parts(home: Path, engine: Engine, **more: Any) -> Parts:
    """Return what a rebuild in a home folder works with, where letters are all that texts mean."""
    given = {"embedder": LetterEmbedder(), "model": "letters", "engine": engine} | more
    return Parts(store=BuildStore(home / "builds"), embeddings=home / "embeddings", **given)


def keep_first(n: int, build: Build) -> None:
    """Leave the first `n` neighbours of every row in the file of a build, as if the others were gone."""
    table = build.neighbours
    whole = table.listed(np.arange(len(table)))
    left = np.arange(table.k) < n
    columns = {
        name: np.where(left, getattr(whole, name), 0)
        for name in ("rows", "scores", "similarities", "labels", "shared")
    }
    listed = replace(whole, counts=np.minimum(whole.counts, n), **columns)
    path = build.folder / FILE
    write_neighbours([listed], (len(table), table.k), build.manifest.build_id, path.with_suffix(".new"))
    path.with_suffix(".new").replace(path)


@pytest.fixture
def letters():
    return LetterEmbedder()


@pytest.fixture(scope="session")
def sample_home(tmp_path_factory):
    """A home with a build of the bundled sample, made once for all processes: to be read, or to be copied."""
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent  # that all processes of the run share
    home, made = folder / "sample", folder / "sample.made"
    with FileLock(folder / "sample.lock"):
        if not made.exists():
            Workspace(Settings(home=home)).build_sample()
            made.touch()
    return home


@pytest.fixture(scope="session")
def warm(sample_home):
    """Make a home in which the model that ships was used before: what it keeps takes a second to make."""

    def warm_(home):
        shutil.copytree(sample_home / "embeddings", home / "embeddings")
        return home

    return warm_


@pytest.fixture(scope="session")
def milvus(tmp_path_factory):
    """The address of a Milvus server: that of MILVUS_URI, or one of our own, which is Milvus Lite."""
    if address := os.environ.get("MILVUS_URI"):
        yield address
        return
    lite = pytest.importorskip("milvus_lite.adapter.grpc.server", reason="needs milvus-lite")
    server, database, port = lite.start_server_in_thread(
        data_dir=str(tmp_path_factory.mktemp("milvus")), host="127.0.0.1", port=0
    )
    os.environ["MILVUS_URI"] = address = f"http://127.0.0.1:{port}"
    yield address
    del os.environ["MILVUS_URI"]
    server.stop(grace=0)
    database.close()


@pytest.fixture(params=sorted(ENGINES))
def engine(request):
    """Every engine in turn."""
    if request.param == "milvus":
        request.getfixturevalue("milvus")
    return engine_named(request.param)


@pytest.fixture(scope="session")
def shared():
    """The folder of real data beside the checkout; tests that need it skip where it is not."""
    if not SHARED.is_dir():
        pytest.skip("needs the data folder beside the checkout")
    return SHARED
