"""The metadata of arXiv, as its JSON lines snapshot has them."""

from collections.abc import Iterator, Mapping
from typing import Any

from recommender.readers.fields import Fields, full_name, papers_from
from recommender.readers.json_objects import is_json, key_pattern, objects
from recommender.readers.json_values import list_at
from recommender.readers.names import split_authors
from recommender.readers.reader import Reject, SourcePaper
from recommender.readers.source import SourceFile
from recommender.text.printable import one_line

KEYS = key_pattern("authors_parsed", "journal-ref", "report-no")


class Arxiv:
    """Reads one paper a line; titles and abstracts are wrapped there, and unwrapped here."""

    name = "arxiv"
    suffixes: tuple[str, ...] = ()

    def matches(self, source: SourceFile) -> bool:
        return is_json(source) and KEYS.search(source.head) is not None

    def read(self, source: SourceFile, on_reject: Reject) -> Iterator[SourcePaper]:
        records = ((place, paper) for _, place, paper in objects(source, on_reject))
        return papers_from(records, _fields, source.path, on_reject)


def _fields(paper: Mapping[str, Any]) -> Fields:
    if not isinstance(paper.get("id"), str) or not paper["id"].strip():
        raise ValueError("a paper of arXiv has an id, this has none")
    parsed = [_parsed_name(name) for name in list_at(paper, "authors_parsed")]
    return {
        "id": paper["id"],
        "title": one_line(str(paper.get("title") or "")),
        "abstract": _unwrapped(paper.get("abstract")),
        "authors": parsed or split_authors(str(paper.get("authors") or "")),
        "venue": one_line(str(paper.get("journal-ref") or "")) or "arXiv",
        "year": _first_version(paper) or paper.get("update_date"),
        "doi": str(paper.get("doi") or "").partition(" ")[0],
        "url": f"https://arxiv.org/abs/{paper['id']}",
        "subject": str(paper.get("categories") or ""),
    }


def _unwrapped(text: Any) -> str:
    """Return a text whose lines are joined; an indented line begins a paragraph."""
    paragraphs = str(text or "").strip().split("\n  ")
    return "\n".join(one_line(paragraph) for paragraph in paragraphs)


def _parsed_name(name: Any) -> str:
    if not isinstance(name, list) or not all(isinstance(part, str) for part in name):
        raise ValueError(f"authors_parsed must hold lists of texts, got {name!r}")
    family, given, suffix, *_ = [*name, "", "", ""]
    return full_name(family, given, suffix)


def _first_version(paper: Mapping[str, Any]) -> str:
    """Return the date of the first version, for `update_date` is that of the last change to anything."""
    for version in list_at(paper, "versions"):
        if isinstance(version, dict) and isinstance(version.get("created"), str):
            return str(version["created"])
    return ""
