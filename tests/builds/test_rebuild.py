import sqlite3
from dataclasses import replace
from itertools import count

import pytest

from recommender.builds.build import CHECKED
from recommender.builds.corpus import HeldPapers
from recommender.builds.rebuild import NEIGHBOURS, rebuild
from recommender.embedding import EmbeddingCache
from recommender.errors import NotAnswerableError
from recommender.index import engine_named
from recommender.paper import Paper
from tests.builds.test_kept_verdict import REFUSED

TEXTS = {"1": "aab", "2": "abb", "3": "zzz"}  # 1 and 2: (2·1 + 1·2) / 5 = 0.8


class Interrupt:
    """Presses Ctrl-C when a stage is reached."""

    def __init__(self, stage):
        self.stage = stage

    def __call__(self, stage, done, total):
        if stage == self.stage:
            raise KeyboardInterrupt


def hidden(store):
    """What begins with a dot, the notes on what was compared apart."""
    return [path.name for path in store.root.glob(".*") if path.name != CHECKED]


def embeddings(parts):
    return parts.embeddings / parts.embedder.fingerprint / "vectors.db"


def contents(build):
    """Return all that answers come from."""
    neighbours = [build.neighbours.of(row) for row in range(len(build.neighbours))]
    return [*build.papers.all()], neighbours, (build.folder / "vectors.npy").read_bytes()


def test_a_corpus_becomes_a_build_with_the_neighbours_computed_by_hand(store, parts, published):
    build_id = published(TEXTS)
    build = store.current()
    build.verify()
    assert [paper.id for paper in build.papers.all()] == ["1", "2", "3"]
    assert [[(found.row, found.score) for found in build.neighbours.of(row)] for row in range(3)] == [
        [(1, pytest.approx(0.8)), (2, 0.0)],
        [(0, pytest.approx(0.8)), (2, 0.0)],
        [(0, 0.0), (1, 0.0)],
    ]
    manifest = build.manifest
    assert (manifest.build_id, manifest.created) == (build_id, "2026-11-23T02:15:00+00:00")
    assert (manifest.model, manifest.model_fingerprint, manifest.dim) == ("letters", "letters", 26)
    assert (manifest.engine, manifest.n_papers, manifest.n_neighbours) == (parts.engine.name, 3, NEIGHBOURS)
    assert set(manifest.files) == {path.name for path in build.folder.iterdir()} - {"manifest.json"}


def test_the_manifest_counts_what_cannot_be_answered_and_the_languages(store, parts, corpus_of, now):
    corpus = replace(
        corpus_of({}),
        papers=HeldPapers(
            [
                Paper(id="1", title="ab", language="en"),
                Paper(id="2", title="人工 x", language="zh"),
                Paper(id="3", title="cd", language="en"),
                Paper(id="4", title="ef"),
                Paper(id="15"),
            ]
        ),
        rejected={"7": "no year"},
        n_rejected=3,
    )
    manifest = rebuild(corpus, parts, now=now, on_stage=lambda *_: None).manifest
    assert (manifest.n_papers, manifest.n_blank, manifest.n_rejected) == (4, 1, 3)
    assert manifest.languages == {"en": 2, "zh": 1, "unknown": 1}


def test_words_weigh_less_in_a_build_of_titles(store, published):
    published({str(n): " ".join(chr(97 + n + word) for word in range(3)) for n in range(9)})
    assert store.current().search.calibration.words_worth == pytest.approx(0.4)
    published({str(n): " ".join(f"{chr(97 + n)}{word}" for word in range(99)) for n in range(9)})
    assert store.current().search.calibration.words_worth == 1


def test_papers_longer_than_the_model_reads_are_counted_copies_too(published, store):
    published({"1": "a" * 99, "2": "a" * 100, "3": "b" * 250, "4": "b" * 250})
    assert store.current().manifest.n_windowed == 3


def test_nothing_changed_embeds_nothing_and_makes_no_build(store, parts, letters, published, rebuilt):
    build_id = published(TEXTS)
    letters.read.clear()
    embeddings(parts).unlink()  # not even looked at
    again = rebuilt(TEXTS)
    assert (again.unchanged, again.n_fresh) == (True, 0)
    assert again.manifest.build_id == build_id
    assert letters.read == []
    assert store.builds() == [build_id]


