"""What the tests of builds share: a corpus from plain texts, a store, the parts of a rebuild."""

import hashlib
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from recommender.builds import BuildStore, unfinished
from recommender.builds.rebuild import Corpus, HeldPapers, rebuild
from recommender.builds.unfinished import Unfinished
from recommender.index import engine_named, list_training
from recommender.paper import Paper
from recommender.ranking import COSINE
from tests.conftest import letter_parts

NIGHT = datetime(2026, 11, 23, 2, 15, tzinfo=UTC)


@pytest.fixture
def now():
    return NIGHT


@pytest.fixture
def store(tmp_path):
    return BuildStore(tmp_path / "home" / "builds")


@pytest.fixture
def corpus_of():
    def make(texts, *, rejected=None, n_rejected=None):
        """Return the corpus of papers with these texts by id; the digest names exactly them."""
        papers = [Paper(id=paper_id, title=text, venue=text) for paper_id, text in texts.items()]
        rejected = rejected or {}
        return Corpus(
            papers=HeldPapers(papers),
            rejected=rejected,
            n_rejected=len(rejected) if n_rejected is None else n_rejected,
            digest=hashlib.sha256(repr((papers, rejected)).encode()).hexdigest(),
            origin="library",
        )

    return make


@pytest.fixture
def ranking():
    """The vectors alone, so that scores can be computed by hand."""
    return COSINE


@pytest.fixture
def parts(store, letters, engine, ranking):
    return letter_parts(store.root.parent, engine, embedder=letters, ranking=ranking)


@pytest.fixture
def rebuilt(parts, corpus_of, now):
    def make(texts, *, on_stage=lambda stage, done, total: None, force=False, **rest):
        """Rebuild from texts by id, without publishing."""
        return rebuild(corpus_of(texts, **rest), parts, now=now, on_stage=on_stage, force=force)

    return make


@pytest.fixture
def published(rebuilt, store):
    def make(texts, **rest):
        """Rebuild from texts by id, publish, and return the id of the build."""
        build_id = rebuilt(texts, **rest).manifest.build_id
        store.publish(build_id)
        return build_id

    return make


@pytest.fixture
def listed(store, parts, corpus_of, now, monkeypatch):
    """Publish a build of texts by id that is searched in lists, few as they are; return its parts."""

    def listed_(texts):
        monkeypatch.setattr(list_training, "EXACT_ROWS", 1_000)
        own = replace(parts, recall=0.97, engine=engine_named("faiss", 0.97))
        manifest = rebuild(corpus_of(texts), own, now=now, on_stage=lambda *_: None).manifest
        store.publish(manifest.build_id)
        return own

    return listed_


class Killed(BaseException):
    """As SIGKILL: nothing is tidied up after it."""


@pytest.fixture
def killed_at(monkeypatch):
    """Within the block a rebuild must die when a stage is noted, and leaves what it has then."""

    @contextmanager
    def killed_at_(stage):
        note = Unfinished.note

        def note_and_die(self, name, *about, **facts):
            note(self, name, *about, **facts)
            if name == stage:
                (self.folder / "half.npy").write_bytes(b"begun")
                raise Killed

        with monkeypatch.context() as patch:
            patch.setattr(unfinished, "WORTH", 0.0)
            patch.setattr(Unfinished, "note", note_and_die)
            patch.setattr("recommender.builds.store.shutil.rmtree", lambda *_, **__: None)
            with pytest.raises(Killed):
                yield

    return killed_at_
