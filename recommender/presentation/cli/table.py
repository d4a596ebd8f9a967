"""An answer as a table for people; Chinese characters take the two columns they take."""

import math
import sys
from collections.abc import Sequence
from itertools import zip_longest
from typing import TYPE_CHECKING

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from recommender.presentation.citations import citation_line, display_title
from recommender.presentation.reasons import reason_line
from recommender.recommendation import Answer, Recommendation

if TYPE_CHECKING:  # NumPy is behind it, and a look-up does without
    from recommender.recommendation.explanation import Explanation
    from recommender.recommendation.news import News


def out() -> Console:
    """Return the console of results: standard output, no markup, no guessing of colours."""
    return Console(file=sys.stdout, highlight=False, markup=False, emoji=False)


def note(text: str) -> None:
    """Write one line for people on standard error."""
    Console(stderr=True, highlight=False, markup=False, emoji=False, soft_wrap=True).print(text)


def header(answer: Answer) -> str:
    """Return what was found, how fast, and for what."""
    n = len(answer.results)
    query = answer.query
    least = f" of at least {share(query.min_similarity)}" if query.min_similarity else ""
    asked = " and ".join(
        [f"{paper.id} {display_title(paper)}" for paper in answer.liked] + ["the text"] * bool(query.text)
    )
    return (
        f"found {n} similar paper{'' if n == 1 else 's'}{least} in {answer.seconds * 1000:.2f} ms"
        f" for {asked} (build {answer.build_id})"
    )


def show_answer(answer: Answer, reasons: Sequence["Explanation"] = ()) -> None:
    """Print the answer as a table, one paper a row: title, citation line, and why; no table for nothing."""
    if not answer.results:
        return
    table = _table_of_papers("paper")
    for result, why in zip_longest(answer.results, reasons):
        _add(table, result, reason_line(why) if why else "")
    out().print(table)


def show_news(news: "Sequence[News]") -> None:
    """Print what is new as a table; no table for nothing."""
    if not news:
        return
    table = _table_of_papers("paper, and what it is similar to")
    for entry in news:
        _add(table, entry.found, f"→ {entry.followed.id} {display_title(entry.followed)}")
    out().print(table)


def _table_of_papers(heading: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("#", justify="right")
    table.add_column("id", overflow="fold")
    table.add_column("score", justify="right")
    table.add_column("similarity")
    table.add_column(heading, overflow="fold")
    return table


def _add(table: Table, result: Recommendation, last: str) -> None:
    """Add one paper: title, citation line, and a last line if there is one."""
    paper = Text(display_title(result.paper))
    if citation := citation_line(result.paper):
        paper.append(f"\n{citation}", style="dim")
    if last:
        paper.append(f"\n{last}", style="italic")
    similarity = Text(share(result.similarity)).append(f"\n{result.label.words}", style="dim")
    table.add_row(str(result.rank), Text(result.paper.id), f"{result.score:.3f}", similarity, paper)


def share(similarity: float) -> str:
    """Return a similarity in percent, never rounded up to certainty.

    >>> share(0.99996), share(0.9971), share(0.5)
    ('99.99 %', '99.71 %', '50.00 %')
    """
    return f"{math.floor(similarity * 10_000 + 1e-6) / 100:.2f} %"


def show_rows(columns: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> None:
    """Print any small table; numbers and all are text already."""
    table = Table(*columns, box=box.SIMPLE_HEAD, pad_edge=False)
    for row in rows:
        table.add_row(*map(Text, row))
    out().print(table)
