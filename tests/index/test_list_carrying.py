"""Inverted lists that are taken over: what they hold, and when they are learnt anew instead."""

import json
import shutil

import faiss
import numpy as np
import pytest

from recommender.index import Before, list_carrying, list_training
from recommender.index.faiss import FaissEngine
from recommender.index.flat import FlatIndex
from recommender.index.stored import write_vectors
from recommender.vectors import normalised

SIZES = (2_500, 300, 1_700)
RECALL = 0.97
CHANCE = np.random.default_rng(4)
CENTRES = CHANCE.normal(size=(60, 32))


def points(n, centres=CENTRES):
    """Points around some centres, as papers around their subjects."""
    return normalised(centres[CHANCE.integers(0, len(centres), n)] + 0.7 * CHANCE.normal(size=(n, 32)))


OLD, NEW = points(sum(SIZES)), points(2_000)


@pytest.fixture(autouse=True)
def few_are_many(monkeypatch):
    monkeypatch.setattr(list_training, "EXACT_ROWS", 1_000)


@pytest.fixture(scope="module")
def old(tmp_path_factory):
    folder = tmp_path_factory.mktemp("old")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(list_training, "EXACT_ROWS", 1_000)
        built(folder, OLD, SIZES)
    return folder


def built(folder, vectors, sizes, before=None):
    folder.mkdir(exist_ok=True)
    write_vectors(vectors, folder)
    FaissEngine(RECALL).build(folder, sizes, before)
    return folder


def rows_after(*stretches):
    """Return rows, -1 for the new ones, the vectors they have, and the sizes of stretches."""
    rows = np.concatenate([np.asarray(stretch) for stretch in stretches])
    vectors = OLD[rows]
    vectors[rows < 0] = NEW[: (rows < 0).sum()]
    return rows, vectors, [len(stretch) for stretch in stretches]


