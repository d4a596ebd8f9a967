"""A night in which little changed: what it takes over from the build before, and that it finds the same."""

import shutil
from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from recommender.builds import carrying
from recommender.builds.rebuild import rebuild
from recommender.index import engine_named
from recommender.index.inverted import InvertedIndex
from recommender.lexical import counts
from recommender.ranking import COSINE, FUSED, Ranker
from recommender.ranking.graph import share_kept

TEXTS = {str(n): "".join(letters) for n, letters in enumerate(product("abcdefghijklmnop", repeat=3))}
GONE = [str(n) for n in range(7, 4_000, 133)]
CHANGED = {str(n): f"qrs {TEXTS[str(n)]}" for n in range(50, 4_000, 400)}
ADDED = {f"new {n}": f"qr {text}" for n, text in enumerate([*TEXTS.values()][5:4_000:160])}
TONIGHT = {name: text for name, text in TEXTS.items() if name not in GONE} | CHANGED | ADDED
K = 10


@pytest.fixture
def engine():
    return engine_named("faiss", 0.97)


@pytest.fixture
def made(listed):
    return listed(TEXTS)


@pytest.fixture
def night(store, made, corpus_of, now):
    def night_(texts, *, force=False):
        manifest = rebuild(corpus_of(texts), made, now=now, on_stage=lambda *_: None, force=force).manifest
        return store.open(manifest.build_id)

    return night_


def scores(build, names):
    """Return the scores of the first neighbours of each paper."""
    return {
        name: [near.score for near in build.neighbours.of(build.papers.row_of(name), K)] for name in names
    }


def kept(full, again):
    """Return the share of the full lists that the others have too; texts of the same letters score alike."""
    return share_kept(*([np.array(one[name]) for name in full] for one in (full, again)))


def test_only_what_is_new_is_searched_for_and_all_is_found(night, monkeypatch):
    searched = []
    search = InvertedIndex.candidates
    monkeypatch.setattr(
        InvertedIndex,
        "candidates",
        lambda self, queries, *given: searched.append(len(queries)) or search(self, queries, *given),
    )
    tonight = night(TONIGHT)
    n_fresh = len(CHANGED) + len(ADDED)
    assert tonight.manifest.n_carried == len(TONIGHT) - n_fresh
    assert sum(searched) < n_fresh + 500  # and some to be sure of the others
    full = night(TONIGHT, force=True)
    assert full.manifest.n_carried == 0
    assert kept(scores(full, TONIGHT), scores(tonight, TONIGHT)) >= 0.99
    fresh = [*CHANGED, *ADDED]
    assert kept(scores(full, fresh), scores(tonight, fresh)) >= 0.99
    old = [tonight.papers.row_of(name) for name in TEXTS if name not in {*GONE, *CHANGED}]
    near = {tonight.papers.paper(one.row).id for row in old for one in tonight.neighbours.of(row, K)}
    assert near & {*ADDED}
    tonight.verify()


def test_vectors_and_words_are_those_of_before_to_the_last_bit(night, made, letters, monkeypatch):
    counted = []
    count = counts.count_words
    monkeypatch.setattr(counts, "count_words", lambda texts: counted.extend(texts) or count(texts))
    shutil.rmtree(made.embeddings)
    letters.read.clear()
    tonight = night(TONIGHT)
    fresh = {*CHANGED.values(), *ADDED.values()}
    assert {*letters.read} == {*counted} == fresh
    full = night(TONIGHT, force=True)
    for name in full.manifest.files:
        if name.startswith(("lexical.", "kept.", "vectors.", "calibration.", "usual.")):
            assert (tonight.folder / name).read_bytes() == (full.folder / name).read_bytes(), name


def test_words_are_taken_over_however_much_is_new_and_however_few_papers_there_are(
    store, parts, corpus_of, now, monkeypatch
):
    def rebuilt(texts):
        manifest = rebuild(corpus_of(texts), parts, now=now, on_stage=lambda *_: None).manifest
        store.publish(manifest.build_id)
        return store.open(manifest.build_id)

    rebuilt({"1": "one word", "2": "more words"})
    counted = []
    count = counts.count_words
    monkeypatch.setattr(counts, "count_words", lambda texts: counted.extend(texts) or count(texts))
    rebuilt({"2": "more words", "3": "words of another kind", "4": "and more", "0": "one word"})
    assert {*counted} == {"words of another kind", "and more"}


def test_a_build_that_did_not_write_down_its_texts_is_left(night, store):
    build = store.current()
    build.close()
    (build.folder / carrying.FILE).unlink()
    files = {name: stamp for name, stamp in build.manifest.files.items() if name != carrying.FILE}
    replace(build.manifest, files=files).write(build.folder)
    assert night(TONIGHT).manifest.n_carried == 0


def test_where_much_is_new_all_are_searched_for(night):
    most = {name: text if int(name) % 8 else f"q {text}" for name, text in TEXTS.items()}
    assert night(most).manifest.n_carried == 0


def test_what_is_carried_is_left_where_it_finds_less_than_searching(night, monkeypatch):
    monkeypatch.setattr(Ranker, "is_enough", lambda *_: False)
    assert night(TONIGHT).manifest.n_carried == 0


def test_neighbours_that_are_wrong_are_seen_before_they_are_used(night, monkeypatch):
    monkeypatch.setattr(carrying, "_neighbours_in", spoilt(carrying._neighbours_in))
    tonight = night(TONIGHT)
    assert tonight.manifest.n_carried == 0


def spoilt(read):
    def read_(before, rows):
        return np.roll(read(before, rows), 1000, axis=0)

    return read_


@pytest.mark.parametrize("other", ["recall", "ranking"])
def test_another_way_to_rank_or_exact_neighbours_take_nothing_over(made, corpus_of, now, other):
    exact = {"recall": 1.0, "engine": engine_named("faiss", 1.0)}
    ranking = {"ranking": FUSED if made.ranking == COSINE else COSINE}
    parts = replace(made, **(exact if other == "recall" else ranking))
    manifest = rebuild(corpus_of(TONIGHT), parts, now=now, on_stage=lambda *_: None).manifest
    assert manifest.n_carried == 0


def test_every_known_paper_keeps_its_neighbours_wherever_it_lies_now(night):
    before = night(TEXTS)
    places = np.roll(np.arange(len(before.neighbours)), 5)  # row i of the new build was places[i]
    earlier = before.neighbours.of_rows(places)
    now = np.argsort(places)
    expected = np.where(earlier < 0, earlier, now[earlier])
    np.testing.assert_array_equal(carrying._neighbours_in(before, places), expected)
