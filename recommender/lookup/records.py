"""`papers.bin`: the records of a build, and why other known ids cannot be answered.

A header, one part a record, and where each of them begins. A paper's part is its values with a NUL between,
which no value can hold; before them stands the first row with the same text, and in that row's own record
all other rows with it.
"""

import os
import struct
import sys
from zlib import crc32

from recommender.lookup.mapped import CHECKSUM, HEADER, MappedFile, header, seed_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from typing import Any

FILE = "papers.bin"
MAGIC = b"RECPAPR1"
PLACE = struct.Struct("<Q")
AT_ONCE = 1_000  # parts that are written together
PLACES = struct.Struct("<QQ")  # where a part begins and ends
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
        paper_id, title, others = self.begun(row)
        return (paper_id, title, *others())

    def begun(self, row: int) -> "tuple[str, str, Callable[[], tuple[Any, ...]]]":
        """Return the id and the title of a paper, and what decodes its other values, in their order.

        Nothing of the file is read later: the record is here, and fits its checksum.

        Raises:
            BuildError: The record is damaged, or there is none.
        """
        if row >= self.n_papers:
            raise self.file.damaged(f"row {row} is missing")
        _, _, n_authors, paper_id, title, rest = self._payload(row).split(b"\0", 5)
        return paper_id.decode(), title.decode(), lambda: _others(n_authors, rest)

    def paper(self, row: int) -> Record:
        """Return the values of a paper by their names.

        Raises:
            BuildError: The record is damaged, or there is none.
        """
        return Record(self.values(row))

    def compared(self, row: int) -> "tuple[str, str, tuple[str, ...]]":
        """Return title, abstract and keywords of a paper.

        Raises:
            BuildError: The record is damaged, or there is none.
        """
        _, title, others = self.begun(row)
        abstract, *_, keywords, _language, _subject = others()
        return title, abstract, keywords

    def encoded(self, rows: "Iterable[int]") -> "Iterator[bytes]":
        """Yield papers as `encoded` does; their checksums are not compared.

        Raises:
            BuildError: A row is missing.
        """
        content, place_of, places, n = self.file.content, PLACES.unpack_from, self._places, self.n_papers
        find = content.find
        for row in rows:
            if not 0 <= row < n:
                raise self.file.damaged(f"row {row} is missing")
            start, end = place_of(content, places + 8 * row)
            yield content[find(b"\0", find(b"\0", start + CHECKSUM.size) + 1) + 1 : end]

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


def _others(n_authors: bytes, rest: bytes) -> "tuple[Any, ...]":
    """Return the values of a paper after its title, in the order of `FIELDS`."""
    abstract, venue, year, volume, issue, pages, doi, url, language, subject, *names = rest.decode().split(
        "\0"
    )
    keywords = int(n_authors)
    return (
        abstract, tuple(names[:keywords]), venue, int(year) if year else None, volume, issue, pages, doi, url,
        tuple(names[keywords:]), language, subject,
    )  # fmt: skip


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
    from array import array  # only a rebuild has a use for them
    from itertools import chain

    seed = seed_of(build_id)
    places, firsts = array("Q", [HEADER.size]), array("Q", copies)
    with open(path, "wb") as file:  # noqa: PTH123
        file.write(header(MAGIC, len(firsts), len(reasons), seed))
        end = HEADER.size
        written: list[bytes] = []
        for number, (head, rest) in enumerate(chain(_papers(records, firsts), _reasons(reasons))):
            place = number.to_bytes(4, "little")
            checksum = crc32(
                rest, crc32(head, crc32(place, seed))
            )  # as `checksum_of`, but for a copy of both
            written += CHECKSUM.pack(checksum), head, rest
            end += CHECKSUM.size + len(head) + len(rest)
            places.append(end)
            if len(written) >= AT_ONCE:
                file.write(b"".join(written))
                written.clear()
        file.write(b"".join(written))
        if sys.byteorder == "big":
            places.byteswap()
        file.write(places)
        file.flush()
        os.fsync(file.fileno())


def _papers(records: "Iterable[bytes]", firsts: "Sequence[int]") -> "Iterator[tuple[bytes, bytes]]":
    """Yield the parts of papers in two: what is said of copies, and the record."""
    others: dict[int, list[str]] = {}
    for row, first in enumerate(firsts):
        if first != row:
            others.setdefault(first, []).append(str(row))
    for row, (first, record) in enumerate(zip(firsts, records, strict=True)):
        if row in others:
            yield f"{first}\0{' '.join(others[row])}\0".encode(), record
        else:
            yield b"%d\0\0" % first, record


def _reasons(reasons: "Mapping[str, str]") -> "Iterator[tuple[bytes, bytes]]":
    """Yield the parts of ids that cannot be answered in two: how long the id is, and the rest."""
    for paper_id, reason in reasons.items():
        yield b"%d\0" % len(paper_id), f"{paper_id}{reason}".encode()


def id_in(record: bytes) -> bytes:
    """Return the id of a paper, in UTF-8, of which `encoded` made a record."""
    start = record.index(b"\0") + 1
    return record[start : record.index(b"\0", start)]


def encoded(values: "tuple[Any, ...]") -> bytes:
    """Return the values of a paper, in the order of `FIELDS`, as its record holds them."""
    paper_id, title, abstract, authors, venue, year, volume, issue, pages, doi, url, keywords, *rest = values
    parts = (
        str(len(authors)), paper_id, title, abstract, venue, str(year or ""), volume, issue, pages, doi, url,
        *rest, *authors, *keywords,
    )  # fmt: skip
    return "\0".join(parts).encode()
