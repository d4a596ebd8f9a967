"""The list of a library's papers: rows checked many at once, since a rebuild reads all of them."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from recommender.digests import SIZE
from recommender.library.failures import damaged
from recommender.library.records import Listing
from recommender.library.rows import check_stamp, stamps_of


def listing_of(path: Path, rows: Sequence[tuple[Any, ...]]) -> Listing:
    """Return papers of a library, given what their stamps are of, the stamps, and their ordinals.

    Raises:
        LibraryError: A row is not as it was written.
    """
    *columns, stamps, ordinals = zip(*rows, strict=True)
    ids, digests, *rest = columns
    if {*map(type, digests)} != {bytes} or {*map(len, digests)} != {SIZE}:
        _check_each(path, rows)
        raise damaged(path, "the digest of a paper is none")
    hexadecimal = [*map(bytes.hex, digests)]
    if stamps_of(hexadecimal, ids, *rest) != [*stamps]:
        _check_each(path, rows)
    return Listing(ordinals, ids, rest[-2], rest[-1], digests, hexadecimal)


def _check_each(path: Path, rows: Sequence[tuple[Any, ...]]) -> None:
    """Name the first row that is not as it was written, if there is one; some were written without stamp."""
    for *stamped, _ in rows:
        check_stamp(path, f"paper {stamped[0]!r}", *stamped)
