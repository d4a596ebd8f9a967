"""BibTeX and BibLaTeX."""

import logging
import re
from collections.abc import Iterator, Mapping
from typing import Any

from recommender.readers.bibtex_values import Strings, inherited
from recommender.readers.fields import Fields, full_name, papers_from
from recommender.readers.latex import from_latex, from_verbatim
from recommender.readers.names import split_keywords, split_names
from recommender.readers.reader import Reject, SourcePaper, rejection
from recommender.readers.source import SourceFile

ENTRY = re.compile(
    r"^\s*@\s*(?!comment|string|preamble)[a-z]+\s*[{(]\s*[^\s,{}()\"]*\s*,", re.IGNORECASE | re.MULTILINE
)
PLACE_OF_ID = "recommender-id"  # the id of a paper that cannot be a key, as the writer keeps it
DASHES = re.compile(r"\s*--+\s*")


class BibTeX:
    """Reads every entry but `@comment`, `@string` and `@preamble`; its key is the id."""

    name = "bibtex"
    suffixes: tuple[str, ...] = (".bib",)

    def matches(self, source: SourceFile) -> bool:
        return ENTRY.search(source.head) is not None and source.head.lstrip("\ufeff \t\r\n")[:1] in "@%"

    def read(self, source: SourceFile, on_reject: Reject) -> Iterator[SourcePaper]:
        return papers_from(_entries(source, on_reject), _fields, source.path, on_reject)


def _entries(source: SourceFile, on_reject: Reject) -> Iterator[tuple[str, tuple[str, Mapping[str, str]]]]:
    """Yield the place, the key and the fields of each entry; hand broken ones to `on_reject`."""
    from bibtexparser.entrypoint import parse_string
    from bibtexparser.model import Entry, ParsingFailedBlock

    logging.getLogger("bibtexparser").setLevel(logging.CRITICAL)  # broken entries are reported here
    library = parse_string(source.text(), parse_stack=[])
    strings = Strings()
    for string in library.strings:
        strings.define(string.key, string.value)

    def said(entry: Entry) -> dict[str, str]:
        return {field.key.lower(): strings.value(str(field.value)) for field in entry.fields}

    named = {reference.lower() for entry in library.entries if (reference := said(entry).get("crossref"))}
    others = {entry.key.lower(): said(entry) for entry in library.entries if entry.key.lower() in named}
    for block in library.blocks:
        place = f"line {(block.start_line or 0) + 1}"
        if isinstance(block, ParsingFailedBlock):
            key = getattr(block.ignore_error_block, "key", None)
            on_reject(rejection(source.path, place, ValueError(_reason(block.error)), key))
        elif isinstance(block, Entry):
            yield place, (block.key, inherited(said(block), others))


def _reason(error: Any) -> str:
    said = getattr(error, "abort_reason", "") or str(error)
    return f"broken entry: {' '.join(said.partition(' Note: ')[0].split())}"


def _fields(entry: tuple[str, Mapping[str, str]]) -> Fields:
    key, raw = entry
    fields = {name: _line(value) for name, value in raw.items()}

    def first(*names: str) -> str:
        return next((fields[name] for name in names if fields.get(name)), "")

    eprint = first("eprint") if first("archiveprefix", "eprinttype").lower() == "arxiv" else ""
    return {
        "id": first(PLACE_OF_ID) or key,
        "title": ": ".join(filter(None, (first("title"), first("subtitle")))),
        "abstract": _lines(raw.get("abstract") or raw.get("annotation", "")),
        "authors": _authors(raw.get("author") or raw.get("editor", "")),
        "venue": first(
            "journal", "journaltitle", "booktitle", "school", "institution", "publisher", "howpublished"
        ),
        "year": first("year", "date"),
        "volume": first("volume"),
        "issue": first("number", "issue"),
        "pages": DASHES.sub("-", first("pages")),
        "doi": _address(raw.get("doi", "")),
        "url": _address(raw.get("url", "")) or (f"https://arxiv.org/abs/{eprint}" if eprint else ""),
        "keywords": split_keywords(first("keywords", "keyword")),
        "language": first("language", "langid"),
        "subject": first("subject"),
    }


def _line(value: str) -> str:
    return " ".join(from_latex(" ".join(value.split())).split())


def _address(value: str) -> str:
    return from_verbatim(" ".join(value.split()))


def _lines(value: str) -> str:
    """Return the paragraphs of a text, one a line: what a blank line means in LaTeX."""
    return "\n".join(line for paragraph in re.split(r"\n[^\S\n]*\n", value) if (line := _line(paragraph)))


def _authors(value: str) -> list[str]:
    """Return the names, which `and` separates unless it stands in braces, as in `{Barnes and Noble}`."""
    names: list[str] = []
    for name in _parts(f" {' '.join(value.split())} "):
        if name.startswith("{") and name.endswith("}") and "{" not in name[1:-1]:
            names.append(_line(name))
        elif name and name != "others":
            family, comma, given = map(_line, name.partition(","))
            names += [full_name(family, given)] if comma else split_names(family)
    return names


def _parts(value: str) -> Iterator[str]:
    depth = start = 0
    for found in re.finditer(r"(?<!\\)[{}]|\s+and(?=\s)", value):
        if found[0] in "{}":
            depth += 1 if found[0] == "{" else -1
        elif depth == 0:
            yield value[start : found.start()].strip()
            start = found.end()
    yield value[start:].strip()
