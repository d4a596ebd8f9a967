"""Whatever a file holds, a reader gives papers, rejects or a refusal."""

import random

import pytest

from tests.reliability import fuzz


def test_mutated_samples_break_no_reader(tmp_path):
    tally = fuzz.campaign(tmp_path, fuzz.SHORT)
    assert min(tally["papers"], tally["with rejects"], tally["refused"]) > 50


def test_the_same_seed_makes_the_same_inputs():
    inputs = [fuzz.mutated(b"some content", [b"other"], random.Random(7)) for _ in range(2)]
    assert inputs[0] == inputs[1] != b"some content"


def test_a_reader_that_breaks_is_told(tmp_path, monkeypatch):
    path = tmp_path / "x.txt"
    path.write_text("x")
    monkeypatch.setattr(fuzz, "read_papers", lambda *_: 1 // 0)
    with pytest.raises(AssertionError, match="ZeroDivisionError"):
        fuzz.read(path)
