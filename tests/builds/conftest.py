"""What the tests of builds share: a corpus from plain texts, a store, the parts of a rebuild."""

import hashlib
import shutil
from contextlib import contextmanager
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from recommender.builds import BuildStore, unfinished
from recommender.builds.rebuild import Corpus, HeldPapers, rebuild
from recommender.builds.unfinished import Unfinished
from recommender.index import engine_named, list_training
from recommender.paper import Paper
from recommender.ranking import COSINE
from tests.builds.texts import TEXTS, TONIGHT
from tests.conftest import LetterEmbedder, letter_parts

NIGHT = datetime(2026, 11, 23, 2, 15, tzinfo=UTC)


@pytest.fixture
def now():
    return NIGHT


@pytest.fixture
def store(tmp_path):
    return BuildStore(tmp_path / "home" / "builds")


def _corpus_of(texts, *, rejected=None, n_rejected=None):
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


@pytest.fixture
def corpus_of():
    return _corpus_of


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


def _in_lists(home, letters):
    engine = engine_named("faiss", 0.97)
    return letter_parts(home, engine, embedder=letters, ranking=COSINE, recall=0.97)


def _made(texts, parts, *, force=False):
    return rebuild(_corpus_of(texts), parts, now=NIGHT, on_stage=lambda *_: None, force=force).manifest


@pytest.fixture(scope="session")
def homes_of_many(tmp_path_factory):
    """A home with a published build of many papers, and one with two builds of the night after beside it.

    Tests work on copies: of the night there is what a rebuild makes, and what one of everything makes.
    """
    first, later = (tmp_path_factory.mktemp("many") / "home" for _ in range(2))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(list_training, "EXACT_ROWS", 1_000)
        parts = _in_lists(first, LetterEmbedder())
        parts.store.publish(_made(TEXTS, parts).build_id)
        shutil.copytree(first, later)
        parts = _in_lists(later, LetterEmbedder())
        tonight = _made(TONIGHT, parts).build_id
        full = _made(TONIGHT, parts, force=True).build_id
    return SimpleNamespace(first=first, later=later, tonight=tonight, full=full)


@pytest.fixture
def in_lists(store, letters, monkeypatch):
    """The parts of rebuilds whose builds are searched in lists, few as their papers are; nothing is built."""
    monkeypatch.setattr(list_training, "EXACT_ROWS", 1_000)
    return _in_lists(store.root.parent, letters)


@pytest.fixture
def made(in_lists, homes_of_many):
    """The same where a build of many papers is published."""
    shutil.copytree(homes_of_many.first, in_lists.store.root.parent)
    return in_lists


@pytest.fixture
def next_night(made, homes_of_many):
    """The builds of a night in which little changes, by a rebuild and by one of everything."""
    shutil.copytree(homes_of_many.later, made.store.root.parent, dirs_exist_ok=True)
    return tuple(made.store.open(one) for one in (homes_of_many.tonight, homes_of_many.full))


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
