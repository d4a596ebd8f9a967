"""Inverted lists: what they find beside an exhaustive search, and what they refuse."""

import json

import numpy as np
import pytest

from recommender.errors import BuildError
from recommender.index import engine_named, inverted, list_training
from recommender.index.faiss import FaissEngine
from recommender.index.flat import FlatIndex
from recommender.vectors import normalised
from tests.conftest import build_index

SIZES = (2_500, 300, 1_700)  # the middle one is short: all of it is compared


@pytest.fixture(scope="module")
def vectors():
    """Points around 60 centres, as papers around their subjects."""
    chance = np.random.default_rng(4)
    centres = chance.normal(size=(60, 32))
    return normalised(
        centres[chance.integers(0, 60, sum(SIZES))] + 0.7 * chance.normal(size=(sum(SIZES), 32))
    )


@pytest.fixture(scope="module")
def folder(vectors, tmp_path_factory):
    folder = tmp_path_factory.mktemp("lists")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(list_training, "EXACT_ROWS", 1_000)
        build_index(FaissEngine(0.97), vectors, folder, SIZES)
    return folder


@pytest.fixture
def index(folder):
    return FaissEngine().open(folder)


def shares(found, wanted):
    return [np.isin(right, near).mean() for near, right in zip(found, wanted, strict=True)]


def test_long_stretches_have_lists_and_the_others_none(folder):
    stretches = json.loads((folder / "index.json").read_text())["stretches"]
    assert [stretch["lists"] > 0 for stretch in stretches] == [True, False, True]
    assert sorted(path.name for path in folder.iterdir()) == [
        "index.0.faiss", "index.2.faiss", "index.json", "vectors.npy"
    ]  # fmt: skip
    assert all(stretch["probes"] < stretch["lists"] for stretch in stretches if stretch["lists"])


def test_rows_that_are_gathered_are_those_of_the_stretch_and_lie_nearer_than_they_come(index, vectors):
    for start, size in zip((0, 2_500, 2_800), SIZES, strict=True):
        rows = index.gathered(range(start, start + size))
        assert sorted(rows.tolist()) == [*range(start, start + size)]
        near, plain = (
            np.einsum("nd,nd->n", vectors[own[:-1]], vectors[own[1:]]).mean()
            for own in (rows, np.arange(start, start + size))
        )
        assert near > plain + 0.2 if size > 1_000 else near == plain
    assert index.gathered(range(10, 2_000)).tolist() == [*range(10, 2_000)]  # no stretch of the index
    assert sorted(index.gathered(range(sum(SIZES))).tolist()) == [*range(sum(SIZES))]


def test_lists_follow_each_other_by_their_centres(index):
    _, lists = index._parts[0]
    tour = inverted._tour(lists)
    assert sorted(tour) == [*range(lists.nlist)]
    centres = lists.quantizer.reconstruct_n(0, lists.nlist)
    near, plain = (
        np.einsum("nd,nd->n", centres[own[:-1]], centres[own[1:]]).mean()
        for own in (tour, np.arange(lists.nlist))
    )
    assert near > plain + 0.2


def test_the_recall_is_what_was_asked_for_also_of_rows_that_were_not_held_out(index, vectors):
    assert index.recall >= 0.97
    wanted = FlatIndex(vectors).search(vectors[::7], 10).rows
    assert np.mean(shares(index.search(vectors[::7], 10).rows, wanted)) >= 0.95


def test_what_is_found_is_scored_as_the_reference_scores_it(index, vectors):
    hits = index.search(vectors[:20], 5)
    for query, rows, scores in zip(vectors[:20], hits.rows, hits.scores, strict=True):
        exact = np.round(vectors[rows].astype(np.float64) @ query.astype(np.float64), 6)
        assert scores == pytest.approx(exact, abs=1e-6)
        assert [*scores] == sorted(scores, reverse=True)


@pytest.mark.parametrize(
    "rows", [range(2_500), range(2_500, 2_800), range(2_800, 4_500), range(1_000, 3_000)]
)
def test_a_stretch_is_searched_by_itself(index, vectors, rows):
    found = index.search(vectors[::50], 10, rows).rows
    assert np.isin(found, np.arange(rows.start, rows.stop)).all()
    assert np.mean(shares(found, FlatIndex(vectors).search(vectors[::50], 10, rows).rows)) >= 0.95
    near = index.candidates(vectors[::50], 40, rows)
    assert np.isin(near[near >= 0], np.arange(rows.start, rows.stop)).all()
    assert np.mean(shares(near, found)) >= 0.95


def test_of_few_rows_all_are_compared(index, vectors):
    allowed = np.array([4_400, 3, 2_600])
    assert index.search(vectors[:1], 9, allowed).rows.tolist() == (
        FlatIndex(vectors).search(vectors[:1], 9, allowed).rows.tolist()
    )


def test_of_many_scattered_rows_more_lists_are_probed(index, vectors, monkeypatch):
    monkeypatch.setattr(inverted, "MOST_COMPARED", 100)
    probed, parameters = [], inverted.faiss.SearchParametersIVF
    monkeypatch.setattr(
        inverted.faiss,
        "SearchParametersIVF",
        lambda **given: probed.append(given["nprobe"]) or parameters(**given),
    )
    index.search(vectors[:1], 10)
    allowed = np.arange(0, len(vectors), 5)
    found = index.search(vectors[:60], 10, allowed).rows
    assert np.isin(found, allowed).all()
    assert np.mean(shares(found, FlatIndex(vectors).search(vectors[:60], 10, allowed).rows)) >= 0.95
    lists = [stretch.lists for stretch, _ in index._parts if stretch.lists]
    assert probed[2:] == [min(5 * few, most) for few, most in zip(probed[:2], lists, strict=True)]


