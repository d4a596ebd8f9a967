"""The papers of a library as a rebuild takes them: from the disk, each when it is needed."""

from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from itertools import chain
from pathlib import Path
from sys import intern

import numpy as np

from recommender.digests import SIZE, Digests
from recommender.errors import LibraryError
from recommender.library.store import Library
from recommender.paper import Heading, Paper
from recommender.vectors import Rows

AT_ONCE = 1_000  # papers in a batch


@dataclass(frozen=True, slots=True)
class LibraryBatch:
    """Some papers of a library, read from it whenever and in whatever process they are asked for.

    Attributes:
        path: The library.
        ordinals: Their numbers there.
        digests: Of their records, one after the other.
    """

    path: Path
    ordinals: "array[int]"
    digests: bytes

    def __iter__(self) -> Iterator[Paper]:
        """Yield the papers.

        Raises:
            LibraryError: One is damaged, or was changed or removed since.
        """
        with Library.open_read_only(self.path) as library:
            for place, (digest, paper) in enumerate(library.at(self.ordinals)):
                if digest != self.digests[SIZE * place : SIZE * (place + 1)]:
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
        self._ordinals, digests = array("q"), bytearray()
        self._ids: list[str] = []
        self._languages: list[str] = []
        self._are_blank = bytearray()
        every = sha256()
        with Library.open_read_only(path) as library:
            for some in library.listed():
                self._ordinals.extend(some.ordinals)
                digests += b"".join(some.digests)
                self._ids += some.ids
                self._languages += map(intern, some.languages)
                self._are_blank += bytes(map(bool, some.are_blank))
                lines = map("%s\n%s\n".__mod__, zip(some.ids, some.hexadecimal, strict=True))
                every.update("".join(lines).encode())
        self.digest = every.hexdigest()
        self._digests = np.frombuffer(digests, dtype=np.uint8).reshape(-1, SIZE)

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
            yield LibraryBatch(self._path, ordinals, self._digests[own].tobytes())

    def digests(self, places: Rows) -> Digests:
        """Return the digests of the records at some places (n, 32)."""
        return self._digests[places]
