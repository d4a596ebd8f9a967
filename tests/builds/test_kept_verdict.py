"""The verdict of the gate: the one change that a build ever sees, and never after it has answered."""

from dataclasses import replace

import pytest

from recommender.builds.verdict import GateVerdict
from recommender.errors import BuildError
from recommender.files import write_durably

PASSED = GateVerdict(
    judged="2026-11-23T02:16:00+00:00",
    against=None,
    passed=True,
    reasons=(),
    metrics=(),
    n_lost=0,
    share_lost=0.0,
)
REFUSED = replace(PASSED, passed=False, reasons=("6 papers are lost",), n_lost=6)
TEXTS = {"1": "aab", "2": "abb"}


@pytest.fixture
def engine():
    from recommender.index import engine_named

    return engine_named("flat")


@pytest.fixture
def candidate(rebuilt):
    return rebuilt(TEXTS).manifest.build_id


def test_a_candidate_keeps_its_verdict_and_is_whole_all_the_same(store, candidate):
    before = store.open(candidate).manifest
    assert store.keep_verdict(candidate, REFUSED)
    build = store.open(candidate)
    assert build.manifest == replace(before, verdict=REFUSED)
    build.verify()
    store.publish(candidate)
    assert store.current().manifest.verdict == REFUSED


def test_the_first_verdict_stays(store, candidate):
    store.keep_verdict(candidate, REFUSED)
    assert not store.keep_verdict(candidate, PASSED)
    assert store.open(candidate).manifest.verdict == REFUSED


def test_the_current_build_is_never_changed(store, published):
    build_id = published(TEXTS)
    content = (store.root / build_id / "manifest.json").read_bytes()
    assert not store.keep_verdict(build_id, PASSED)
    assert (store.root / build_id / "manifest.json").read_bytes() == content


def test_no_other_file_of_the_build_is_touched(store, candidate):
    def content():
        folder = store.root / candidate
        return {path.name: path.read_bytes() for path in folder.iterdir() if path.name != "manifest.json"}

    before = content()
    store.keep_verdict(candidate, PASSED)
    assert content() == before


def test_a_gate_that_is_killed_while_it_writes_leaves_the_old_manifest_and_can_run_again(
    store, candidate, monkeypatch
):
    def killed(path, content):
        path.with_name(f".{path.name}.4711").write_bytes(content[:40])
        raise KeyboardInterrupt

    monkeypatch.setattr("recommender.builds.manifest.write_durably", killed)
    with pytest.raises(KeyboardInterrupt):
        store.keep_verdict(candidate, PASSED)
    assert store.open(candidate).manifest.verdict is None
    with pytest.raises(BuildError, match=r"files of no build: \.manifest\.json\.4711"):
        store.publish(candidate)
    monkeypatch.setattr("recommender.builds.manifest.write_durably", write_durably)
    assert store.keep_verdict(candidate, PASSED)
    store.publish(candidate)


def test_a_damaged_build_gets_no_verdict(store, candidate):
    path = store.root / candidate / "manifest.json"
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(BuildError, match="damaged"):
        store.keep_verdict(candidate, PASSED)
    with pytest.raises(BuildError, match="there is no build"):
        store.keep_verdict("20200101T000000Z", PASSED)
