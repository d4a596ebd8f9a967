"""CSV with all fields of each paper, as spreadsheets open it: with the right characters, running nothing."""

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from recommender.paper import FIELDS, Paper
from recommender.readers.names import split_authors, split_keywords
from recommender.text.printable import guarded
from recommender.writers.writer import About

BOM = "\ufeff"


def write(papers: Iterable[Paper], about: About) -> Iterator[str]:
    """Yield the table; authors and keywords are separated by semicolons."""
    yield from table(FIELDS, map(_row, papers))


def table(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Yield a table with the mark of UTF-8 in front, and no cell that is a formula."""
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, extrasaction="ignore", lineterminator="\r\n")
    writer.writeheader()
    yield BOM + _taken(text)
    for row in rows:
        cells = {name: guarded(cell) if isinstance(cell := row[name], str) else cell for name in columns}
        writer.writerow(cells)
        yield _taken(text)


def _taken(text: io.StringIO) -> str:
    said = text.getvalue()
    text.seek(0)
    text.truncate()
    return said


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
