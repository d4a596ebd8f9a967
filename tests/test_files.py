import pytest

from recommender.errors import BuildError
from recommender.files import FileStamp, write_durably
from recommender.lookup.mapped import HEADER, MappedFile, header, sealed, seed_of


def test_a_stamp_is_the_size_and_the_sha_256_of_a_file(tmp_path):
    path = tmp_path / "abc"
    path.write_bytes(b"abc")
    known = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"  # FIPS 180-2, example 1
    assert FileStamp.of(path) == FileStamp(size=3, sha256=known)


def test_a_file_gets_its_name_with_all_its_content_and_nothing_else_stays(tmp_path):
    path = tmp_path / "CURRENT"
    path.write_bytes(b"yesterday")
    write_durably(path, b"today")
    assert path.read_bytes() == b"today"
    assert [*tmp_path.iterdir()] == [path]


def test_a_write_that_fails_leaves_the_old_file_and_no_rest(tmp_path):
    path = tmp_path / "CURRENT"
    path.write_bytes(b"yesterday")
    with pytest.raises(TypeError):
        write_durably(path, "no bytes")
    assert path.read_bytes() == b"yesterday"
    assert [*tmp_path.iterdir()] == [path]


def test_a_reader_that_opened_the_old_file_reads_it_to_its_end(tmp_path):
    path = tmp_path / "CURRENT"
    path.write_bytes(b"yesterday")
    with path.open("rb") as reader:
        write_durably(path, b"today")
        assert reader.read() == b"yesterday"


@pytest.mark.parametrize(("start", "end"), [(0, 30), (20, 23), (20, 10**6), (10**6, 2 * 10**6)])
def test_a_part_that_lies_outside_of_its_file_is_damage(tmp_path, start, end):
    path = tmp_path / "parts.bin"
    path.write_bytes(header(b"RECTEST1", 1, 0, seed_of("b")) + sealed(b"payload", 0, seed_of("b")))
    opened = MappedFile(path, b"RECTEST1", "b")
    assert opened.part(HEADER.size, HEADER.size + 11, 0) == b"payload"
    with pytest.raises(BuildError, match="part 0 has no place"):
        opened.part(start, end, 0)
