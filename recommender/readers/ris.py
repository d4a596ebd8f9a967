"""RIS: the exchange format of reference managers.

Read by the lines rather than with rispy, which drops a record without its end or swallows the next one,
and cannot say in which line a record stands; a test holds that both understand the same of the same file.
"""

import re
from collections.abc import Iterator

from recommender.readers.fields import Fields, papers_from
from recommender.readers.parts import page_range
from recommender.readers.reader import Reject, SourcePaper
from recommender.readers.source import SourceFile
from recommender.readers.tagged import (
    Dialect,
    Tags,
    first_of,
    joined_of,
    keywords_of,
    names_of,
    tagged_records,
)
from recommender.readers.visible import visible

VERBATIM = frozenset(("ID", "DO", "UR", "L1", "L2", "AN"))  # in which nothing is markup
SUBJECT = "Subject: "  # a note that begins so holds what RIS has no tag for
LONGEST_HEADER = 2_000  # characters that some platforms put before the first record
START = re.compile(r"^\ufeff?[^\S\n]*TY {1,2}- *[A-Z]{2,}\s*$", re.MULTILINE)
STRICT = re.compile(r"\ufeff?[^\S\n]*(?P<tag>[A-Z][A-Z0-9]) {2}-(?P<value>.*)")
LOOSE = re.compile(r"\ufeff?[^\S\n]*(?P<tag>[A-Z][A-Z0-9]) {1,2}-(?:(?P<value>(?: .*)?)$)")


class Ris:
    """Reads every record between `TY` and `ER`; an abstract may be in `AB` or in `N2`."""

    name = "ris"
    suffixes: tuple[str, ...] = (".ris",)

    def matches(self, source: SourceFile) -> bool:
        return START.search(source.head[:LONGEST_HEADER]) is not None

    def read(self, source: SourceFile, on_reject: Reject) -> Iterator[SourcePaper]:
        records = tagged_records(source, self._dialect(source), on_reject)
        return papers_from(records, _fields, source.path, on_reject)

    def _dialect(self, source: SourceFile) -> Dialect:
        is_strict = re.search(r"^\ufeff?[^\S\n]*TY {2}-", source.head, re.MULTILINE)
        return Dialect(STRICT if is_strict else LOOSE, first="TY", last="ER")


def _fields(raw: Tags) -> Fields:
    tags = {tag: values if tag in VERBATIM else [*map(visible, values)] for tag, values in raw.items()}
    title = first_of(tags, "TI", "T1", "CT") or first_of(tags, "BT")
    doi = first_of(tags, "DO")
    notes = tags.get("N1", ())
    return {
        "id": first_of(tags, "ID") or ("" if doi else first_of(tags, "AN")),
        "title": title,
        "abstract": joined_of(tags, "AB", "N2"),
        "authors": names_of(tags, "AU", "A1"),
        "venue": first_of(tags, "T2", "JF", "JO", "JA", "J2") or _whole(tags, title),
        "year": first_of(tags, "PY", "Y1", "DA"),
        "volume": first_of(tags, "VL"),
        "issue": first_of(tags, "IS"),
        "pages": page_range(first_of(tags, "SP"), first_of(tags, "EP")),
        "doi": doi,
        "url": first_of(tags, "UR", "L2"),
        "keywords": keywords_of(tags, "KW"),
        "language": first_of(tags, "LA"),
        "subject": next((note.removeprefix(SUBJECT) for note in notes if note.startswith(SUBJECT)), ""),
    }


def _whole(tags: Tags, title: str) -> str:
    """Return the book of a chapter, or else who published a book, a report or a thesis."""
    book = first_of(tags, "BT")
    return book if book and book != title else first_of(tags, "PB")
