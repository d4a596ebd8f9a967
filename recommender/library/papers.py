"""The papers of a library as a rebuild takes them: from the disk, each when it is needed."""

from array import array
from collections.abc import Iterator
from pathlib import Path
from sys import intern

import numpy as np

from recommender.errors import LibraryError
from recommender.library.store import Library
from recommender.paper import Heading, Paper
from recommender.vectors import Rows

HEAD = 8  # bytes of the digest of a record, by which it is known again


class LibraryPapers:
    """Every paper of a library as it was at one moment, of which the texts stay on the disk."""

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
        with Library.open_read_only(path) as library:
            for ordinal, digest, (paper_id, language, is_blank) in library.headings():
                self._ordinals.append(ordinal)
                self._heads.append(_head(digest))
                self._ids.append(paper_id)
                self._languages.append(intern(language))
                self._are_blank.append(is_blank)

    def __len__(self) -> int:
        return len(self._ordinals)

    def __iter__(self) -> Iterator[Paper]:
        return self.at(np.arange(len(self)))

    def headings(self) -> Iterator[Heading]:
        """Yield what is known of every paper, in the order in which their ids first came."""
        return map(Heading, self._ids, self._languages, map(bool, self._are_blank))

    def at(self, places: Rows) -> Iterator[Paper]:
        """Yield the papers at some places in that order.

        Raises:
            LibraryError: One is damaged, or was changed or removed since.
        """
        wanted = places.tolist()
        with Library.open_read_only(self._path) as library:
            found = library.at([*map(self._ordinals.__getitem__, wanted)])
            for place, (digest, paper) in zip(wanted, found, strict=True):
                if _head(digest) != self._heads[place]:
                    raise LibraryError(f"library {self._path} was written to while it was read; run it again")
                yield paper


def _head(digest: bytes) -> int:
    return int.from_bytes(digest[:HEAD], "little")
