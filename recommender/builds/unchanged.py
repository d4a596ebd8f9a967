"""Papers that are in every field as the build before has them: what it holds of each is taken over.

The digests of whole records tell which. What depends on the other papers, rows and copies, is made anew.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Self

import numpy as np

from recommender.arrays import map_array, write_array
from recommender.builds.build import Build
from recommender.builds.carrying import FILE as TEXTS
from recommender.digests import NONE, Digests, rows_of
from recommender.errors import BuildError
from recommender.vectors import Rows

FILE = "kept.records.npy"


class Unchanged:
    """The build before, row by row of the new one.

    Attributes:
        rows: The row of the build before that holds the very record of each (n,), -1 where none does.
        folder: Of the build before.
    """

    def __init__(self, before: Build, rows: Rows, texts: Digests) -> None:
        self.rows, self.folder = rows, before.folder
        self._papers, self._texts = before.papers, texts

    @classmethod
    def of(cls, before: Build, digests: Digests) -> Self | None:
        """Find the rows of a build; None: it did not write down its records.

        Args:
            before: The build before, its files compared with their digests.
            digests: Of the records of the new build, in the order of its rows; no two are the same.
        """
        try:
            known = map_array(before.folder / FILE, np.uint8, 2)
            texts = map_array(before.folder / TEXTS, np.uint8, 2)
        except BuildError:
            return None
        if not len(known) == len(texts) == len(before.papers):
            return None
        return cls(before, rows_of(digests, known), texts)

    @property
    def fresh(self) -> Rows:
        """The rows of the new build whose records the build before does not have, ascending."""
        return np.flatnonzero(self.rows == NONE)

    @property
    def now(self) -> Rows:
        """The row in the new build of each row of the build before, -1 where it is gone."""
        now = np.full(len(self._papers), NONE, dtype=np.int64)
        known = np.flatnonzero(self.rows != NONE)
        now[self.rows[known]] = known
        return now

    def texts(self, fresh: Digests) -> Digests:
        """Return the digests of all texts (n, 32), given those of the fresh rows."""
        digests: Digests = self._texts[np.maximum(self.rows, 0)]
        digests[self.fresh] = fresh
        return digests

    def records(self, fresh: Iterator[bytes]) -> Iterator[bytes]:
        """Yield the records of all rows as they are written, given those of the fresh rows."""
        known = self._papers.records(self.rows[self.rows != NONE].data)
        for is_fresh in (self.rows == NONE).data:
            yield next(fresh if is_fresh else known)


def write_digests(digests: Digests, folder: Path) -> None:
    """Write down which record each row has, and wait until it is on the disk."""
    write_array(digests, folder / FILE)
