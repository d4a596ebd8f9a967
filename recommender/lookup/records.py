"""`papers.bin`: the records of a build, and why other known ids cannot be answered.

A header, one part a record, and where each of them begins. A paper's part is its values with a NUL between,
which no value can hold; before them stands the first row with the same text, and in that row's own record
all other rows with it.
"""

import os
import struct
import sys

from recommender.lookup.mapped import HEADER, MappedFile, header, sealed, seed_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

FILE = "papers.bin"
MAGIC = b"RECPAPR1"
PLACE = struct.Struct("<Q")
PLACES = struct.Struct("<QQ")  # where a part begins and ends
FIRST_NAME = 15  # place of the first author among the values; the first keyword comes after the last
FIELDS = (
    "id", "title", "abstract", "authors", "venue", "year", "volume", "issue", "pages", "doi", "url",
    "keywords", "language", "subject",
)  # fmt: skip


class Record:
    """The values of one paper, as `Paper` names them."""

    __slots__ = FIELDS
    if TYPE_CHECKING:
        id: str
        title: str
        abstract: str
        authors: tuple[str, ...]
        venue: str
        year: int | None
        volume: str
        issue: str
        pages: str
        keywords: tuple[str, ...]

    def __init__(self, values: "Iterable[Any]") -> None:
        for name, value in zip(FIELDS, values, strict=True):
            setattr(self, name, value)

    def as_dict(self) -> "dict[str, Any]":
        """Return the fields by name, tuples as lists, ready for JSON."""
        values = ((name, getattr(self, name)) for name in FIELDS)
        return {name: list(value) if isinstance(value, tuple) else value for name, value in values}


class RecordFile:
    """An opened file of records. Safe to share between threads."""

    def __init__(self, path: "str | os.PathLike[str]", build_id: str) -> None:
        """Open a file.

        Raises:
            BuildError: It is damaged, or of another build.
        """
        self.file = MappedFile(path, MAGIC, build_id)
        self.n_papers, self.n_reasons = self.file.counts
        self._places = len(self.file.content) - PLACE.size * (self.n_papers + self.n_reasons + 1)
        fits = self._places >= HEADER.size
        if (
            not fits
            or PLACE.unpack_from(self.file.content, len(self.file.content) - PLACE.size)[0] != self._places
        ):
            raise self.file.damaged("its size does not fit its header")

    def values(self, row: int) -> "tuple[Any, ...]":
        """Return the values of a paper in the order of `FIELDS`.

        Raises:
            BuildError: The record is damaged, or there is none.
        """
        if row >= self.n_papers:
            raise self.file.damaged(f"row {row} is missing")
        parts = self._parts(row)
        paper_id, title, abstract, venue, year, volume, issue, pages, doi, url, language, subject = parts[
            3:FIRST_NAME
        ]
        keywords = FIRST_NAME + int(parts[2])
        return (
            paper_id, title, abstract, tuple(parts[FIRST_NAME:keywords]), venue, int(year) if year else None,
            volume, issue, pages, doi, url, tuple(parts[keywords:]), language, subject,
        )  # fmt: skip

    def paper(self, row: int) -> Record:
        """Return the values of a paper by their names.

        Raises:
            BuildError: The record is damaged, or there is none.
        """
        return Record(self.values(row))

    def title_and_abstract(self, row: int) -> tuple[str, str]:
        """Return these two values of a paper; the rest of the record is not decoded.

        Raises:
            BuildError: The record is damaged, or there is none.
        """
        if row >= self.n_papers:
            raise self.file.damaged(f"row {row} is missing")
        parts = self._payload(row).split(b"\0", 6)
        return parts[4].decode(), parts[5].decode()

    def id_of(self, number: int) -> str:
        """Return the id of a paper, or beyond the papers that of an id which cannot be answered."""
        return self._named(number).decode() if number < self.n_papers else self._unanswerable(number)[0]

    def is_named(self, number: int, paper_id: str) -> bool:
        """Tell whether `id_of` a number is this id."""
        if number < self.n_papers:
            return self._named(number) == paper_id.encode()
        return self.id_of(number) == paper_id

    def copies(self, row: int) -> frozenset[int]:
        """Return the rows with exactly the text of `row`, itself among them."""
        first = int(self._parts(row)[0])
        others = self._parts(first)[1]
        return frozenset([first, *map(int, others.split())])

    def reason(self, number: int) -> str:
        """Return why an id cannot be answered."""
        return self._unanswerable(number)[1]

    def _named(self, row: int) -> bytes:
        """Return the id of a paper, encoded; nothing else of its record is decoded."""
        return self._payload(row).split(b"\0", 4)[3]

    def _unanswerable(self, number: int) -> tuple[str, str]:
        length, _, text = self._part(number).partition("\0")
        return text[: int(length)], text[int(length) :]

    def _parts(self, row: int) -> list[str]:
        return self._part(row).split("\0")

    def _part(self, number: int) -> str:
        return self._payload(number).decode()

    def _payload(self, number: int) -> bytes:
        if not 0 <= number < self.n_papers + self.n_reasons:
            raise self.file.damaged(f"row {number} is missing")
        start, end = PLACES.unpack_from(self.file.content, self._places + 8 * number)
        if end > self._places:
            raise self.file.damaged(f"part {number} has no place")
        return self.file.part(start, end, number)


def write_records(
    records: "Iterable[bytes]",
    copies: "Iterable[int]",
    reasons: "Mapping[str, str]",
    build_id: str,
    path: "str | os.PathLike[str]",
) -> None:
    """Write papers, one a row in this order, and reasons, and wait until they are on the disk.

    Args:
        records: Of each what `encoded` returns.
        copies: For each the first row with the same text.
        reasons: By id.
        build_id: The build.
        path: The file.
    """
    from array import array  # only a rebuild has a use for it

    seed = seed_of(build_id)
    places, firsts = array("Q"), array("Q", copies)
    others: dict[int, list[str]] = {}
    for row, first in enumerate(firsts):
        if first != row:
            others.setdefault(first, []).append(str(row))
    with open(path, "wb") as file:  # noqa: PTH123
        file.write(header(MAGIC, len(firsts), len(reasons), seed))
        for first, record in zip(firsts, records, strict=True):
            row = len(places)
            alike = f"{first}\0{' '.join(others.get(row, ()))}\0"
            places.append(file.tell())
            file.write(sealed(alike.encode() + record, row, seed))
        for paper_id, reason in reasons.items():
            places.append(file.tell())
            file.write(sealed(f"{len(paper_id)}\0{paper_id}{reason}".encode(), len(places) - 1, seed))
        places.append(file.tell())
        if sys.byteorder == "big":
            places.byteswap()
        file.write(places)
        file.flush()
        os.fsync(file.fileno())


def encoded(values: "tuple[Any, ...]") -> bytes:
    """Return the values of a paper, in the order of `FIELDS`, as its record holds them."""
    paper_id, title, abstract, authors, venue, year, volume, issue, pages, doi, url, keywords, *rest = values
    parts = (
        str(len(authors)), paper_id, title, abstract, venue, str(year or ""), volume, issue, pages, doi, url,
        *rest, *authors, *keywords,
    )  # fmt: skip
    return "\0".join(parts).encode()
