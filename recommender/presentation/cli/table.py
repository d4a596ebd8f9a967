"""News and any other tables on standard output; the small tables of commands are Rich's."""

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from recommender.presentation import answers, terminal
from recommender.presentation.terminal import note
from recommender.writers.citations import display_title

if TYPE_CHECKING:  # NumPy and Rich are behind them, and an answer does without
    from rich.console import Console

    from recommender.recommendation.news import News

__all__ = ["note", "out", "show_news", "show_rows"]


def out() -> "Console":
    """Return the console of results: standard output, no markup, no guessing of colours."""
    from rich.console import Console

    return Console(file=sys.stdout, highlight=False, markup=False, emoji=False)


def show_news(news: "Sequence[News]") -> None:
    """Print what is new as a table; no table for nothing."""
    found = [entry.found for entry in news]
    last = [f"→ {entry.followed.id} {display_title(entry.followed)}" for entry in news]
    sys.stdout.write(
        answers.table(
            found,
            last,
            terminal.width(),
            heading="paper, and what it is similar to",
            styled=terminal.has_styles(),
        )
    )


def show_rows(columns: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> None:
    """Print any small table; numbers and all are text already."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(*columns, box=box.SIMPLE_HEAD, pad_edge=False)
    for row in rows:
        table.add_row(*map(Text, row))
    out().print(table)
