"""JSON Lines: one object a line; also one array of objects, or an answer of this program."""

import re
from collections.abc import Iterator

from recommender.readers.columns import Row, papers_of
from recommender.readers.json_objects import is_json, objects, unwrapped
from recommender.readers.reader import Reject, SourcePaper
from recommender.readers.source import SourceFile

ANSWER = re.compile(r'\s*\{\s*"build"\s*:\s*"[^"]*",\s*"query"\s*:')


class JsonLines:
    """Reads objects with the column names of `aliases.ALIASES`, and says which others there are.

    A record without an id is named by its line number (in an array: by its position, from 1). Blank
    lines hold no record. Lines are read one at a time; an array is read as a whole, and so is an answer,
    whose results are the papers.
    """

    name = "jsonl"
    suffixes: tuple[str, ...] = (".jsonl", ".ndjson", ".json")

    def matches(self, source: SourceFile) -> bool:
        return is_json(source)

    def read(self, source: SourceFile, on_reject: Reject) -> Iterator[SourcePaper]:
        is_answer = ANSWER.match(source.head) is not None
        found = unwrapped(source, on_reject, [("results",)]) if is_answer else objects(source, on_reject)
        ignored = None if is_answer else source.ignored  # it has more than a paper, and is known
        return papers_of((Row(*one) for one in found), source.path, on_reject, ignored)
