"""Between papers and the bytes of a row, with the checksums that tell a damaged one."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from zlib import crc32

from recommender.errors import LibraryError
from recommender.library.failures import damaged
from recommender.paper import FIELDS, Paper
from recommender.text.language import detect_language
from recommender.text.language_codes import language_code

EMPTY: tuple[object, ...] = ("", (), None)
ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
# What the stamps of rows are of: all that the digest of a record does not hold.
OF_PAPER = "id, digest, source, place, added_at, imported_at, language, blank"
LINES = "\n".join(["%s"] * (OF_PAPER.count(",") + 1))
OF_SOURCE = "name, format, imported_at"
OF_REJECTED = "source, place, reason, paper_id"


def with_language(paper: Paper) -> Paper:
    """Return the paper with the ISO 639-1 code of the language it names, or else of its text."""
    code = language_code(paper.language) or detect_language(paper.prose)
    return paper if code == paper.language else paper.in_language(code)


def encoded(paper: Paper) -> tuple[bytes, bytes]:
    """Return the record of a paper and its digest; a field without a value is left out."""
    values = zip(FIELDS, paper.values(), strict=True)
    fields = {name: value for name, value in values if value not in EMPTY}
    record = ENCODER.encode(fields).encode()
    return record, sha256(record).digest()


def decoded(path: Path, paper_id: str, record: bytes, digest: bytes) -> Paper:
    """Return the paper of a row.

    Raises:
        LibraryError: The row is not as it was written.
    """
    if not isinstance(record, bytes) or sha256(record).digest() != digest:
        raise damaged(path, f"the record of paper {paper_id!r} does not match its checksum")
    try:
        content = json.loads(record)
        paper = Paper.from_dict(content)
    except (TypeError, ValueError) as problem:
        raise LibraryError(
            f"library {path}: paper {paper_id!r} is not valid in this version of recommender ({problem});"
            " import it again"
        ) from problem
    if content["id"] != paper_id:
        raise damaged(path, f"the row of paper {paper_id!r} holds the record of {paper.id!r}")
    # kept before all ids were put in one form: it goes by that of its row until it is imported again
    return paper if paper.id == paper_id else Paper.stored((paper_id, *paper.values()[1:]))


def stamp(*values: object) -> int:
    """Return the checksum of the values of a row, CRC-32.

    >>> stamp("a", b"z", 1, None) == stamp("a", b"z", 1, None) != stamp("a", b"y", 1, None)
    True
    """
    parts = [value.hex() if isinstance(value, bytes) else str(value) for value in values]
    return crc32("\n".join(parts).encode(errors="surrogatepass"))


def stamps_of(digits: Iterable[str], ids: Iterable[str], *rest: Iterable[object]) -> list[int]:
    """Return what `stamp` does of many papers, given the columns of `OF_PAPER`, in a third of the time.

    Args:
        digits: Of the digests, in hexadecimal.
        ids: Of the papers.
        rest: The other columns in their order.
    """
    return [*map(crc32, map(str.encode, map(LINES.__mod__, zip(ids, digits, *rest, strict=True))))]


def check_stamp(path: Path, what: str, *row: object) -> None:
    """Check the values of a row, the last of which is its stamp; None: it was written without.

    Raises:
        LibraryError: The row is not as it was written.
    """
    *values, found = row
    if found is not None and stamp(*values) != found:
        raise damaged(path, f"the row of {what} does not match its checksum")


def moment(path: Path, text: str) -> datetime:
    """Return the time that a row holds.

    Raises:
        LibraryError: It is none: the row is not as it was written.
    """
    try:
        found = datetime.fromisoformat(text)
    except (TypeError, ValueError) as problem:
        raise damaged(path, f"{text!r} is no time") from problem
    if found.tzinfo is None:
        raise damaged(path, f"the time {text!r} has no zone")
    return found


def storable(text: str) -> str:
    """Return text that can be stored: what UTF-8 cannot write becomes an escape."""
    return text.encode(errors="backslashreplace").decode()


def timestamp(moment: datetime) -> str:
    """Return a time in UTC, as rows hold it.

    Raises:
        ValueError: The time names no zone.
    """
    if moment.tzinfo is None:
        raise ValueError(f"a time needs its zone, got {moment!r}")
    return moment.astimezone(UTC).isoformat()