def test_a_build_that_was_not_published_is_not_made_again(store, letters, rebuilt, published):
    published({"1": "zz"})
    first = rebuilt(TEXTS)
    store.keep_verdict(first.manifest.build_id, REFUSED)
    letters.read.clear()
    again = rebuilt(TEXTS)
    assert (again.unchanged, again.made_before, again.n_fresh, letters.read) == (False, True, 0, [])
    assert again.manifest == store.open(first.manifest.build_id).manifest
    assert again.manifest.verdict == REFUSED
    assert len(store.builds()) == 2
    assert hidden(store) == []


def test_only_the_newest_build_is_looked_at_and_only_if_it_is_whole(store, rebuilt):
    first = rebuilt(TEXTS).manifest.build_id
    rebuilt({"1": "another"})
    again = rebuilt(TEXTS)
    assert (again.made_before, again.manifest.build_id > first) == (False, True)
    path = store.root / again.manifest.build_id / "papers.bin"
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    assert not rebuilt(TEXTS).made_before
    assert not rebuilt(TEXTS, force=True).made_before
    assert len(store.builds()) == 5


def test_a_rebuild_can_be_forced_and_still_reads_nothing_again(letters, published, rebuilt):
    published(TEXTS)
    letters.read.clear()
    forced = rebuilt(TEXTS, force=True)
    assert (forced.unchanged, forced.n_fresh, letters.read) == (False, 0, [])


@pytest.mark.parametrize(
    "name",
    [
        "vectors.npy",
        "papers.bin",
        "ids.bin",
        "neighbours.bin",
        "manifest.json",
        "calibration.json",
        "lexical.weights.npy",
    ],
)
def test_a_damaged_current_build_is_made_again(store, published, rebuilt, name):
    path = store.root / published(TEXTS) / name
    content = path.read_bytes()
    path.write_bytes(content[:-9] + bytes([content[-9] ^ 1]) + content[-8:])
    again = rebuilt(TEXTS)
    assert not again.unchanged
    store.publish(again.manifest.build_id)
    store.current().verify()


def test_only_the_changed_text_is_read(store, letters, published, rebuilt):
    published(TEXTS)
    letters.read.clear()
    changed = rebuilt({**TEXTS, "2": "abc"})
    assert letters.read == ["abc"]
    assert (changed.unchanged, changed.n_fresh) == (False, 1)


def test_a_removed_or_renamed_paper_makes_a_new_build_and_reads_nothing(letters, published, rebuilt):
    published(TEXTS)
    letters.read.clear()
    assert not rebuilt({"1": "aab", "2": "abb"}).unchanged
    assert not rebuilt({"one": "aab", "2": "abb", "3": "zzz"}).unchanged
    assert letters.read == []


def test_another_engine_makes_a_new_build(published, parts, corpus_of, now):
    published(TEXTS)
    other = engine_named("faiss" if parts.engine.name == "flat" else "flat")
    again = rebuild(corpus_of(TEXTS), replace(parts, engine=other), now=now, on_stage=lambda *_: None)
    assert (again.unchanged, again.n_fresh, again.manifest.engine) == (False, 0, other.name)


def test_another_model_reads_everything_again(published, parts, corpus_of, now, letters):
    published(TEXTS)
    other = type(letters)()
    other.fingerprint = "other letters"
    again = rebuild(corpus_of(TEXTS), replace(parts, embedder=other), now=now, on_stage=lambda *_: None)
    assert (again.unchanged, again.n_fresh) == (False, 3)
    assert other.read == [*TEXTS.values()]


def test_an_incremental_build_equals_a_full_one(store, parts, published, rebuilt):
    published({"9": "zzzz", "2": "abb", "3": "qrs"})
    incremental = store.open(rebuilt(TEXTS).manifest.build_id)
    embeddings(parts).unlink()
    full = rebuilt(TEXTS, force=True)
    assert full.n_fresh == 3
    assert contents(incremental) == contents(store.open(full.manifest.build_id))


def test_losing_the_embedding_cache_costs_reading_and_changes_no_answer(store, parts, letters, published):
    before = contents(store.open(published(TEXTS)))
    embeddings(parts).unlink()
    letters.read.clear()
    after = contents(store.open(published(TEXTS, force=True)))
    assert letters.read == ["aab", "abb", "zzz"]
    assert after == before


def test_a_damaged_row_of_the_embedding_cache_is_read_again(store, parts, letters, published):
    before = contents(store.open(published(TEXTS)))
    connection = sqlite3.connect(embeddings(parts))
    with connection:
        key = bytes.fromhex(Paper(id="2", title="abb").digest)
        connection.execute("UPDATE vectors SET vector = zeroblob(104) WHERE digest = ?", (key,))
    connection.close()
    letters.read.clear()
    after = contents(store.open(published(TEXTS, force=True)))
    assert letters.read == ["abb"]
    assert after == before


