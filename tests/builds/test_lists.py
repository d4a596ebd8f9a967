"""A build whose papers are too many to compare all: what the manifest promises, and who searches."""

import shutil
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from recommender.builds import build as builds
from recommender.builds.rebuild import rebuild
from recommender.errors import BuildError
from recommender.index import engine_named
from recommender.index.flat import FlatIndex
from recommender.index.inverted import InvertedIndex
from recommender.ranking import approaching, nearest
from recommender.ranking.graph import share_kept
from tests.builds.texts import TEXTS

ROUGH_ALONE = nearest.ROUGH.lists * nearest.WITHOUT_WORDS  # the papers are too few for words to be asked


def test_the_manifest_says_what_share_of_the_nearest_was_found(store, made):
    build = store.current()
    build.verify()
    assert 0.97 <= build.manifest.recall <= 1
    assert {"index.json", "index.0.faiss"} <= build.manifest.files.keys()
    assert "index.faiss" not in build.manifest.files
    assert isinstance(build.index, InvertedIndex)


def test_the_neighbours_are_nearly_those_of_comparing_all(store, made, corpus_of, now):
    found = store.current()
    exact = replace(made, engine=engine_named("flat"), recall=1.0)
    full = store.open(rebuild(corpus_of(TEXTS), exact, now=now, on_stage=lambda *_: None).manifest.build_id)
    shares = [
        np.isin(
            [near.score for near in full.neighbours.of(row, 10)], [n.score for n in found.neighbours.of(row)]
        )
        for row in range(0, len(TEXTS), 40)
    ]
    assert np.mean(shares) > 0.95


@pytest.fixture
def efforts(monkeypatch):
    """How many questions were asked of the lists, by the effort."""
    asked = Counter()
    search = InvertedIndex.candidates

    def counted(self, queries, n, rows, effort=1.0):
        asked[effort] += len(queries)
        return search(self, queries, n, rows, effort)

    monkeypatch.setattr(InvertedIndex, "candidates", counted)
    return asked


def test_all_are_searched_for_with_little_effort_where_that_is_enough(efforts, in_lists, corpus_of, now):
    manifest = rebuild(corpus_of(TEXTS), in_lists, now=now, on_stage=lambda *_: None).manifest
    assert efforts == {ROUGH_ALONE: len(TEXTS)}
    assert approaching.LEAST_RECALL <= manifest.recall_of_neighbours <= 1


def test_where_neighbours_of_neighbours_are_not_enough_all_are_searched_for(
    made, efforts, corpus_of, now, store, monkeypatch
):
    before = store.current()
    efforts.clear()
    monkeypatch.setattr(approaching, "LEAST_RECALL", 1.01)
    manifest = rebuild(corpus_of(TEXTS), made, now=now, on_stage=lambda *_: None, force=True).manifest
    assert efforts == {ROUGH_ALONE: len(TEXTS), 1.0: nearest.EXAMINED + len(TEXTS)}
    assert manifest.recall_of_neighbours > 0.99
    full = store.open(manifest.build_id)
    wanted, found = (
        [np.array([one.score for one in build.neighbours.of(row, 10)]) for row in range(len(TEXTS))]
        for build in (full, before)
    )
    assert share_kept(wanted, found) >= 0.99


@pytest.mark.parametrize(("most", "kind"), [(10**6, FlatIndex), (100, InvertedIndex)])
def test_a_question_is_compared_with_all_papers_while_that_is_fast(store, made, monkeypatch, most, kind):
    monkeypatch.setattr(builds, "COMPARED_AT_ONCE", most)
    assert type(store.current().search._index) is kind


def test_a_higher_recall_makes_a_new_build_and_a_lower_one_does_not(made, corpus_of, now):
    for recall, unchanged in ((0.95, True), (1.0, False)):
        parts = replace(made, recall=recall, engine=engine_named("faiss", recall))
        assert rebuild(corpus_of(TEXTS), parts, now=now, on_stage=lambda *_: None).unchanged is unchanged


@pytest.mark.parametrize("name", ["index.json", "index.0.faiss"])
def test_a_damaged_file_of_the_lists_is_named_before_anything_is_answered(store, made, monkeypatch, name):
    monkeypatch.setattr(builds, "COMPARED_AT_ONCE", 100)
    path = store.current().folder / name
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 4
    path.write_bytes(content)
    shutil.rmtree(store.root / builds.CHECKED)
    with pytest.raises(BuildError, match=name):
        _ = store.current().search


def test_a_build_that_is_closed_gives_its_files_back(store, made):
    build = store.current()
    papers = build.papers
    assert papers.paper(0)
    build.close()
    with pytest.raises(ValueError, match="closed"):
        papers.paper(0)
