"""Records with named values, of JSON objects and of table rows: their column names and their meaning."""

import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from recommender.paper import Paper
from recommender.readers.aliases import ENDS_OF_PAGES, meanings
from recommender.readers.names import bare_doi, split_authors, split_keywords
from recommender.readers.parts import page_range, year_of
from recommender.readers.reader import Reject, SourcePaper, rejection

TEXT_FIELDS = ("title", "abstract")
SHOWN_NAMES, SHOWN_LETTERS = 20, 40  # of the columns of a file, in a message
MOST_IGNORED = 1_000  # names that are kept for a message: keys may be anything

Conversion = Callable[[str, Any], Any]  # of a column's name and its value in the source

NO_VALUES: tuple[Any, ...] = (None, "", ())
NUMBER_OF_AUTHOR = re.compile(r"(?<!\s)\s*\(\d{7,}\)(?=\s*(?:;|$))")  # in the exports of Scopus
LANGUAGE_TAG = re.compile(r"([a-z]{2})(?:[-_].*)?", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Row:
    """One record as its source has it: the number serves as id where the source has no ids."""

    number: int
    place: str
    values: Mapping[str, Any]


def papers_of(
    rows: Iterable[Row], path: Path, on_reject: Reject, ignored: dict[str, None] | None = None
) -> Iterator[SourcePaper]:
    """Yield the papers of `rows`.

    Where the first record has no id column, ids are the numbers of the records; a record that differs
    from the first in this is rejected, for its id could be the number of another.

    Args:
        rows: The records.
        path: The source file.
        on_reject: What becomes of a record that is no paper.
        ignored: Gets the names that are no column of a paper, in the order in which they come.
    """
    ids_given: bool | None = None
    for row in rows:
        paper_id: str | None = None
        try:
            names = tuple(row.values)
            columns = columns_of(names)
            if ignored is not None and len(ignored) < MOST_IGNORED:
                ignored.update(ignored_in(names))
            if ids_given is None:
                ids_given = "id" in columns
            paper_id = _id(row, columns, ids_given=ids_given)
            paper = _paper(paper_id, row, columns)
        except ValueError as problem:
            on_reject(rejection(path, row.place, problem, paper_id))
        else:
            yield SourcePaper(paper, row.place)


@lru_cache(maxsize=256)
def columns_of(names: tuple[str, ...]) -> Mapping[str, tuple[str, ...]]:
    """Return which of the column `names` hold which field of a paper, the preferred name first.

    >>> dict(columns_of(("Paper ID", "摘要", "text", "score")))
    {'id': ('Paper ID',), 'abstract': ('摘要', 'text')}

    Raises:
        ValueError: Two names are the same but for case and spacing, or no name is that of a text.
    """
    ranked: dict[str, dict[int, str]] = {}
    for name, (field, rank) in meanings(names):
        if (other := ranked.setdefault(field, {}).setdefault(rank, name)) is not name:
            raise ValueError(f"columns {other!r} and {name!r} are the same column twice")
    if not ranked.keys() & set(TEXT_FIELDS):
        raise ValueError(f"neither a title nor an abstract among the columns: {listed(names)}")
    return {field: tuple(name for _, name in sorted(by_rank.items())) for field, by_rank in ranked.items()}


def known_columns(names: Iterable[str]) -> set[str]:
    """Return the fields of a paper that some of the column `names` hold."""
    return {field for _, (field, _rank) in meanings(names)}


@lru_cache(maxsize=256)
def ignored_in(names: tuple[str, ...]) -> Mapping[str, None]:
    """Return those of the column `names` that no field of a paper takes; a column without a name is none.

    >>> list(ignored_in(("title", "score", "")))
    ['score']
    """
    known = {name for name, _ in meanings(names)}
    return dict.fromkeys(name for name in names if name not in known and name.strip())


def listed(names: tuple[str, ...]) -> str:
    """Return the first of the names, for a message, and how many there are more."""
    shown = ", ".join(repr(name[:SHOWN_LETTERS]) for name in names[:SHOWN_NAMES])
    return f"{shown} and {len(names) - SHOWN_NAMES} more" if len(names) > SHOWN_NAMES else shown or "none"


def _id(row: Row, columns: Mapping[str, tuple[str, ...]], *, ids_given: bool) -> str:
    if ids_given != ("id" in columns):
        differs = "no id" if ids_given else "an id"
        raise ValueError(f"this record has {differs}, unlike the first one; give every record an id, or none")
    if not ids_given:
        return str(row.number)
    name = columns["id"][0]
    value = row.values[name]
    if isinstance(value, float):
        raise ValueError(f"{name} must be text or a whole number, got {value!r}")
    if not (text := _text(name, value)):
        raise ValueError(f"{name} is empty")
    return text


def _paper(paper_id: str, row: Row, columns: Mapping[str, tuple[str, ...]]) -> Paper:
    fields = {
        field: _first_value(field, names, row.values) for field, names in columns.items() if field != "id"
    }
    ends = [fields.pop(field, None) or "" for field in ENDS_OF_PAGES]
    fields["pages"] = fields.get("pages") or page_range(*ends)
    return Paper(id=paper_id, **{field: value for field, value in fields.items() if value is not None})


def _first_value(field: str, names: tuple[str, ...], values: Mapping[str, Any]) -> Any:
    convert: Conversion = CONVERSIONS.get(field, _text)
    for name in names:
        if (value := convert(name, values[name])) not in NO_VALUES:
            return value
    return None


def _text(name: str, value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"{name} must be text, got {_kind(value)}")
    return str(int(value)) if math.isfinite(value) and value == int(value) else str(value)


def _year(name: str, value: Any) -> int | None:
    return year_of(_text(name, value))


def _doi(name: str, value: Any) -> str:
    return bare_doi(_text(name, value))


def _language(name: str, value: Any) -> str:
    """Return the two-letter code of a language tag; a name such as `Chinese` is left to detection."""
    tag = LANGUAGE_TAG.fullmatch(_text(name, value).lower())
    return tag[1] if tag else ""


def _authors(name: str, value: Any) -> tuple[str, ...]:
    return _list(name, value, lambda text: split_authors(NUMBER_OF_AUTHOR.sub("", text)))


def _keywords(name: str, value: Any) -> tuple[str, ...]:
    return _list(name, value, split_keywords)


def _subject(name: str, value: Any) -> str:
    return "; ".join(_list(name, value, lambda text: (text,) if text else ()))


def _list(name: str, value: Any, split: Callable[[str], tuple[str, ...]]) -> tuple[str, ...]:
    if not isinstance(value, list):
        return split(_text(name, value))
    texts = (_text(f"every one of {name}", _name(entry)) for entry in value)
    return tuple(text for text in texts if text)


def _name(entry: Any) -> Any:
    return entry["name"] if isinstance(entry, dict) and "name" in entry else entry


def _kind(value: Any) -> str:
    kinds = {bool: "true or false", list: "a list", tuple: "a list", dict: "an object"}
    return kinds.get(type(value), type(value).__name__)  # a table may have durations, and more to come


CONVERSIONS: dict[str, Conversion] = {
    "year": _year,
    "doi": _doi,
    "language": _language,
    "authors": _authors,
    "keywords": _keywords,
    "subject": _subject,
}
