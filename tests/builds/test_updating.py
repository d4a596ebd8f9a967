"""A night in which little changed: what is old stays, what is new is put among it, and nothing is missed."""

import shutil
from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest

from recommender.builds import updating
from recommender.builds.neighbours import NeighbourTable
from recommender.builds.rebuild import rebuild
from recommender.builds.unfinished import Unfinished
from recommender.builds.updating import ascending
from recommender.index.inverted import InvertedIndex
from recommender.lexical.counts import TermCounts
from recommender.lexical.index import read_usual
from recommender.lexical.matrix import TermMatrix
from recommender.ranking import Asked
from recommender.ranking import updating as lists
from recommender.ranking.exam import Exam
from recommender.ranking.graph import share_kept
from tests.builds.texts import ADDED, CHANGED, GONE, TEXTS, TONIGHT

OLD = [name for name in TEXTS if name not in {*GONE, *CHANGED}]
K = 10


@pytest.fixture
def night(store, made, corpus_of, now):
    def night_(texts, *, publish=False, **rest):
        manifest = rebuild(corpus_of(texts), made, now=now, on_stage=lambda *_: None, **rest).manifest
        if publish:
            store.publish(manifest.build_id)
        return store.open(manifest.build_id)

    return night_


def scores(build, names):
    """Return the scores of the first neighbours of each paper."""
    return [
        np.array([near.score for near in build.neighbours.of(build.papers.row_of(name), K)]) for name in names
    ]


def kept(full, again, names):
    """Return the share of the full lists that the others have too; texts of the same letters score alike."""
    return share_kept(scores(full, names), scores(again, names))


def words_of(build):
    """Return the words of each paper with their weights, by id."""
    matrix = TermMatrix.read(build.folder, len(build.papers))
    rows = matrix.weights[np.arange(len(matrix))]
    lines = zip(build.papers.ids(), np.split(rows.indices, rows.indptr[1:-1]), strict=True)
    weights = np.split(rows.data, rows.indptr[1:-1])
    return {
        name: dict(zip(matrix.terms[columns].tolist(), own.tolist(), strict=True))
        for (name, columns), own in zip(lines, weights, strict=True)
    }


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
    assert tonight.manifest.n_changed == n_fresh + len(GONE) + len(CHANGED)
    assert sum(searched) == n_fresh
    assert tonight.manifest.recall_of_neighbours >= updating.LEAST_RECALL
    full = night(TONIGHT, force=True)
    assert (full.manifest.n_carried, full.manifest.n_changed) == (0, 0)
    assert kept(full, tonight, TONIGHT) >= 0.99
    assert kept(full, tonight, [*CHANGED, *ADDED]) >= 0.99
    near = {tonight.papers.paper(one.row).id for one in every_neighbour(tonight, OLD)}
    assert near & {*ADDED}
    found = [[one.row for one in every_neighbour(tonight, [name])] for name in TONIGHT]
    assert all(len(rows) == len({*rows}) for rows in found)
    tonight.verify()


def every_neighbour(build, names):
    return [one for name in names for one in build.neighbours.of(build.papers.row_of(name), K)]


def test_a_list_holds_who_is_left_and_the_new_ones_that_are_nearer_than_the_last(next_night, store):
    before, (tonight, _) = store.current(), next_night
    for name in OLD[::40]:
        old = [
            (before.papers.paper(one.row).id, *one[1:])
            for one in before.neighbours.of(before.papers.row_of(name))
        ]
        left = [entry for entry in old if entry[0] in OLD]
        found = [
            (tonight.papers.paper(one.row).id, *one[1:])
            for one in tonight.neighbours.of(tonight.papers.row_of(name))
        ]
        assert [entry for entry in found if entry[0] in OLD] == left[: sum(e[0] in OLD for e in found)]
        assert len(found) >= min(len(left), tonight.neighbours.k)
        assert [entry[1] for entry in found] == sorted((entry[1] for entry in found), reverse=True)


