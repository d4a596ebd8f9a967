"""What the tests of answers share: a published build from plain texts, and what answers from it."""

import hashlib
from datetime import UTC, datetime

import pytest

from recommender.builds import BuildStore
from recommender.builds.rebuild import Corpus, HeldPapers, rebuild
from recommender.index import engine_named
from recommender.ranking import COSINE
from recommender.recommendation import Recommender
from tests.conftest import letter_parts


@pytest.fixture
def store(tmp_path):
    return BuildStore(tmp_path / "builds")


@pytest.fixture(params=["faiss", "flat"])
def engine(request):
    """The engines that need no server: what a server finds is what they find, as its own tests hold."""
    return engine_named(request.param)


@pytest.fixture
def ranking():
    """The vectors alone, so that scores can be computed by hand."""
    return COSINE


@pytest.fixture
def publish(store, letters, engine, ranking, tmp_path):
    def make(papers, rejected=None):
        corpus = Corpus(
            papers=HeldPapers(papers),
            rejected=rejected or {},
            n_rejected=len(rejected or {}),
            digest=hashlib.sha256(repr(papers).encode()).hexdigest(),
            origin="library",
        )
        parts = letter_parts(tmp_path, engine, embedder=letters, ranking=ranking)
        now = datetime(2026, 11, 23, 2, 15, tzinfo=UTC)
        built = rebuild(corpus, parts, now=now, on_stage=lambda stage, done, total: None)
        store.publish(built.manifest.build_id)

    return make


@pytest.fixture
def recommender_of(publish, store, letters):
    def make(papers, rejected=None):
        """Return a recommender that answers from a build of these papers."""
        publish(papers, rejected)
        return Recommender(store.current(), lambda: letters)

    return make