def changed(start, size, n=60):
    """Return rows of a stretch, of which some are new, some gone, one is there twice, two change places."""
    rows = np.arange(start, start + size)
    rows[:: size // n] = -1
    rows = rows[5:]
    rows[[7, 9]] = rows[[9, 7]]
    rows[11] = rows[12]
    return rows


def night(folder, old, *stretches):
    rows, vectors, sizes = rows_after(*stretches)
    return built(folder, vectors, sizes, Before(old, rows)), rows, vectors, sizes


def stretches_of(folder):
    return json.loads((folder / "index.json").read_text())["stretches"]


def filled_anew(old, number, vectors):
    """Return what FAISS writes of the lists of a stretch when all vectors are added to the empty ones."""
    lists = faiss.read_index(str(old / f"index.{number}.faiss"))
    lists.reset()
    lists.add(vectors)
    return faiss.serialize_index(lists).tobytes()


TONIGHT = (changed(0, 2_500), range(2_500, 2_790), changed(2_800, 1_700))


def test_lists_taken_over_are_to_the_last_byte_those_that_are_filled_with_all_vectors(old, tmp_path):
    folder, rows, vectors, sizes = night(tmp_path / "new", old, *TONIGHT)
    assert (folder / "index.0.faiss").read_bytes() == filled_anew(old, 0, vectors[: sizes[0]])
    assert (folder / "index.2.faiss").read_bytes() == filled_anew(old, 2, vectors[-sizes[2] :])
    assert [stretch["added"] for stretch in stretches_of(folder)] == [
        (rows[: sizes[0]] < 0).sum(), 0, (rows[-sizes[2] :] < 0).sum()
    ]  # fmt: skip
    assert sorted(path.name for path in folder.iterdir()) == sorted(path.name for path in old.iterdir())


def test_what_is_found_is_the_wanted_share_of_the_nearest_and_nothing_of_the_old_folder_is_needed(
    old, tmp_path
):
    shutil.copytree(old, tmp_path / "old")
    folder, rows, vectors, _ = night(tmp_path / "new", tmp_path / "old", *TONIGHT)
    shutil.rmtree(tmp_path / "old")
    index = FaissEngine().open(folder)
    assert index.recall >= RECALL
    for asked in (vectors[::7], vectors[rows < 0]):
        wanted = FlatIndex(vectors).search(asked, 10).rows
        found = index.search(asked, 10).rows
        shares = [np.isin(right, near).mean() for near, right in zip(found, wanted, strict=True)]
        assert np.mean(shares) >= 0.95


def test_a_stretch_is_known_by_its_rows_wherever_it_lies_now(old, tmp_path):
    folder, _, vectors, sizes = night(tmp_path / "new", old, [-1] * 40, TONIGHT[2], TONIGHT[0])
    start = sizes[0] + sizes[1]
    assert (folder / "index.1.faiss").read_bytes() == filled_anew(old, 2, vectors[sizes[0] : start])
    assert (folder / "index.2.faiss").read_bytes() == filled_anew(old, 0, vectors[start:])


def test_a_row_that_was_in_another_stretch_is_a_new_one(old, tmp_path):
    folder, _, vectors, _ = night(tmp_path / "new", old, [*range(2_500), *range(2_800, 2_830)])
    assert (folder / "index.0.faiss").read_bytes() == filled_anew(old, 0, vectors)
    assert stretches_of(folder)[0]["added"] == 30


def test_after_a_night_without_anything_new_nothing_is_added(old, tmp_path):
    folder, *_ = night(tmp_path / "new", old, range(2_500))
    assert (folder / "index.0.faiss").read_bytes() == (old / "index.0.faiss").read_bytes()


def learnt(folder, old, *stretches):
    """Tell whether lists were made as if there were none before."""
    folder.mkdir()
    new, _, vectors, sizes = night(folder / "new", old, *stretches)
    plain = built(folder / "plain", vectors, sizes)
    same = [path.read_bytes() == (plain / path.name).read_bytes() for path in sorted(new.iterdir())]
    assert all(same) or not any(same[:1])
    return all(same)


def test_where_much_is_new_the_lists_are_learnt_anew(old, tmp_path):
    assert not learnt(tmp_path / "few", old, [*range(2_000), *[-1] * 490])
    assert learnt(tmp_path / "many", old, [*range(2_000), *[-1] * 510])


def test_what_is_new_of_many_nights_adds_up(old, tmp_path):
    first, rows, vectors, _ = night(tmp_path / "first", old, [*range(2_000), *[-1] * 300])
    assert stretches_of(first)[0]["added"] == 300
    for n_more, added in ((150, 450), (250, 0)):
        more = np.concatenate([np.arange(len(rows)), np.full(n_more, -1)])
        both = np.concatenate([vectors, NEW[300 : 300 + n_more]])
        second = built(tmp_path / f"second {n_more}", both, (), Before(first, more))
        assert stretches_of(second)[0]["added"] == added


def test_where_so_many_are_gone_that_there_would_be_other_lists_they_are_learnt_anew(old, tmp_path):
    assert not learnt(tmp_path / "few", old, range(1_800))  # 84 lists of 100
    assert learnt(tmp_path / "many", old, range(1_600))  # 80 lists, of which 20 % are 16


def test_a_stretch_that_had_no_lists_gets_new_ones(old, tmp_path):
    assert learnt(tmp_path / "none", old, [*range(2_500, 2_800), *[-1] * 900])


def test_where_the_build_before_compared_all_the_lists_are_new(tmp_path):
    exact = tmp_path / "exact"
    exact.mkdir()
    write_vectors(OLD, exact)
    FaissEngine(1.0).build(exact)
    assert learnt(tmp_path / "none", exact, range(2_500))


def test_lists_that_find_too_little_are_learnt_anew(old, tmp_path, monkeypatch):
    monkeypatch.setattr(list_training, "CHOSEN_BY_CODES", (2,))  # 32 times as many would be nearly all
    spoilt = list_carrying._taken_out
    monkeypatch.setattr(
        list_carrying, "_taken_out", lambda lists: (np.roll(spoilt(lists)[0], 9, axis=0), spoilt(lists)[1])
    )
    assert learnt(tmp_path / "spoilt", old, range(2_500))


def test_lists_that_do_not_find_what_is_new_are_learnt_anew(old, tmp_path, monkeypatch):
    asked = []
    share = list_training._Exam.share

    def share_(exam, *given):
        asked.append(len(exam.rows))
        return 0.9 if len(exam.rows) == 40 else share(exam, *given)  # the new ones

    monkeypatch.setattr(list_training._Exam, "share", share_)
    assert learnt(tmp_path / "new", old, [*range(2_400), *[-1] * 40])
    assert 40 in asked


def test_lists_that_are_cut_off_are_refused_by_name(old, tmp_path):
    from recommender.errors import BuildError

    shutil.copytree(old, tmp_path / "old")
    path = tmp_path / "old" / "index.0.faiss"
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(BuildError, match=r"index\.0\.faiss"):
        night(tmp_path / "new", tmp_path / "old", *TONIGHT)


def test_rows_of_other_vectors_are_refused(old, tmp_path):
    with pytest.raises(ValueError, match="2499 rows of before for 2500 vectors"):
        built(tmp_path / "new", OLD[:2_500], (), Before(old, np.arange(2_499)))
