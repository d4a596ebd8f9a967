"""JSON texts of records: one object a line, one array of objects, or objects around lists of them."""

import json
import math
import re
from collections.abc import Iterator, Sequence
from typing import Any, NoReturn

from recommender.errors import SourceError
from recommender.readers.reader import Reject, rejection
from recommender.readers.source import SourceFile

JSON_START = re.compile(r"\s*(?:\[\s*[\]{]|\{\s*[\"}])")
SPACE = re.compile(r"\s*")
MOST_DIGITS = 100
LENIENT = json.JSONDecoder(parse_int=str, parse_float=str)  # only to find where a record ends
Found = tuple[int, str, dict[str, Any]]  # number, place, object


def is_json(source: SourceFile) -> bool:
    """Return whether a file begins like an object or an array of objects."""
    return JSON_START.match(source.head) is not None


def key_pattern(*names: str) -> re.Pattern[str]:
    r"""Return what finds one of `names` as the key of an object.

    >>> bool(key_pattern("DOI").search('{"DOI": 1}')), bool(key_pattern("DOI").search(r'{"a": "\"DOI\": 1"}'))
    (True, False)
    """
    return re.compile(rf'(?<!\\)"(?:{"|".join(map(re.escape, names))})"\s*:')


def objects(source: SourceFile, on_reject: Reject) -> Iterator[Found]:
    """Yield each object of a file, with its number and place: `line 3`, or `record 3` of an array."""
    is_array = source.head.lstrip().startswith("[")
    unit, texts = ("record", _elements(source)) if is_array else ("line", source.lines())
    for number, text in enumerate(texts, start=1):
        if not text.strip():
            continue
        place = f"{unit} {number}"
        try:
            values = parse_object(text)
        except ValueError as problem:
            on_reject(rejection(source.path, place, problem))
        else:
            yield number, place, values


def unwrapped(source: SourceFile, on_reject: Reject, wrappings: Sequence[Sequence[str]]) -> Iterator[Found]:
    """Yield each object of a file, or those of the lists that such an object is wrapped around.

    Args:
        source: The file. One object that is spread over many lines is read as a whole.
        on_reject: What becomes of an object that is none.
        wrappings: The keys that lead to a list: `("message", "items")`.
    """
    found = _one(source) if _is_spread(source) else objects(source, on_reject)
    number = 0
    for _, place, values in found:
        inner = _inner(values, wrappings)
        for position, entry in enumerate([values] if inner is None else inner, start=1):
            number += 1
            exact = place if inner is None else f"{place}, record {position}".removeprefix("document, ")
            if isinstance(entry, dict):
                yield number, exact, entry
            else:
                problem = ValueError("expected an object in braces { }")
                on_reject(rejection(source.path, exact, problem))


def _is_spread(source: SourceFile) -> bool:
    start = source.head.lstrip()
    if not start.startswith("{"):
        return False
    line, end, _ = start.partition("\n")
    if not end:
        return False  # one long line
    try:
        LENIENT.raw_decode(line)
    except json.JSONDecodeError as problem:
        return problem.pos >= len(line.rstrip())
    except RecursionError:
        return False
    return False


def _one(source: SourceFile) -> Iterator[Found]:
    try:
        yield 1, "document", parse_object(source.text())
    except ValueError as problem:
        broken = problem.__cause__
        if isinstance(broken, json.JSONDecodeError):
            place = f"{source.path}, line {broken.lineno}"
            raise SourceError(f"{place}: no whole JSON document: {broken.msg}; export it again") from problem
        raise SourceError(f"{source.path} is no whole JSON document: {problem}; export it again") from problem


def _inner(values: dict[str, Any], wrappings: Sequence[Sequence[str]]) -> list[Any] | None:
    for keys in wrappings:
        value: Any = values
        for key in keys:
            value = value.get(key) if isinstance(value, dict) else None
        if isinstance(value, list):
            return value
    return None


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
        raise _broken(source, text, problem.pos, _what(problem)) from problem
    except RecursionError as problem:
        raise _broken(source, text, start, "nested too deeply") from problem


def _broken(source: SourceFile, text: str, position: int, reason: str) -> SourceError:
    line = text.count("\n", 0, position) + 1
    return SourceError(f"{source.path}, line {line}: broken JSON array: {reason}; correct it there")


def _what(problem: json.JSONDecodeError) -> str:
    """Return what is wrong, without the words that a place would follow, which stands elsewhere."""
    return problem.msg.removesuffix(" at").removesuffix(" starting")


def parse_object(text: str) -> dict[str, Any]:
    """Return the object that a JSON text is.

    Raises:
        ValueError: It is none, or holds a key twice, NaN, or a number without measure.
    """
    try:
        value = STRICT.decode(text)
    except json.JSONDecodeError as problem:
        raise ValueError(f"broken JSON at character {problem.pos + 1}: {_what(problem)}") from problem
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


STRICT = json.JSONDecoder(  # made once: making one takes as long as reading a record
    object_pairs_hook=_without_duplicates,
    parse_constant=_refuse_constant,
    parse_int=_integer,
    parse_float=_finite,
)
