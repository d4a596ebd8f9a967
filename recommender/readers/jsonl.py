"""JSON Lines: one object a line; also one array of objects."""

from collections.abc import Iterator

from recommender.readers.columns import Row, papers_of
from recommender.readers.json_objects import is_json, objects
from recommender.readers.reader import Reject, SourcePaper
from recommender.readers.source import SourceFile


class JsonLines:
    """Reads objects with the column names of `columns.ALIASES`, ignoring any other.

    A record without an id is named by its line number (in an array: by its position, from 1). Blank
    lines hold no record. Lines are read one at a time; an array is read as a whole.
    """

    name = "jsonl"
    suffixes: tuple[str, ...] = (".jsonl", ".ndjson", ".json")

    def matches(self, source: SourceFile) -> bool:
        return is_json(source)

    def read(self, source: SourceFile, on_reject: Reject) -> Iterator[SourcePaper]:
        rows = (Row(*found) for found in objects(source, on_reject))
        return papers_of(rows, source.path, on_reject)
