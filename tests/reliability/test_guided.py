"""The parsers written by hand take any bytes, or refuse them in their own words."""

import random
import subprocess
import sys

import pytest

from recommender.lookup.summary import Summary
from tests.reliability import fuzz, guided

PIECES = [b"", b"\\'{e} {\\\"u}", "产教 \\alpha 融合".encode(), bytes(range(256)), b'{"a": 1}' * 9,
          b"<p>a<script>b", b"a<!-- b"]  # fmt: skip


@pytest.mark.parametrize("name", guided.TARGETS)
def test_a_parser_takes_or_refuses_whatever_it_is_given(tmp_path, name):
    chance = random.Random(fuzz.SEED)
    seeds = [*guided.seeds_of(name, tmp_path), *PIECES]
    inputs = [fuzz.mutated(seeds[number % len(seeds)], seeds, chance) for number in range(150)]
    inputs += [flipped(seeds[number % len(seeds)], chance) for number in range(150)]
    for content in (*seeds, *inputs):
        guided.TARGETS[name](content[: guided.LONGEST], tmp_path / "input.txt")


def flipped(content, chance):
    """Return as many bytes, a few of them others: sizes and places still fit."""
    changed = bytearray(content)
    for _ in range(chance.randint(1, 3) if content else 0):
        changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
    return bytes(changed)


@pytest.mark.parametrize("name", ["weights", "neighbours", "papers", "ids", "manifest"])
def test_a_run_begins_with_a_file_that_is_not_refused(tmp_path, monkeypatch, name):
    for refusal in ("BuildError", "ModelError"):
        monkeypatch.setattr(guided, refusal, ZeroDivisionError)
    [whole] = guided.seeds_of(name, tmp_path)
    guided.TARGETS[name](whole, tmp_path / "input.txt")


def test_a_manifest_is_as_it_was_written_again_after_a_change(tmp_path):
    [whole] = guided.seeds_of("manifest", tmp_path)
    changed = whole.replace(b'"size": 7', b'"size": 8')
    with pytest.raises(ValueError, match="the checksum does not fit"):
        Summary(changed)
    assert Summary(guided._as_written(changed)).sizes == {"papers.bin": 8}


def test_a_parser_that_breaks_is_seen(tmp_path, monkeypatch):
    monkeypatch.setattr(guided, "from_latex", lambda text: f"{text}+")
    with pytest.raises(AssertionError):
        guided.latex(b"x", tmp_path / "input.txt")


def test_a_run_is_told_its_length_and_seed_and_tells_what_it_did(tmp_path, monkeypatch, capsys):
    asked = []

    def run(command, **options):
        asked.append(command[3:])
        told = "#7 REDUCE cov: 11 ft: 12\n#8 DONE cov: 12 ft: 13\nDone 8 runs in 3 second(s)\n"
        return subprocess.CompletedProcess(command, len(asked) - 1, stderr=told)

    monkeypatch.setattr(subprocess, "run", run)
    keep = str(tmp_path / "kept")
    monkeypatch.setattr(sys, "argv", ["guided", "latex", "ids", "--runs", "8", "--seed", "5", "--keep", keep])
    with pytest.raises(SystemExit, match="ids: "):
        guided.main()
    assert [(name, n, seed, kept) for name, n, seed, _, kept in asked] == [
        ("latex", "8", "5", keep), ("ids", "8", "5", keep)
    ]  # fmt: skip
    assert capsys.readouterr().out == "latex: 8 inputs, 12 branches, 3 s, none broke it\n"
