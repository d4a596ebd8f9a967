"""The papers of a library as a rebuild takes them: from the disk, each when it is needed."""

from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from itertools import chain
from pathlib import Path
from sys import intern

import numpy as np

from recommender.errors import LibraryError
from recommender.library.store import Library
from recommender.paper import Heading, Paper
from recommender.vectors import Rows

HEAD = 8  # bytes of the digest of a record, by which it is known again
AT_ONCE = 1_000  # papers in a batch


@dataclass(frozen=True, slots=True)
class LibraryBatch:
    """Some papers of a library, read from it whenever and in whatever process they are asked for.

    Attributes:
        path: The library.
        ordinals: Their numbers there.
        heads: How the digest of each record begins.
    """

    path: Path
    ordinals: "array[int]"
    heads: "array[int]"

    def __iter__(self) -> Iterator[Paper]:
        """Yield the papers.

        Raises:
            LibraryError: One is damaged, or was changed or removed since.
        """
        with Library.open_read_only(self.path) as library:
            for head, (digest, paper) in zip(self.heads, library.at(self.ordinals), strict=True):
                if _head(digest) != head:
                    raise LibraryError(f"library {self.path} was written to while it was read; run it again")
                yield paper


class LibraryPapers:
    """Every paper of a library as it was at one moment, of which the texts stay on the disk.

    Attributes:
        digest: SHA-256 over every id and record in order: equal if, and only if, nothing changed.
    """

    def __init__(self, path: Path) -> None:
        """Read what is known of all of them without their texts.

        Raises:
            LibraryError: The library is damaged or cannot be read.
        """
        self._path = path
        self._ordinals, self._heads = array("q"), array("Q")
        self._ids: list[str] = []
        self._languages: list[str] = []
        self._are_blank = bytearray()
        every = sha256()
        with Library.open_read_only(path) as library:
            for ordinal, digest, (paper_id, language, is_blank) in library.headings():
                self._ordinals.append(ordinal)
                self._heads.append(_head(digest))
                self._ids.append(paper_id)
                self._languages.append(intern(language))
                self._are_blank.append(is_blank)
                every.update(f"{paper_id}\n{digest.hex()}\n".encode())
        self.digest = every.hexdigest()

    def __len__(self) -> int:
        return len(self._ordinals)

    def __iter__(self) -> Iterator[Paper]:
        return chain.from_iterable(self.batches(np.arange(len(self))))

    def headings(self) -> Iterator[Heading]:
        """Yield what is known of every paper, in the order in which their ids first came."""
        return map(Heading, self._ids, self._languages, map(bool, self._are_blank))

    def batches(self, places: Rows) -> Iterator[LibraryBatch]:
        """Yield the papers at some places in that order, some at a time; nothing is read yet."""
        for start in range(0, len(places), AT_ONCE):
            own = places[start : start + AT_ONCE].tolist()
            ordinals = array("q", map(self._ordinals.__getitem__, own))
            heads = array("Q", map(self._heads.__getitem__, own))
            yield LibraryBatch(self._path, ordinals, heads)


def _head(digest: bytes) -> int:
    return int.from_bytes(digest[:HEAD], "little")