def test_an_answer_by_look_up_is_the_one_by_search(next_night, letters):
    tonight, _ = next_night
    for name in [*OLD[::300], *ADDED][:40]:
        row = tonight.papers.row_of(name)
        text = tonight.papers.text(row)
        asked = Asked(text, letters.encode([text])[0], "en", row)
        searched = {
            one.row: one[1:]
            for one in tonight.search.nearest([asked], 200, without=tonight.papers.copies_of(row))
        }
        both = [one for one in tonight.neighbours.of(row) if one.row in searched]
        assert len(both) > K
        assert all(one[1:] == pytest.approx(searched[one.row], abs=2e-6) for one in both)


def test_weights_stay_and_new_texts_are_weighed_by_what_was_usual(next_night, store):
    before, (tonight, _) = store.current(), next_night
    assert read_usual(tonight.folder) == read_usual(before.folder)
    then, now = words_of(before), words_of(tonight)
    assert all(now[name] == then[name] for name in OLD)
    known = TermCounts.read(before.folder, len(TEXTS))
    fresh = TermCounts.of([*ADDED.values()])
    assert not {*fresh.terms.tolist()} <= {*known.terms.tolist()}  # there are new words too
    frequencies = fresh.frequencies.copy()
    is_known = np.isin(fresh.terms, known.terms)
    frequencies[is_known] = known.frequencies[np.searchsorted(known.terms, fresh.terms[is_known])]
    new = TermCounts.of([*CHANGED.values(), *ADDED.values()])
    frequencies[~is_known] = new.frequencies[np.searchsorted(new.terms, fresh.terms[~is_known])]
    expected = TermMatrix.weighted(fresh, frequencies=frequencies, usual=read_usual(before.folder))
    rows = expected.weights[np.arange(len(ADDED))]
    for place, name in enumerate(ADDED):
        own = rows[[place]]
        assert now[name] == dict(zip(expected.terms[own.indices].tolist(), own.data.tolist(), strict=True))
    assert pivots(tonight, ADDED) == pytest.approx(expected.pivots.tolist(), rel=1e-6)
    assert pivots(tonight, OLD) == pivots(before, OLD)


def pivots(build, names):
    """Return what the words of each paper are divided by where a question is asked."""
    found = np.load(build.folder / "lexical.pivots.npy", allow_pickle=False)
    return found[[build.papers.row_of(name) for name in names]].tolist()


def test_what_the_next_night_goes_on_from_is_what_counting_anew_gives(next_night):
    tonight, full = next_night
    assert (tonight.manifest.n_carried > 0, full.manifest.n_carried) == (True, 0)
    for name in ("lexical.terms.npy", "lexical.starts.npy", "lexical.postings.npy", "kept.counts.npy"):
        assert (tonight.folder / name).read_bytes() == (full.folder / name).read_bytes(), name
    assert (tonight.folder / "kept.parts.npy").read_bytes() == (full.folder / "kept.parts.npy").read_bytes()


def test_nights_follow_each_other_until_so_much_has_changed_that_all_is_told_anew(night, monkeypatch):
    first = night(TONIGHT, publish=True)
    second = night({**TONIGHT, "one": "qq aab"}, publish=True)
    assert second.manifest.n_changed == first.manifest.n_changed + 1
    assert second.manifest.n_carried == len(TONIGHT)
    monkeypatch.setattr(updating, "MOST_CHANGED", second.manifest.n_changed / len(TONIGHT))
    third = night({**TONIGHT, "two": "qq abb"}, publish=True)
    assert (third.manifest.n_carried, third.manifest.n_changed) == (0, 0)
    assert read_usual(third.folder).n_texts == len(TONIGHT) + 1


def test_lists_that_have_become_short_are_filled_again(night, monkeypatch):
    night(TONIGHT, publish=True)
    less = {name: text for name, text in TONIGHT.items() if not name.endswith("7")}

    def lengths(build):
        assert build.manifest.n_carried == len(build.papers)
        return [len(build.neighbours.of(row)) for row in range(len(build.papers))]

    monkeypatch.setattr(updating, "LEAST_RECALL", 0.95)
    monkeypatch.setattr(lists, "FEWEST", 0)
    assert np.mean(lengths(night(less))) < 46
    monkeypatch.setattr(lists, "FEWEST", 50)
    del less["0"]
    tonight = night(less)
    assert np.mean(lengths(tonight)) > 49  # papers of the same letters know only each other
    assert kept(night(less, force=True), tonight, less) >= 0.99


