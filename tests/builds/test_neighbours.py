"""A file of neighbours that refuses every damage."""

import pytest

from recommender.builds.neighbours import FILE, NeighbourTable, write_neighbours
from recommender.errors import BuildError
from recommender.neighbour import Label, Neighbour

LISTS = [
    [
        Neighbour(1, 0.5, 0.9999, Label.NEAR_DUPLICATE),
        Neighbour(2, -0.123456, 0.3, Label.UNKNOWN),
    ],
    [Neighbour(0, 0.5, 0.75, Label.SAME_TOPIC)],
    [],
]


@pytest.fixture
def path(tmp_path):
    path = tmp_path / FILE
    write_neighbours(LISTS, 2, "tonight", path)
    return path


def everything(path, build_id="tonight"):
    table = NeighbourTable(path, build_id)
    return [table.of(row) for row in range(len(table))]


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
