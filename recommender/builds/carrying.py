"""What a build takes over from the one before, of papers whose text it had: vectors and counts of words.

Both are what making them anew would give. What else can be taken over where little has changed: `updating`.
"""

from pathlib import Path
from typing import Self

import numpy as np

from recommender.arrays import map_array, write_array
from recommender.builds.build import Build
from recommender.digests import Digests, rows_of
from recommender.embedding import EmbeddingCache, KnownVectors
from recommender.errors import BuildError
from recommender.index import Before
from recommender.index.stored import read_vectors
from recommender.lexical.counts import TermCounts
from recommender.vectors import Flags, Rows

FILE, WINDOWED = "kept.digests.npy", "kept.windowed.npy"


class Earlier:
    """The build before, row by row of the new one.

    Attributes:
        before: The build before.
        rows: The row there that has the text of each (n,), -1 where none has.
    """

    def __init__(self, before: Build, rows: Rows) -> None:
        self.before = before
        self.rows = rows

    @classmethod
    def of(cls, before: Build, digests: Digests) -> Self | None:
        """Find the rows of a build; None: it was made by a program that did not write down its texts.

        Args:
            before: The build before, of the same model, its files compared with their digests.
            digests: Of the texts of the new build, in the order of its rows.
        """
        try:
            known = map_array(before.folder / FILE, np.uint8, 2)
        except BuildError:
            return None
        return cls(before, rows_of(digests, known))

    @property
    def fresh(self) -> Rows:
        """The rows whose text is new (m,)."""
        return np.flatnonzero(self.rows < 0)

    def vectors(self, cache: EmbeddingCache) -> KnownVectors:
        """Return the vectors of the texts; of the others those that are cached."""
        folder = self.before.folder
        are_windowed = None  # a program that did not write it down
        if (folder / WINDOWED).exists():
            are_windowed = map_array(folder / WINDOWED, np.bool_, 1)
        return KnownVectors(cache, read_vectors(folder), self.rows, are_windowed)

    def index(self) -> Before:
        """Return what an engine may take over of the index."""
        return Before(self.before.folder, self.rows)

    def counts(self, fresh: TermCounts, room: Path) -> TermCounts:
        """Return the words of all texts, given those of the texts that are in no row.

        In the folder `room` lies what does not last.

        Raises:
            BuildError: A file is missing.
        """
        return TermCounts.read(self.before.folder, len(self.before.papers), room).going_on(
            self.rows, fresh, room
        )


def write_digests(digests: Digests, folder: Path) -> None:
    """Write down which text each row has, and wait until it is on the disk."""
    write_array(digests, folder / FILE)


def write_windowed(are_windowed: Flags, folder: Path) -> None:
    """Write down which texts are read in windows (n,), and wait until it is on the disk."""
    write_array(are_windowed, folder / WINDOWED)
