"""CSL-JSON, which Zotero, Pandoc and citeproc speak."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from recommender.readers.fields import Fields, full_name, papers_from
from recommender.readers.json_objects import is_json, key_pattern, unwrapped
from recommender.readers.json_values import first_text, list_at
from recommender.readers.names import split_keywords
from recommender.readers.reader import Reject, SourcePaper
from recommender.readers.source import SourceFile
from recommender.readers.visible import visible

TYPES = re.compile(
    r'(?<!\\)"type"\s*:\s*"(?:article(?:-journal|-magazine|-newspaper)?|paper-conference|chapter|thesis|book|report|'
    r'webpage|manuscript|dataset|speech|patent|document|post-weblog|post|entry-encyclopedia|entry|legislation)"'
)
KEYS = key_pattern("container-title", "issued", "author", "page", "DOI", "URL", "categories", "citation-key")
TITLE = key_pattern("title")
OTHERS = key_pattern(
    "reference-count", "is-referenced-by-count", "paperId", "corpusid", "abstract_inverted_index"
)
FIRST_CHARACTERS = 20_000


class CslJson:
    """Reads an array of items, an item a line, or a list below `items`."""

    name = "csljson"
    suffixes: tuple[str, ...] = (".csljson",)

    def matches(self, source: SourceFile) -> bool:
        if not is_json(source) or source.suffix in self.suffixes:
            return is_json(source)
        head = source.head[:FIRST_CHARACTERS]
        wanted = (TYPES, KEYS, TITLE)
        return all(pattern.search(head) for pattern in wanted) and not OTHERS.search(head)

    def read(self, source: SourceFile, on_reject: Reject) -> Iterator[SourcePaper]:
        records = ((place, item) for _, place, item in unwrapped(source, on_reject, (("items",),)))
        return papers_from(records, csl_fields, source.path, on_reject)


def csl_fields(item: Mapping[str, Any]) -> Fields:
    """Return the fields of an item, of which Crossref writes titles as lists.

    Raises:
        ValueError: A value is not what the format has there.
    """
    categories = item.get("categories") or item.get("subject") or []
    return {
        "id": item.get("id", ""),
        "title": _visible(first_text(item, "title")),
        "abstract": _visible(item.get("abstract", "")),
        "authors": [person_name(person) for person in list_at(item, "author")],
        "venue": _visible(
            first_text(item, "container-title")
            or first_text(item, "collection-title")
            or item.get("publisher", "")
        ),
        "year": _year(item),
        "volume": item.get("volume", ""),
        "issue": item.get("issue", ""),
        "pages": item.get("page", ""),
        "doi": item.get("DOI", ""),
        "url": item.get("URL", ""),
        "keywords": _keywords(item.get("keyword")),
        "language": item.get("language", ""),
        "subject": categories if isinstance(categories, str) else "; ".join(map(str, categories)),
    }


def person_name(person: Any) -> str:
    """Return a name in parts, or as a whole, as it is cited.

    >>> person_name({"family": "王", "given": "作鹏"}), person_name({"literal": "OECD"})
    ('王作鹏', 'OECD')

    Raises:
        ValueError: It is no name.
    """
    if isinstance(person, str):
        return visible(person)
    if not isinstance(person, dict):
        raise ValueError(f"an author must be an object with a name, got {type(person).__name__}")
    parts = {key: visible(str(value)) for key, value in person.items() if isinstance(value, str | int)}
    if whole := parts.get("literal") or parts.get("name"):
        return whole
    particles = (parts.get("non-dropping-particle", ""), parts.get("family", ""))
    given = (parts.get("given", ""), parts.get("dropping-particle", ""))
    return full_name(" ".join(particles), " ".join(given), parts.get("suffix", ""))


def _visible(value: Any) -> Any:
    return visible(value) if isinstance(value, str) else value


def _keywords(value: Any) -> list[str]:
    if isinstance(value, list):
        return [visible(str(word)) for word in value]
    return [*split_keywords(visible(str(value or "")))]


def _year(item: Mapping[str, Any]) -> str:
    for key in ("issued", "published", "published-print", "published-online", "created"):
        date = item.get(key)
        if isinstance(date, str | int):
            return str(date)
        if not isinstance(date, dict):
            continue
        parts = date.get("date-parts")
        if isinstance(parts, list) and parts and isinstance(parts[0], list) and parts[0] and parts[0][0]:
            return str(parts[0][0])
        if said := date.get("raw") or date.get("literal"):
            return str(said)
    return ""