def test_a_text_with_many_copies_is_near_to_others_not_to_itself(night):
    copies = {f"copy {n}": "qab" for n in range(8)}
    tonight = night({**TEXTS, **copies})
    rows = [tonight.papers.row_of(name) for name in copies]
    found = [tonight.neighbours.of(row) for row in rows]
    assert all(near and not {one.row for one in near} & {*rows} for near in found)
    assert {tuple(one.score for one in near) for near in found} == {tuple(one.score for one in found[0])}


def test_where_much_is_new_all_are_searched_for(night):
    most = {name: text if int(name) % 8 else f"q {text}" for name, text in TEXTS.items()}
    assert night(most).manifest.n_carried == 0


def test_what_is_carried_is_left_where_it_finds_too_little(night, monkeypatch):
    monkeypatch.setattr(Exam, "recall", lambda *_: 0.9799)
    tonight = night(TONIGHT)
    assert tonight.manifest.n_carried == 0
    assert tonight.manifest.n_changed  # what is usual is still that of before


def test_neighbours_that_are_wrong_are_seen_before_they_are_used(night, monkeypatch):
    read = NeighbourTable.lists
    monkeypatch.setattr(NeighbourTable, "lists", lambda self, rows: read(self, np.roll(rows, 7)))
    assert night(TONIGHT).manifest.n_carried == 0


@pytest.mark.parametrize("stage", ["embed", "words", "calibration"])
def test_a_killed_night_is_gone_on_with_as_if_nothing_had_been(
    next_night, night, store, killed_at, tmp_path, stage
):
    tonight, full = next_night
    shutil.copytree(tonight.folder, tmp_path / "whole")
    wanted = scores(tonight, TONIGHT)
    for build in (tonight, full):  # which would be taken again if they stayed
        build.close()
        shutil.rmtree(build.folder)
    with killed_at(stage):
        night(TONIGHT)
    again = night(TONIGHT)
    assert not store.unfinished()
    names = [name for name in again.manifest.files if name.startswith(("lexical.", "kept.", "calib", "hub"))]
    assert names
    for name in names:
        assert (again.folder / name).read_bytes() == (tmp_path / "whole" / name).read_bytes(), name
    assert share_kept(wanted, scores(again, TONIGHT)) == 1.0


def test_another_build_before_is_another_night(night, store, monkeypatch):
    taken_up = []
    take_up = Unfinished.take_up
    monkeypatch.setattr(
        Unfinished, "take_up", lambda folder, of: taken_up.append(of["before"]) or take_up(folder, of)
    )
    current = store.current_id()
    (store.root / ".20990101T000000Z.partial").mkdir()
    night(TONIGHT)
    assert taken_up == [current]


def test_a_language_that_comes_to_have_enough_papers_has_all_told_anew(night, made, corpus_of, now, store):
    corpus = corpus_of(TEXTS)
    papers = type(corpus.papers)(
        replace(paper, language="fr") if place < 12 else paper for place, paper in enumerate(corpus.papers)
    )
    changed = replace(corpus, papers=papers, digest="of another language")
    manifest = rebuild(changed, made, now=now, on_stage=lambda *_: None).manifest
    assert (manifest.n_carried, manifest.n_changed) == (0, 0)


@pytest.mark.parametrize("seed", range(20))
def test_as_many_rows_as_possible_are_kept_ascending(seed):
    chance = np.random.default_rng(seed)
    rows = np.where(chance.random(9) < 0.2, -1, chance.permutation(12)[:9])
    found = ascending(rows)
    left = found[found >= 0]
    assert (np.diff(left) > 0).all()
    assert ((found == rows) | (found == -1)).all()
    known = rows[rows >= 0].tolist()
    longest = max(
        n for n in range(len(known) + 1) for part in combinations(known, n) if list(part) == sorted(part)
    )
    assert len(left) == longest


def test_of_rows_that_come_twice_one_is_kept():
    assert ascending(np.array([0, 3, 3, -1, 5])).tolist() in ([0, 3, -1, -1, 5], [0, -1, 3, -1, 5])
