"""Rows of cells as spreadsheets open them: with the right characters, running nothing."""

import csv
import io

from recommender.text.printable import guarded

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from typing import Any

BOM = "\ufeff"


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
