"""What people read in a terminal of 80 and of 200 columns: no line is wider, no word is cut that had room."""

import re

import pytest

from recommender.presentation import terminal
from recommender.presentation.grid import columns, hanging

LONG = (
    "A study of the long-term stability of halide perovskite films under moisture, heat and light, revisited"
)
COMMANDS = {
    "an id": ["--id", "1", "--k", "3"],
    "reasons": ["--id", "1", "--k", "3", "--why"],
    "a text": ["perovskite stability"],
    "duplicates": ["duplicates"],
    "doctor": ["doctor"],
    "builds": ["builds"],
    "library": ["library"],
    "a paper": ["show", "1"],
}


@pytest.fixture
def read(call, write, monkeypatch):
    """Call a command as if a terminal of so many columns were there; return the lines."""
    papers = [
        {
            "id": str(number),
            "title": title,
            "abstract": f"{LONG}. Moisture degrades perovskite solar cells. " * 3
            + "产教融合的治理研究。" * 20,
            "authors": ["A. Author", "B. Author", "C. Author"],
            "venue": "Journal of the Society of the Study of Everything",
            "year": 2020,
        }
        for number, title in enumerate((LONG, LONG + " once more", "市域产教联合体治理机制" * 8), start=1)
    ]
    assert call("rebuild", write(papers)).code == 0

    def read_(arguments, width):
        monkeypatch.setenv("COLUMNS", str(width))
        monkeypatch.setenv("TTY_COMPATIBLE", "1")
        monkeypatch.setenv("TERM", "xterm-256color")
        found = call(*arguments)
        assert found.code == 0, found.err
        return [re.sub(r"\x1b\[[0-9;]*m", "", line) for line in found.out.splitlines()]

    return read_


def test_no_line_is_wider_than_the_terminal(read):
    for width in (80, 200):
        for name, arguments in COMMANDS.items():
            wide = [line for line in read(arguments, width) if columns(line.rstrip()) > width]
            assert wide == [], (name, width)


def test_duplicates_break_between_words_and_hang_below_their_first_line(read):
    lines = read(["duplicates"], 80)
    first = next(place for place, line in enumerate(lines) if line.startswith("   1  A study"))
    assert lines[first].split() + lines[first + 1].split() == ["1", *LONG.split()]
    assert lines[first + 1].startswith("      ")
    assert any(LONG in line for line in read(["duplicates"], 200))


def test_where_nobody_looks_a_finding_is_one_line(call, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("TTY_COMPATIBLE", "0")
    assert terminal.room() is None
    assert all(line[:3] in {"ok ", "BAD"} for line in call("doctor").out.splitlines())
    assert hanging("   ", LONG, None) == f"   {LONG}"
