"""CSV with all fields of each paper, as spreadsheets open it: with the right characters, running nothing."""

from collections.abc import Iterable, Iterator
from typing import Any

from recommender.paper import FIELDS, Paper
from recommender.writers.cells import lists_of, table
from recommender.writers.writer import About


def write(papers: Iterable[Paper], about: About) -> Iterator[str]:
    """Yield the table; authors and keywords are separated by semicolons."""
    yield from table(FIELDS, map(_row, papers))


def _row(paper: Paper) -> dict[str, Any]:
    return paper.as_dict() | lists_of(paper)
