"""Neighbours computed by hand, and a file that refuses every damage."""

import numpy as np
import pytest

from recommender.builds.neighbours import FILE, NeighbourTable, nearest, write_neighbours
from recommender.errors import BuildError

SLOPE = [0.6, 0.8, 0.0]
AXES = np.eye(3)
LISTS = [[(1, 0.5), (2, 0.25)], [(0, 0.5)], []]  # scores that float32 holds exactly


@pytest.fixture
def neighbours_of(engine, tmp_path):
    def compute(vectors, k, copies=None, on_progress=lambda done, total: None):
        vectors = np.asarray(vectors, dtype=np.float32)
        engine.build(vectors, tmp_path)
        copies = range(len(vectors)) if copies is None else copies
        return nearest(engine.open(tmp_path), vectors, list(copies), k, on_progress)

    return compute


@pytest.fixture
def path(tmp_path):
    path = tmp_path / FILE
    write_neighbours(LISTS, 2, "tonight", path)
    return path


def rows(lists):
    return [[row for row, _ in found] for found in lists]


def everything(path, build_id="tonight"):
    table = NeighbourTable(path, build_id)
    return [table.of(row) for row in range(len(table))]


def test_neighbours_come_best_first_with_their_cosine_and_ties_by_row(neighbours_of):
    found = neighbours_of([AXES[0], SLOPE, AXES[1], AXES[2]], k=2)
    assert found == [
        [(1, pytest.approx(0.6)), (2, 0.0)],
        [(2, pytest.approx(0.8)), (0, pytest.approx(0.6))],
        [(1, pytest.approx(0.8)), (0, 0.0)],
        [(0, 0.0), (1, 0.0)],
    ]


def test_a_k_beyond_the_corpus_gives_all_others(neighbours_of):
    assert rows(neighbours_of([AXES[0], SLOPE, AXES[2]], k=50)) == [[1, 2], [0, 2], [0, 1]]


def test_a_single_paper_has_no_neighbours(neighbours_of):
    assert neighbours_of([AXES[0]], k=50) == [[]]


def test_exact_copies_are_no_neighbours_of_each_other_but_of_the_others(neighbours_of):
    found = neighbours_of([AXES[0], AXES[0], SLOPE, AXES[1]], k=2, copies=[0, 0, 2, 3])
    assert rows(found) == [[2, 3], [2, 3], [3, 0], [2, 0]]


def test_another_text_with_the_same_vector_is_a_neighbour(neighbours_of):
    found = neighbours_of([AXES[0], AXES[0], SLOPE], k=1, copies=[0, 1, 2])
    assert found[:2] == [[(1, 1.0)], [(0, 1.0)]]


@pytest.mark.parametrize("copies", [4, 5, 10])
def test_a_text_with_many_copies_still_has_all_its_neighbours(neighbours_of, copies):
    vectors = [*[AXES[0]] * copies, SLOPE, AXES[1], AXES[2]]
    slope, second, third = range(copies, copies + 3)
    found = neighbours_of(vectors, k=3, copies=[*[0] * copies, slope, second, third])
    assert rows(found[:copies]) == [[slope, second, third]] * copies
    assert rows(found)[slope] == [second, 0, 1]
    assert rows(found)[second] == [slope, 0, 1]


def test_nothing_but_copies_has_no_neighbours(neighbours_of):
    assert neighbours_of([AXES[0]] * 10, k=3, copies=[0] * 10) == [[]] * 10


def test_more_rows_than_one_batch_are_all_answered_and_counted(neighbours_of):
    angles = np.radians(np.arange(0, 90, 0.3))  # 300 rows; the nearest lie beside each
    progress = []
    found = neighbours_of(
        np.stack([np.cos(angles), np.sin(angles)], axis=1),
        k=2,
        on_progress=lambda done, total: progress.append((done, total)),
    )
    assert [sorted(around) for around in rows(found)[1:-1]] == [[i - 1, i + 1] for i in range(1, 299)]
    assert progress == [(256, 300), (300, 300)]


def test_what_is_written_is_read(path):
    table = NeighbourTable(path, "tonight")
    assert (len(table), table.k) == (3, 2)
    assert everything(path) == LISTS


def test_no_rows_are_a_file_too(tmp_path):
    write_neighbours([], 50, "tonight", tmp_path / FILE)
    assert everything(tmp_path / FILE) == []


def test_any_flipped_byte_is_detected_when_all_rows_are_read(path):
    content = path.read_bytes()
    for place in range(len(content)):
        for mask in (1, 16, 128, 255):
            path.write_bytes(content[:place] + bytes([content[place] ^ mask]) + content[place + 1 :])
            with pytest.raises(BuildError, match=r"neighbours\.bin is damaged"):
                everything(path)


def test_damage_to_one_row_leaves_the_others_answering(path):
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    table = NeighbourTable(path, "tonight")
    assert [table.of(0), table.of(1)] == LISTS[:2]
    with pytest.raises(BuildError, match="the line of row 2"):
        table.of(2)


def test_two_lines_that_changed_places_are_refused(path):
    content = path.read_bytes()
    line = (len(content) - 20) // 3
    path.write_bytes(
        content[:20] + content[20 + line : 20 + 2 * line] + content[20 : 20 + line] + content[-line:]
    )
    with pytest.raises(BuildError, match="the line of row 0"):
        everything(path)


def test_a_file_that_is_cut_off_or_too_long_is_refused_at_opening(path):
    content = path.read_bytes()
    for other in [*(content[:size] for size in range(len(content))), content + b"\0"]:
        path.write_bytes(other)
        with pytest.raises(BuildError, match=r"neighbours\.bin is damaged"):
            NeighbourTable(path, "tonight")


def test_the_file_of_another_build_is_refused_at_opening(path):
    with pytest.raises(BuildError, match=r"neighbours\.bin is damaged"):
        NeighbourTable(path, "last night")


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(BuildError, match=r"neighbours\.bin"):
        NeighbourTable(tmp_path / FILE, "tonight")