def test_copies_are_read_once_and_are_no_neighbours(store, letters, published):
    published({"1": "aab", "2": "aab", "3": "abb"})
    assert letters.read == ["aab", "abb"]
    assert [found.row for found in store.current().neighbours.of(0)] == [2]
    assert [found.row for found in store.current().neighbours.of(2)] == [0, 1]


def test_a_blank_paper_is_counted_explained_and_never_read(store, letters, published):
    published({"14": "ab", "15": " 。\u3000", "16": "cd"}, rejected={"7": "no year", "16": "was good later"})
    build = store.current()
    assert letters.read == ["ab", "cd"]
    assert (build.manifest.n_papers, build.manifest.n_blank) == (2, 1)
    assert build.papers.row_of("15") is None
    assert "neither title nor abstract" in build.papers.reason("15")
    assert build.papers.reason("7") == "it was rejected on import (no year)"
    assert build.papers.reason("16") is None  # known and answerable: an old rejection is history


@pytest.mark.parametrize(
    ("rejected", "n_rejected"), [({"8": "no year"}, 1), ({"7": "no id"}, 1), ({}, 1), ({"7": "no year"}, 2)]
)
def test_another_rejection_makes_a_new_build_that_explains_it(
    parts, corpus_of, now, published, rejected, n_rejected
):
    published(TEXTS, rejected={"7": "no year"})
    yesterday = corpus_of(TEXTS, rejected={"7": "no year"})  # the papers, and so the digest, are the same
    corpus = replace(yesterday, rejected=rejected, n_rejected=n_rejected)
    again = rebuild(corpus, parts, now=now, on_stage=lambda *_: None)
    assert (again.unchanged, again.n_fresh) == (False, 0)
    assert again.manifest.n_rejected == n_rejected
    reasons = parts.store.open(again.manifest.build_id).papers.reasons()
    assert reasons == {paper_id: f"it was rejected on import ({why})" for paper_id, why in rejected.items()}


@pytest.mark.parametrize("texts", [{}, {"15": "", "16": "..."}])
def test_a_corpus_without_any_text_is_refused_and_leaves_yesterday(store, published, rebuilt, texts):
    yesterday = published(TEXTS)
    with pytest.raises(NotAnswerableError, match="no paper of the library has a title or an abstract"):
        rebuilt(texts)
    assert store.current_id() == yesterday
    assert store.builds() == [yesterday]


@pytest.mark.parametrize("stage", ["writing records", "embedding", "reading words", "finding neighbours"])
def test_an_interrupt_at_any_stage_leaves_yesterday_and_no_partial_folder(store, published, rebuilt, stage):
    yesterday = published(TEXTS)
    with pytest.raises(KeyboardInterrupt):
        rebuilt({"1": "new", "2": "texts"}, on_stage=Interrupt(stage))
    assert store.current_id() == yesterday
    assert store.builds() == [yesterday]
    assert hidden(store) == []
    store.current().verify()


def test_what_was_read_before_an_interrupt_is_not_read_again(letters, rebuilt):
    with pytest.raises(KeyboardInterrupt):
        rebuilt(TEXTS, on_stage=Interrupt("finding neighbours"))
    letters.read.clear()
    assert rebuilt(TEXTS).n_fresh == 0
    assert letters.read == []


def test_every_stage_is_told_up_to_its_end(rebuilt):
    told = []
    rebuilt(TEXTS, on_stage=lambda *progress: told.append(progress))
    stages = ["writing records", "embedding", "reading words", "finding neighbours"]
    assert told == [(stage, 3, 3) for stage in stages]


def test_the_vectors_are_kept_under_the_fingerprint_of_the_model(parts, rebuilt):
    rebuilt(TEXTS)
    digest = Paper(id="1", title="aab").digest
    with EmbeddingCache(parts.embeddings, fingerprint="letters", dim=26) as cache:
        assert cache.get([digest])[digest][:2] == pytest.approx([2 / 5**0.5, 1 / 5**0.5])


def test_a_rebuild_records_how_long_each_stage_took(rebuilt, monkeypatch):
    clock = count()
    monkeypatch.setattr("recommender.builds.stages.perf_counter", lambda: next(clock))
    seconds = rebuilt(TEXTS).seconds
    stages = "order records embed index words calibration approach neighbours in-common digests"
    assert [*seconds] == stages.split()
    assert min(seconds.values()) > 0
    assert sum(seconds.values()) == next(clock) - 1  # no time between is booked on none of them
