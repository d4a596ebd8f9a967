"""A file of neighbours that refuses every damage."""

from dataclasses import replace

import numpy as np
import pytest

from recommender.builds.neighbours import FILE, NeighbourTable, write_neighbours
from recommender.errors import BuildError
from recommender.neighbour import Label, Neighbour
from recommender.ranking import Listed

LISTS = [
    [
        Neighbour(1, 0.5, 0.9999, Label.NEAR_DUPLICATE),
        Neighbour(2, -0.123456, 0.3, Label.UNKNOWN),
    ],
    [Neighbour(0, 0.5, 0.75, Label.SAME_TOPIC)],
    [],
]


LISTED = Listed(
    asked=np.array([0, 1, 2]),
    counts=np.array([2, 1, 0]),
    rows=np.array([[1, 2], [0, 0], [0, 0]]),
    scores=np.array([[0.5, -0.123456], [0.5, 0], [0, 0]]),
    similarities=np.array([[0.9999, 0.3], [0.75, 0], [0, 0]]),
    labels=np.array([[4, 0], [3, 0], [0, 0]]),
    shared=np.array([[0.1, 0.000001], [0, 0], [0, 0]]),
)


@pytest.fixture
def path(tmp_path):
    path = tmp_path / FILE
    write_neighbours([LISTED], (3, 2), "tonight", path)
    return path


def test_arrays_say_the_same_as_lists():
    assert LISTED.lists() == LISTS


def test_it_is_all_one_in_how_many_parts_and_what_order_the_rows_come(path, tmp_path):
    parts = (
        Listed(*(getattr(LISTED, name)[part] for name in Listed.__dataclass_fields__))
        for part in ([2, 0], [1])
    )
    write_neighbours(parts, (3, 2), "tonight", tmp_path / "other")
    assert (tmp_path / "other").read_bytes() == path.read_bytes()


def everything(path, build_id="tonight"):
    table = NeighbourTable(path, build_id)
    return [table.of(row) for row in range(len(table))]


def test_what_is_written_is_read(path):
    table = NeighbourTable(path, "tonight")
    assert (len(table), table.k) == (3, 2)
    assert everything(path) == LISTS


def test_the_nearest_few_are_the_first_of_all(tmp_path):
    n, width = 30, 7
    chance = np.random.default_rng(0)
    ranked = Listed(
        asked=np.arange(n),
        counts=chance.integers(0, width + 1, n),
        rows=chance.integers(0, n, (n, width)),
        scores=chance.uniform(-1, 1, (n, width)).round(6),
        similarities=chance.uniform(0, 1, (n, width)).round(6),
        labels=chance.integers(0, 5, (n, width)),
        shared=np.zeros((n, width)),
    )
    write_neighbours([ranked], (n, width), "tonight", tmp_path / FILE)
    table = NeighbourTable(tmp_path / FILE, "tonight")
    for row, every in enumerate(ranked.lists()):
        assert [table.of(row, k) for k in range(width + 3)] == [every[:k] for k in range(width + 3)]


def test_the_rows_of_several_lines_are_read_at_once(path):
    found = NeighbourTable(path, "tonight").listed(np.array([2, 0, 1]))
    assert found.asked.tolist() == [2, 0, 1]
    assert found.lists() == [LISTS[row] for row in (2, 0, 1)]
    assert found.shared.tolist() == LISTED.shared[[2, 0, 1]].tolist()


@pytest.fixture
def turned(tmp_path):
    """A list that neighbours in common have turned round, one of whose lines is damaged."""
    listed = replace(
        LISTED,
        counts=np.array([2, 2, 1]),
        rows=np.array([[1, 2], [0, 2], [0, 0]]),
        scores=np.array([[0.5, 0.45], [0.5, 0.4], [0.5, 0]]),
        shared=np.array([[0.2, 0.1], [0, 0], [0.3, 0]]),
    )
    write_neighbours([listed], (3, 2), "tonight", tmp_path / "turned")
    content = bytearray((tmp_path / "turned").read_bytes())
    content[-1] ^= 1
    (tmp_path / "turned").write_bytes(content)
    return NeighbourTable(tmp_path / "turned", "tonight")


def test_lists_by_score_alone_are_as_before_neighbours_in_common_were_asked(turned):
    assert [(one.row, one.score, one.similarity) for one in turned.by_score(0)] == [
        (2, 0.35, 0.3),
        (1, 0.3, 0.9999),
    ]
    lists = turned.lists(np.array([0, 1]))
    assert lists.rows.tolist() == [[2, 1], [0, 2]]
    assert lists.scores.tolist() == [[0.35, 0.3], [0.5, 0.4]]
    assert lists.copied.tolist() == [[False, True], [False, False]]
    near, scores = turned.near(np.array([0, 1]))
    assert near.tolist() == [[2, 1], [0, 2]]
    assert scores.tolist() == [[350_000, 300_000], [500_000, 400_000]]
    assert turned.nearest(np.array([1])).tolist() == [[0, 2]]


def test_no_damaged_line_is_taken_for_neighbours_in_common(turned):
    for read in (turned.near, turned.nearest):
        with pytest.raises(BuildError, match="the line of row 2"):
            read(np.array([0, 2]))
    with pytest.raises(BuildError, match="the line of row 2"):
        turned.by_score(2)


def test_no_rows_are_a_file_too(tmp_path):
    write_neighbours([], (0, 50), "tonight", tmp_path / FILE)
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


def test_the_check_reads_every_line_and_refuses_a_row_that_there_is_not(path, tmp_path):
    NeighbourTable(path, "tonight").check()
    content = bytearray(path.read_bytes())
    content[-6] ^= 1  # of the last line, before its checksum
    path.write_bytes(content)
    with pytest.raises(BuildError, match="the line of row 2 does not fit"):
        NeighbourTable(path, "tonight").check()
    beyond = replace(LISTED, rows=np.array([[1, 2], [3, 0], [9, 9]]))
    write_neighbours([beyond], (3, 2), "tonight", tmp_path / "beyond")
    with pytest.raises(BuildError, match="a neighbour of row 1 is no row"):
        NeighbourTable(tmp_path / "beyond", "tonight").check()