def test_where_the_lists_hold_too_few_all_are_compared(index, vectors):
    k = len(vectors) - 1
    assert (
        index.search(vectors[:1], k).rows.tolist() == FlatIndex(vectors).search(vectors[:1], k).rows.tolist()
    )


def test_the_whole_corpus_may_be_asked_for(index, vectors):
    assert np.sort(index.search(vectors[:1], 99_999).rows[0]).tolist() == [*range(len(vectors))]


def test_no_questions_and_no_rows_find_nothing(index, vectors):
    assert index.search(vectors[:0], 5).rows.shape == (0, 5)
    assert index.search(vectors[:2], 5, np.array([], dtype=np.int64)).rows.shape == (2, 0)


def test_a_recall_of_1_compares_all(vectors, tmp_path, monkeypatch):
    monkeypatch.setattr(list_training, "EXACT_ROWS", 1_000)
    build_index(engine_named("faiss", 1.0), vectors, tmp_path, SIZES)
    index = engine_named("faiss").open(tmp_path)
    assert index.recall is None
    assert (
        index.search(vectors[:9], 10).rows.tolist()
        == FlatIndex(vectors).search(vectors[:9], 10).rows.tolist()
    )


def test_lists_that_find_too_little_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(list_training, "EXACT_ROWS", 1_000)
    monkeypatch.setattr(list_training, "CHOSEN_BY_CODES", (1,))
    monkeypatch.setattr(inverted, "SPARE", 0)
    noise = normalised(np.random.default_rng(6).normal(size=(2_000, 64)))  # codes cannot tell these apart
    with pytest.raises(BuildError, match=r"finds [0-9.]+% of the nearest, less than 95%.*--recall 1"):
        build_index(FaissEngine(0.99), noise, tmp_path)


def test_where_the_codes_tell_too_little_more_of_what_they_choose_is_scored(tmp_path, monkeypatch):
    monkeypatch.setattr(list_training, "EXACT_ROWS", 1_000)
    monkeypatch.setattr(inverted, "SPARE", 5)
    noise = normalised(np.random.default_rng(6).normal(size=(3_000, 24)))
    build_index(FaissEngine(0.99), noise, tmp_path)
    (stretch,) = json.loads((tmp_path / "index.json").read_text())["stretches"]
    assert stretch["chosen"] > list_training.CHOSEN_BY_CODES[0]
    assert stretch["recall"] >= 0.99


def test_no_more_lists_are_probed_than_help_where_the_recall_cannot_be_had(tmp_path, monkeypatch):
    monkeypatch.setattr(list_training, "EXACT_ROWS", 1_000)
    monkeypatch.setattr(list_training, "CHOSEN_BY_CODES", (1,))
    monkeypatch.setattr(inverted, "SPARE", 12)
    monkeypatch.setattr(list_training, "LEAST_RECALL", 0.0)
    chance = np.random.default_rng(4)
    near = chance.normal(size=(40, 32))[np.arange(3_000) % 40] + 0.15 * chance.normal(size=(3_000, 32))
    build_index(FaissEngine(0.9999), normalised(near), tmp_path)
    (stretch,) = json.loads((tmp_path / "index.json").read_text())["stretches"]
    assert 0.1 < stretch["recall"] < 0.9999
    assert stretch["probes"] < stretch["lists"]


@pytest.mark.parametrize(("large", "has_lists"), [(2_000, True), (1_500, False)])
def test_a_smaller_stretch_has_lists_where_a_larger_one_needs_them(tmp_path, monkeypatch, large, has_lists):
    monkeypatch.setattr(list_training, "EXACT_ROWS", 1_600)
    monkeypatch.setattr(list_training, "LISTED_FROM", 1_000)
    sizes = [large, 1_200, 300]
    points = normalised(np.random.default_rng(8).normal(size=(sum(sizes), 12)))
    build_index(FaissEngine(0.95), points, tmp_path, sizes)
    path = tmp_path / "index.json"
    stretches = json.loads(path.read_text())["stretches"] if path.exists() else []
    assert [stretch["lists"] > 0 for stretch in stretches] == ([True, True, False] if has_lists else [])


def test_an_odd_number_of_dimensions_has_lists_too(tmp_path, vectors, monkeypatch):
    monkeypatch.setattr(list_training, "EXACT_ROWS", 1_000)
    odd = normalised(vectors[:, :31])
    build_index(FaissEngine(0.95), odd, tmp_path)
    assert FaissEngine().open(tmp_path).search(odd[:1], 1).rows.tolist() == [[0]]


@pytest.mark.parametrize("name", ["index.0.faiss", "index.json", "vectors.npy"])
def test_a_file_that_is_cut_off_is_refused_by_name(folder, tmp_path, name):
    for path in folder.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    (tmp_path / name).write_bytes((folder / name).read_bytes()[:-9])
    with pytest.raises(BuildError, match=name):
        FaissEngine().open(tmp_path)


def test_lists_of_other_vectors_are_refused(folder, vectors, tmp_path):
    for path in folder.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    np.save(tmp_path / "vectors.npy", vectors[1:])
    with pytest.raises(BuildError, match=r"index\.json is of another number of vectors"):
        FaissEngine().open(tmp_path)
