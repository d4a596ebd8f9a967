"""CSV with all fields of each paper, as spreadsheets open it: with the right characters, running nothing."""

import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from recommender.paper import FIELDS, Paper
from recommender.readers.names import split_authors, split_keywords
from recommender.writers.cells import table
from recommender.writers.writer import About


def write(papers: Iterable[Paper], about: About) -> Iterator[str]:
    """Yield the table; authors and keywords are separated by semicolons."""
    yield from table(FIELDS, map(_row, papers))


def _row(paper: Paper) -> dict[str, Any]:
    lists = {
        "authors": _joined(paper.authors, split_authors),
        "keywords": _joined(paper.keywords, split_keywords),
    }
    return paper.as_dict() | lists


def _joined(names: tuple[str, ...], split: Callable[[str], tuple[str, ...]]) -> str:
    """Return the names in one cell; as a JSON array if they would not come apart again as they are."""
    plain = "; ".join(names)
    if split(plain) == names and not plain.startswith("["):
        return plain
    return json.dumps(names, ensure_ascii=False)
