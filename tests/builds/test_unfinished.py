"""What a killed rebuild has left is gone on with if it is of the very same, and whole; else it is deleted."""

import json
from datetime import timedelta

import pytest

from recommender.builds import making, unfinished
from recommender.builds.rebuild import Corpus, HeldPapers, rebuild
from recommender.builds.unfinished import FILE
from recommender.index import engine_named
from recommender.paper import Paper

TEXTS = {"1": "aab", "2": "abb", "3": "cdd", "4": "aab"}
STAGES = ["records", "embed", "index", "words", "calibration"]
MADE_BY = {  # what every stage calls to make its files
    "records": (making, "write_papers"),
    "embed": (making, "embed"),
    "words": (making, "count"),
    "calibration": (making, "fit"),
}


@pytest.fixture
def engine():
    return engine_named("faiss")


@pytest.fixture
def killed(rebuilt, killed_at, store):
    """Rebuild, and leave what a process leaves that is killed when a stage is noted; return the folder."""

    def run(stage, texts=TEXTS, **rest):
        with killed_at(stage):
            rebuilt(texts, **rest)
        (folder,) = store.unfinished()
        return folder

    return run


@pytest.fixture
def makes(monkeypatch):
    """Tell which stages are made from now on."""
    found = []
    for stage, (module, name) in MADE_BY.items():
        made = getattr(module, name)

        def noting(*about, stage=stage, made=made, **rest):
            found.append(stage)
            return made(*about, **rest)

        monkeypatch.setattr(module, name, noting)
    return found


def answers(build):
    build.verify()
    lists = [build.neighbours.of(row) for row in range(len(build.papers))]
    return lists, [*build.papers.all()], build.manifest.n_windowed, sorted(build.manifest.files)


@pytest.mark.parametrize("stage", STAGES)
def test_the_next_rebuild_of_the_same_makes_what_is_missing_and_nothing_again(
    store, rebuilt, killed, makes, stage
):
    folder = killed(stage)
    makes.clear()
    again = rebuilt(TEXTS)
    manifest = again.manifest
    assert again.gone_on_from == (*STAGES[: STAGES.index(stage) + 1],)
    assert makes == [one for one in STAGES[STAGES.index(stage) + 1 :] if one in MADE_BY]
    assert folder.name == f".{manifest.build_id}.partial"
    assert store.unfinished() == []
    found = answers(store.open(manifest.build_id))
    assert found == answers(store.open(rebuilt(TEXTS, force=True).manifest.build_id))
    assert FILE not in found[3]


@pytest.mark.parametrize("change", ["texts", "reasons", "force", "damage", "file gone", "note", "no note"])
def test_what_is_of_another_or_not_whole_is_deleted(store, rebuilt, killed, makes, change):
    folder = killed("words")
    makes.clear()
    texts, rest = dict(TEXTS), {}
    if change == "texts":
        texts["5"] = "more"
    elif change == "reasons":
        rest = {"rejected": {"9": "no year"}}
    elif change == "force":
        rest = {"force": True}
    elif change == "damage":
        content = bytearray((folder / "vectors.npy").read_bytes())
        content[-1] ^= 1
        (folder / "vectors.npy").write_bytes(content)
    elif change == "file gone":
        (folder / "ids.bin").unlink()
    elif change == "note":
        note = json.loads((folder / FILE).read_text())
        note["done"]["embed"]["n_windowed"] = 7
        (folder / FILE).write_text(json.dumps(note))
    else:
        (folder / FILE).write_text("{}")
    again = rebuilt(texts, **rest)
    manifest = again.manifest
    assert again.gone_on_from == ()
    assert makes == [*MADE_BY]
    assert store.unfinished() == []
    assert manifest.n_windowed == 0
    store.open(manifest.build_id).verify()


def test_what_was_left_before_a_newer_build_is_deleted(store, killed, makes, parts, corpus_of, now):
    folder = killed("words")
    aside = folder.with_name("aside")
    folder.rename(aside)
    later = now + timedelta(hours=1)
    rebuild(corpus_of({"1": "x"}), parts, now=later, on_stage=lambda *_: None)
    aside.rename(folder)
    makes.clear()
    rebuild(corpus_of(TEXTS), parts, now=later, on_stage=lambda *_: None)
    assert makes == [*MADE_BY]
    assert store.unfinished() == []


def test_stages_that_take_no_time_are_not_noted(rebuilt, store, monkeypatch):
    noted = []
    monkeypatch.setattr(unfinished, "write_durably", lambda path, content: noted.append(path))
    rebuilt(TEXTS)
    assert noted == []


def test_what_a_server_holds_is_not_gone_on_with(rebuilt, killed, monkeypatch):
    monkeypatch.setattr(making, "OUTSIDE", {"x": "faiss"})
    monkeypatch.setattr(unfinished, "WORTH", 0.0)
    monkeypatch.setattr(unfinished, "write_durably", lambda *_: pytest.fail("it was noted"))
    rebuilt(TEXTS)


def test_a_note_says_what_it_is_of(killed):
    folder = killed("embed")
    note = json.loads((folder / FILE).read_text())
    assert [*note["done"]] == ["records", "embed"]
    assert {*note["files"]} == {path.name for path in folder.iterdir()} - {FILE, "half.npy"}


def test_an_unchanged_corpus_leaves_nothing_unfinished(published, killed, rebuilt, store):
    killed("words", {"1": "new"})
    published(TEXTS)
    (left := store.root / ".20991123T021500Z.partial").mkdir()
    assert rebuilt(TEXTS).unchanged
    assert not left.exists()


def test_papers_may_be_the_same_and_the_corpus_another(store, parts, now, killed, makes):
    killed("words")
    makes.clear()
    papers = HeldPapers(Paper(id=paper_id, title=text, venue=text) for paper_id, text in TEXTS.items())
    corpus = Corpus(papers=papers, rejected={}, n_rejected=0, digest="other", origin="library")
    rebuild(corpus, parts, now=now, on_stage=lambda *_: None)
    assert makes == [*MADE_BY]
