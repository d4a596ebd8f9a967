"""The parsers written by hand take any bytes, or refuse them in their own words."""

import random

import pytest

from tests.reliability import fuzz, guided


@pytest.mark.parametrize("name", guided.TARGETS)
def test_a_parser_takes_or_refuses_whatever_it_is_given(tmp_path, name):
    chance = random.Random(fuzz.SEED)
    seeds = [b"", b"\\'{e} {\\\"u}", "产教 \\alpha 融合".encode(), bytes(range(256)), b'{"a": 1}' * 9]
    for number in range(300):
        content = fuzz.mutated(seeds[number % len(seeds)], seeds, chance)
        guided.TARGETS[name](content[: guided.LONGEST], tmp_path / "input.txt")


def test_a_parser_that_breaks_is_seen(tmp_path, monkeypatch):
    monkeypatch.setattr(guided, "from_latex", lambda text: f"{text}+")
    with pytest.raises(AssertionError):
        guided.latex(b"x", tmp_path / "input.txt")
