"""JSON Lines: one object a line; also one array of objects."""

import json
import math
import re
from collections.abc import Iterator
from typing import Any, NoReturn

from recommender.errors import SourceError
from recommender.readers.columns import Row, papers_of
from recommender.readers.reader import Reject, SourcePaper, rejection
from recommender.readers.source import SourceFile

JSON_START = re.compile(r"\s*(?:\[\s*[\]{]|\{\s*[\"}])")
SPACE = re.compile(r"\s*")
MOST_DIGITS = 100
LENIENT = json.JSONDecoder(parse_int=str, parse_float=str)  # only to find where a record ends


class JsonLines:
    """Reads objects with the column names of `columns.ALIASES`, ignoring any other.

    A record without an id is named by its line number (in an array: by its position, from 1). Blank
    lines hold no record. Lines are read one at a time; an array is read as a whole.
    """

    name = "jsonl"
    suffixes: tuple[str, ...] = (".jsonl", ".ndjson", ".json")

    def matches(self, source: SourceFile) -> bool:
        return JSON_START.match(source.head) is not None

    def read(self, source: SourceFile, on_reject: Reject) -> Iterator[SourcePaper]:
        return papers_of(_rows(source, on_reject), source.path, on_reject)


def _rows(source: SourceFile, on_reject: Reject) -> Iterator[Row]:
    is_array = source.head.lstrip().startswith("[")
    unit, texts = ("record", _elements(source)) if is_array else ("line", source.lines())
    for number, text in enumerate(texts, start=1):
        if not text.strip():
            continue
        place = f"{unit} {number}"
        try:
            values = _object(text)
        except ValueError as problem:
            on_reject(rejection(source.path, place, problem))
        else:
            yield Row(number, place, values)


def _elements(source: SourceFile) -> Iterator[str]:
    """Yield the text of each element of the array, so that one bad record does not spoil the others."""
    text = source.text()
    position = text.index("[") + 1
    separator = ","
    while separator == ",":
        start = _skip_space(text, position)
        if text.startswith("]", start):
            position = start
        else:
            position = _end_of_element(source, text, start)
            yield text[start:position]
        position = _skip_space(text, position)
        separator = text[position : position + 1]
        position += 1
    if separator != "]" or text[position:].strip():
        raise _broken(source, text, position - 1, "expected one array of records")


def _skip_space(text: str, position: int) -> int:
    space = SPACE.match(text, position)
    return space.end() if space else position


def _end_of_element(source: SourceFile, text: str, start: int) -> int:
    try:
        return LENIENT.raw_decode(text, start)[1]
    except json.JSONDecodeError as problem:
        raise _broken(source, text, problem.pos, problem.msg) from problem
    except RecursionError as problem:
        raise _broken(source, text, start, "nested too deeply") from problem


def _broken(source: SourceFile, text: str, position: int, reason: str) -> SourceError:
    line = text.count("\n", 0, position) + 1
    return SourceError(f"{source.path}, line {line}: broken JSON array: {reason}; correct it there")


def _object(text: str) -> dict[str, Any]:
    try:
        value = json.loads(
            text,
            object_pairs_hook=_without_duplicates,
            parse_constant=_refuse_constant,
            parse_int=_integer,
            parse_float=_finite,
        )
    except json.JSONDecodeError as problem:
        raise ValueError(f"broken JSON at character {problem.pos + 1}: {problem.msg}") from problem
    except RecursionError as problem:
        raise ValueError("broken JSON: nested too deeply") from problem
    if not isinstance(value, dict):
        raise ValueError("expected an object in braces { }, with a title or an abstract")
    return value


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, value in pairs:
        if name in values:
            raise ValueError(f"the key {name!r} occurs twice")
        values[name] = value
    return values


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON value; write null")


def _integer(digits: str) -> int:
    if len(digits) > MOST_DIGITS:
        raise ValueError(f"a number of {len(digits)} digits; write it as text")
    return int(digits)


def _finite(digits: str) -> float:
    if not math.isfinite(number := float(digits)):
        raise ValueError(f"the number {digits[:MOST_DIGITS]} is too large")
    return number
