"""Rows of cells as spreadsheets open them: with the right characters, running nothing."""

import csv
import io

from recommender.text.printable import guarded

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from typing import Any

    from recommender.writers.cited import Cited

BOM = "\ufeff"
MARKS = (";", "；", "、", "|", "\n", "[", " and ")  # names without them and without commas come apart


def table(columns: "Sequence[str]", rows: "Iterable[Mapping[str, Any]]") -> "Iterator[str]":
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


def lists_of(paper: "Cited") -> "dict[str, str]":
    """Return the fields of a paper that are lists, each in one cell, separated by semicolons.

    As a JSON array if they would not come apart again as they are.
    """
    return {name: _joined(name, getattr(paper, name)) for name in ("authors", "keywords")}


def _joined(field: str, names: "tuple[str, ...]") -> str:
    plain = "; ".join(names)
    commas = () if plain.isascii() and field == "authors" and len(names) > 1 else (",", "，")
    if not any(mark in name for name in names for mark in (*MARKS, *commas)):
        return plain
    import json

    from recommender.readers.names import split_authors, split_keywords

    split = split_authors if field == "authors" else split_keywords
    if split(plain) == names and not plain.startswith("["):
        return plain
    return json.dumps(names, ensure_ascii=False)
