"""Whatever a file holds, a reader gives papers, rejects or a refusal."""

import random
from contextlib import suppress
from itertools import count

import pytest

from recommender.errors import RecordError, SourceError
from tests.reliability import fuzz


def test_mutated_samples_break_no_reader(tmp_path):
    tally = fuzz.campaign(tmp_path, fuzz.SHORT)
    assert min(tally["papers"], tally["with rejects"], tally["refused"]) > 50


def test_the_same_seed_makes_the_same_inputs():
    inputs = [fuzz.mutated(b"some content", [b"other"], random.Random(7)) for _ in range(2)]
    assert inputs[0] == inputs[1] != b"some content"


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "x.txt"
    path.write_text("x")
    return path


def without_end():
    for _ in count():
        with suppress(Exception):  # as a reader may have it
            "".join("x")


@pytest.mark.parametrize(
    ("reader", "said"),
    [
        (lambda path, on_reject: 1 // 0, "ZeroDivisionError"),
        (lambda path, on_reject: without_end(), "TooSlowError: more than 0"),
        # new memory, written to, and more of it than what else of this process may be freed meanwhile
        (lambda path, on_reject: [len(b"x" * (1 << 28))], "bytes of memory for 1 of a file"),
        (lambda path, on_reject: on_reject(SourceError(f"{path}, line 1: no paper")) or [], "no reject"),
        (lambda path, on_reject: on_reject(RecordError("y.txt", "line 1", "no paper")) or [], "not named: y"),
        (lambda path, on_reject: on_reject(RecordError(path, "", "no paper")) or [], "no place is named"),
        (lambda path, on_reject: on_reject(RecordError(path, "somewhere", "no")) or [], "no place is named"),
    ],
)
def test_a_reader_that_breaks_takes_too_much_or_names_no_place_is_told(path, monkeypatch, reader, said):
    monkeypatch.setattr(fuzz, "read_papers", reader)
    monkeypatch.setattr(fuzz, "LEAST_SECONDS", 0.2)
    monkeypatch.setattr(fuzz, "FREE_MEMORY", 1 << 23)
    with pytest.raises(AssertionError, match=said):
        fuzz.read(path)


def test_an_input_without_end_is_told_and_the_campaign_goes_on(tmp_path, monkeypatch):
    readers = iter([without_end, list, list])
    monkeypatch.setattr(fuzz, "read_papers", lambda *_: next(readers)())
    monkeypatch.setattr(fuzz, "LEAST_SECONDS", 0.2)
    monkeypatch.setattr(fuzz, "SECONDS_A_KB", 0.0)
    assert fuzz.campaign(tmp_path, 3, keep=tmp_path / "kept") == {"broken": 1, "papers": 2}
    [why] = (tmp_path / "kept").glob("0-*.why")
    assert "TooSlowError" in why.read_text()


@pytest.mark.parametrize(
    "said",
    [
        ", line 7: no well-formed XML: undefined entity; export it again",
        "/a/b.csv, line 7: unexpected end of data; close the quotes",
        ", after row 3: no readable Parquet file: x; export it again",
        ", header: columns 'a' and 'A' are the same column twice; rename them in the first line",
        " is neither UTF-8 (byte 3) nor GB18030 (byte 9); save it as UTF-8",
        " is damaged HTML (an entity of 5,000 digits in line 3); save the page again",
        " holds no record; read as ris",
        "/b.csv is damaged: Bad magic number for file header; copy it again",
        ": no readable Parquet file: Unexpected end of stream; export it again",
        " is no whole JSON document: the key 'title' occurs twice; export it again",
        ", b.csv is encrypted; unpack the archive first",
    ],
)
def test_a_refusal_with_a_place_or_of_the_whole_file_is_one(path, said):
    fuzz.check_refusal(SourceError(f"{path}{said}"), path)


@pytest.mark.parametrize(
    "said",
    [
        " is no paper",
        " cannot be read: Invalid argument",
        " has changed while it was read; read it again",
        ": line by line nothing was found",
        " is no whole JSON document: broken JSON at character 7: Expecting value; export it again",
        " holds no record; read as ris, and more",
    ],
)
def test_a_refusal_without_a_place_that_is_not_of_the_whole_file_is_none(path, said):
    with pytest.raises(AssertionError, match="no place is named"):
        fuzz.check_refusal(SourceError(f"{path}{said}"), path)
