"""Records with named values, of JSON objects and of table rows: their column names and their meaning."""

import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from recommender.paper import Paper
from recommender.readers.names import bare_doi, split_authors, split_keywords
from recommender.readers.reader import Reject, SourcePaper, rejection
from recommender.text.normalise import matching

# Field of Paper → what sources call it. Of several in one record the first that has a value counts.
ALIASES: dict[str, tuple[str, ...]] = {
    "id": ("id", "_id", "paper_id", "doc_id", "编号", "序号", "文献编号", "记录号"),
    "title": ("title", "篇名", "题名", "标题"),
    "abstract": ("abstract", "summary", "摘要", "text"),
    "authors": ("authors", "author", "作者"),
    "venue": ("venue", "journal", "刊名", "来源"),
    "year": ("year", "年", "年份", "date"),
    "volume": ("volume", "卷"),
    "issue": ("issue", "期", "number"),
    "pages": ("pages", "页码"),
    "doi": ("doi",),
    "url": ("url", "link"),
    "keywords": ("keywords", "keyword", "关键词"),
    "language": ("language", "lang", "语言"),
    "subject": ("subject", "discipline", "category", "学科", "分类"),
}
TEXT_FIELDS = ("title", "abstract")
SHOWN_NAMES, SHOWN_LETTERS = 20, 40  # of the columns of a file, in an error

FIELD_AND_RANK = {
    alias: (field, rank) for field, names in ALIASES.items() for rank, alias in enumerate(names)
}
Conversion = Callable[[str, Any], Any]  # of a column's name and its value in the source

NO_VALUES: tuple[Any, ...] = (None, "", ())
YEAR = re.compile(r"(?<!\d)(\d{4})(?:\d\d){0,2}(?!\d)")  # 2021, 2021-11-20, 202111, 20211120
LANGUAGE_TAG = re.compile(r"([a-z]{2})(?:[-_].*)?", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Row:
    """One record as its source has it: the number serves as id where the source has no ids."""

    number: int
    place: str
    values: Mapping[str, Any]


def papers_of(rows: Iterable[Row], path: Path, on_reject: Reject) -> Iterator[SourcePaper]:
    """Yield the papers of `rows`.

    Where the first record has no id column, ids are the numbers of the records; a record that differs
    from the first in this is rejected, for its id could be the number of another.
    """
    ids_given: bool | None = None
    for row in rows:
        paper_id: str | None = None
        try:
            columns = columns_of(tuple(row.values))
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
    for name in names:
        if (known := FIELD_AND_RANK.get(_key(name))) is None:
            continue
        field, rank = known
        if (other := ranked.setdefault(field, {}).setdefault(rank, name)) is not name:
            raise ValueError(f"columns {other!r} and {name!r} are the same column twice")
    if not ranked.keys() & set(TEXT_FIELDS):
        raise ValueError(f"neither a title nor an abstract among the columns: {_listed(names)}")
    return {field: tuple(name for _, name in sorted(by_rank.items())) for field, by_rank in ranked.items()}


def known_columns(names: Iterable[str]) -> set[str]:
    """Return the fields of a paper that some of the column `names` hold."""
    return {known[0] for name in names if (known := FIELD_AND_RANK.get(_key(name)))}


def _listed(names: tuple[str, ...]) -> str:
    listed = ", ".join(repr(name[:SHOWN_LETTERS]) for name in names[:SHOWN_NAMES])
    return f"{listed} and {len(names) - SHOWN_NAMES} more" if len(names) > SHOWN_NAMES else listed or "none"


def _key(name: str) -> str:
    return matching(name).replace(" ", "_").replace("-", "_")


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
    if not (text := _text(name, value)):
        return None
    if found := YEAR.search(text):
        return int(found[1])
    raise ValueError(f"{name} must contain a year of four digits, got {text!r}")


def _doi(name: str, value: Any) -> str:
    return bare_doi(_text(name, value))


def _language(name: str, value: Any) -> str:
    """Return the two-letter code of a language tag; a name such as `Chinese` is left to detection."""
    tag = LANGUAGE_TAG.fullmatch(_text(name, value).lower())
    return tag[1] if tag else ""


def _authors(name: str, value: Any) -> tuple[str, ...]:
    return _list(name, value, split_authors)


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
