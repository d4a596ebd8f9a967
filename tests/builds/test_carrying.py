"""What a build takes over from the one before as making it anew would give it."""

import json
import shutil
from dataclasses import replace

import pytest

from recommender.builds import carrying, updating
from recommender.builds.rebuild import rebuild
from recommender.lexical import counts
from tests.builds.texts import ADDED, CHANGED, GONE, TEXTS, TONIGHT


@pytest.fixture
def night(store, made, corpus_of, now):
    def night_(texts, *, force=False):
        manifest = rebuild(corpus_of(texts), made, now=now, on_stage=lambda *_: None, force=force).manifest
        return store.open(manifest.build_id)

    return night_


def test_vectors_and_words_are_those_of_before_to_the_last_bit(night, made, letters, monkeypatch):
    monkeypatch.setattr(updating, "MOST_CHANGED", 0)
    counted = []
    count = counts.count_words
    monkeypatch.setattr(counts, "count_words", lambda texts: counted.extend(texts) or count(texts))
    cut = []
    windows = letters.windows
    monkeypatch.setattr(letters, "windows", lambda texts: cut.extend(texts) or windows(texts))
    shutil.rmtree(made.embeddings)
    letters.read.clear()
    tonight = night(TONIGHT)
    fresh = {*CHANGED.values(), *ADDED.values()}
    assert {*letters.read} == {*counted} == {*cut} == fresh
    full = night(TONIGHT, force=True)
    for name in full.manifest.files:
        if name.startswith(("lexical.", "kept.", "vectors.", "calibration.", "usual.")):
            assert (tonight.folder / name).read_bytes() == (full.folder / name).read_bytes(), name


def test_the_lists_of_the_index_are_taken_over_with_what_is_new_in_them(night):
    alike = {f"new {n}": text + text[:2] for n, text in enumerate([*TEXTS.values()][5:4_000:160])}
    texts = {name: text for name, text in TEXTS.items() if name not in GONE} | alike
    added = []
    for force in (False, True):
        build = night(texts, force=force)
        (stretch,) = json.loads((build.folder / "index.json").read_text())["stretches"]
        added.append(stretch["added"])
        assert build.manifest.recall >= 0.97
        build.verify()
    assert added == [len(alike), 0]


def test_words_are_taken_over_however_much_is_new_and_however_few_papers_there_are(
    store, in_lists, corpus_of, now, monkeypatch
):
    def rebuilt(texts):
        manifest = rebuild(corpus_of(texts), in_lists, now=now, on_stage=lambda *_: None).manifest
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
