import os

import pytest

from recommender.errors import SourceError
from recommender.intake import source_of
from recommender.readers import source as opening
from recommender.readers import stop
from recommender.readers.source import SourceFile


def refusal(path):
    with pytest.raises(SourceError) as caught:
        SourceFile(path)
    return str(caught.value)


def test_a_missing_file_is_named(tmp_path):
    path = tmp_path / "papers.csv"
    assert refusal(path) == f"{path} does not exist; check the name and the folder"


def test_a_file_under_a_file_is_refused(source):
    path = source("papers.csv", "x") / "papers.csv"
    assert refusal(path) == f"{path} cannot be read: Not a directory"


def test_a_folder_is_no_source(tmp_path):
    assert refusal(tmp_path) == f"{tmp_path} is a folder; name the files in it"


def test_a_pipe_is_refused_without_waiting_for_a_writer(tmp_path):
    path = tmp_path / "papers.jsonl"
    os.mkfifo(path)
    assert "is a pipe or device" in refusal(path)


def test_an_empty_file_is_refused(source):
    path = source("papers.csv", "")
    assert refusal(path) == f"{path} is empty; export it again, or leave it out"


def test_a_link_to_itself_is_refused(tmp_path):
    path = tmp_path / "papers.csv"
    path.symlink_to(path)
    assert refusal(path).startswith(f"{path} cannot be read: ")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission_is_refused(source):
    path = source("papers.csv", "title\nx\n")
    path.chmod(0)
    assert refusal(path) == f"{path} may not be read by this user; change its permissions"


def test_lines_keep_characters_that_only_look_like_line_ends(source):
    file = SourceFile(source("a.txt", "a\u2028b\x85c\r\nd\re\n"))
    assert list(file.lines()) == ["a\u2028b\x85c\n", "d\n", "e\n"]


def test_lines_keep_their_ends_where_the_format_asks_for_it(source):
    assert list(SourceFile(source("a.txt", "a\r\nb\n")).lines(newline="")) == ["a\r\n", "b\n"]


def test_the_head_of_a_large_file_ends_before_a_cut_character(source):
    file = SourceFile(source("a.txt", "文" * 100_000))
    assert file.head == "文" * (65_536 // 3)
    assert file.text() == "文" * 100_000


def test_a_file_that_is_spoiled_between_two_looks_is_refused(source):
    path = source("a.txt", "文\n")
    file = SourceFile(path)
    assert file.encoding == "utf-8"
    path.write_bytes(b"\xff\n")
    with pytest.raises(SourceError, match="has changed while it was read"):
        file.text()


def test_a_source_of_an_import_is_looked_through_once_for_its_encoding(tmp_path, monkeypatch):
    path = tmp_path / "papers.jsonl"
    path.write_text('{"id": "1", "title": "One"}\n', encoding="utf-8")
    looked, real = [], opening.find_encoding
    monkeypatch.setattr(opening, "find_encoding", lambda *given: looked.append(given[0]) or real(*given))
    found = source_of(path, None, lambda *_: None)
    assert found.format == "jsonl"
    assert [entry.paper.title for entry in found.read(stop)] == ["One"]
    assert looked == [path]
