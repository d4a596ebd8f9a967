import pytest

from recommender.builds.files import FileStamp, write_durably


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
