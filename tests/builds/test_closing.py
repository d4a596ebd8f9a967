"""A build that was looked at is closed again: until then it is held against pruning."""

import pytest

from recommender.builds import BuildStore
from recommender.builds.build import Build
from recommender.builds.fallback import whole_before_current
from recommender.builds.in_use import unused
from recommender.errors import BuildError, EngineError, MissingExtraError, SettingsError
from tests.builds.test_kept_verdict import PASSED

TEXTS = {"1": "aab", "2": "abb"}


@pytest.fixture
def engine():
    from recommender.index import engine_named

    return engine_named("flat")


@pytest.fixture
def opened(monkeypatch):
    """Every build that is opened, so that none is closed because nobody knows of it any more."""
    found = []
    open_ = BuildStore.open
    monkeypatch.setattr(
        BuildStore, "open", lambda self, build_id: found.append(open_(self, build_id)) or found[-1]
    )
    return found


def are_closed(builds):
    return [_is_closed(build) for build in builds]


def _is_closed(build):
    with unused(build.folder) as is_unused:
        return is_unused


def test_a_build_is_held_within_its_block_alone(store, published):
    with store.open(published(TEXTS)) as build:
        assert are_closed([build]) == [False]
    assert are_closed([build]) == [True]


def test_a_build_that_got_its_verdict_is_closed(store, rebuilt, opened):
    build_id = rebuilt(TEXTS).manifest.build_id
    assert store.keep_verdict(build_id, PASSED)
    assert not store.keep_verdict(build_id, PASSED)
    assert are_closed(opened) == [True, True]


def test_a_damaged_build_is_not_held_while_the_next_one_is_made(store, rebuilt, published, opened):
    current = published(TEXTS)
    path = store.root / current / "vectors.npy"
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    opened.clear()
    held = []
    rebuilt({"1": "other"}, on_stage=lambda *_: held.append(are_closed(opened)))
    assert held
    assert all(map(all, held))


@pytest.fixture
def three(published):
    return [published(TEXTS | {"3": text}) for text in "abc"]


@pytest.mark.parametrize(
    "problem",
    [
        EngineError("away"),
        MissingExtraError("pymilvus", "milvus"),
        SettingsError("no engine"),
        BuildError("x"),
    ],
    ids=lambda problem: type(problem).__name__,
)
def test_a_build_that_cannot_be_opened_is_passed_over_and_closed(store, three, opened, monkeypatch, problem):
    verify = Build.verify

    def verify_(build):
        if build.manifest.build_id == three[1]:
            raise problem
        verify(build)

    monkeypatch.setattr(Build, "verify", verify_)
    assert whole_before_current(store).manifest.build_id == three[0]
    assert are_closed(opened) == [True, False]
