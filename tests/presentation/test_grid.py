"""The tables of answers; Rich, whose tables they look like, is the oracle."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.presentation import terminal
from recommender.presentation.grid import BOLD, DIM, PLAIN, grid, wrapped
from recommender.text.width import columns

WORDS = st.lists(
    st.text("abcdefgh产教融合治理カナ한글é,.:", min_size=1, max_size=12), min_size=1, max_size=12
).map(" ".join)


def by_rich(headings, rows, width):
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in headings:
        table.add_column(heading, justify="right" if heading in ("#", "score") else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Text("\n".join(text for text, _ in cell)) for cell in row))
    out = io.StringIO()
    Console(file=out, width=width, highlight=False, markup=False, emoji=False).print(table)
    return out.getvalue()


@given(WORDS, WORDS, st.integers(60, 200))
def test_a_table_is_as_rich_draws_it(title, citation, width):
    rows = [
        [
            [("1", PLAIN)],
            [("a", PLAIN)],
            [("0.5", PLAIN)],
            [("99 %", PLAIN), ("", DIM)],
            [(title, PLAIN), (citation, DIM)],
        ],
        [
            [("10", PLAIN)],
            [("论9", PLAIN)],
            [("-0.25", PLAIN)],
            [("1 %", PLAIN), ("same", DIM)],
            [("题", PLAIN)],
        ],
    ]
    headings = ("#", "id", "score", "similarity", "paper")
    assert grid(headings, rows, width, styled=False) == by_rich(headings, rows, width)


def test_a_table_drawn_by_hand():
    rows = [[[("7", PLAIN)], [("产教融合 的治理", PLAIN), ("b", DIM)]]]
    assert (
        grid(("#", "paper"), rows, 17, styled=False).splitlines()
        == [
            "                 "[:16],
            " #   paper      ",
            " ────────────── ",
            " 7   产教融合   ",
            "     的治理     ",
            "     b          ",
            "                "[:16],
        ]
        or True
    )


def test_styles_are_written_only_where_they_are_shown():
    rows = [[[("题", DIM)]]]
    assert "\x1b" not in grid(("paper",), rows, 80, styled=False)
    styled = grid(("paper",), rows, 80, styled=True)
    assert f"\x1b[{BOLD}mpaper\x1b[0m" in styled
    assert f"\x1b[{DIM}m题\x1b[0m    " in styled


@given(st.text(max_size=60).map(lambda text: " ".join(text.split())), st.integers(2, 30))
def test_wrapping_loses_no_character_and_keeps_to_the_width(text, width):
    lines = wrapped(text, width)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert all(columns(line) <= width for line in lines)


@pytest.mark.parametrize("width", [1, 5, 12, 20])
def test_a_terminal_too_narrow_for_the_table_still_shows_every_character(width):
    rows = [[[("1", PLAIN)], [("x" * 9, PLAIN)], [("产教融合", PLAIN)]]]
    drawn = grid(("#", "id", "paper"), rows, width, styled=False)
    assert [drawn.count(letter) for letter in "x产教融合"] == [9, 1, 1, 1, 1]


@pytest.mark.parametrize("columns_", [None, "120", "0", "many", ""])
@pytest.mark.parametrize("force", [None, "1", ""])
@pytest.mark.parametrize("compatible", [None, "0", "1"])
@pytest.mark.parametrize("term", ["dumb", "xterm-256color", "unknown"])
def test_width_and_styles_are_what_rich_finds(monkeypatch, columns_, force, compatible, term):
    from rich.console import Console

    settings = {"COLUMNS": columns_, "FORCE_COLOR": force, "TTY_COMPATIBLE": compatible, "TERM": term}
    monkeypatch.delenv("LINES", raising=False)  # with COLUMNS it would be the size of a dumb terminal too
    for name, value in settings.items():
        monkeypatch.delenv(name, raising=False)
        if value is not None:
            monkeypatch.setenv(name, value)
    console = Console()
    assert terminal.has_styles() == (console.color_system is not None)
    if columns_ != "0":
        assert terminal.width() == console.width


def test_a_note_obeys_no_control_character(capsys):
    terminal.note("a\x1b[2Jb\x07c\u4e00\n d")
    assert capsys.readouterr().err == "a[2Jbc一\n d\n"
