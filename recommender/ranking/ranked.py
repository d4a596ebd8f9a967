"""The nearest rows of some rows as arrays: as they are found, and as they are stored."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from recommender.neighbour import LABELS, Neighbour
from recommender.vectors import Flags, Rows, Values

LAST = np.iinfo(np.int64).max


@dataclass(frozen=True, slots=True)
class Ranked:
    """The best rows of some rows by score alone, best first, (n, k) each.

    Attributes:
        asked: Whose they are (n,).
        counts: How many each has (n,); behind them everything is 0.
        rows: Their places in the build.
        scores: Of their texts.
        copied: Whether they are near-duplicates of one language; of others nothing is told yet.
    """

    asked: Rows
    counts: Rows
    rows: Rows
    scores: Values
    copied: Flags

    @classmethod
    def blank(cls, asked: Rows, k: int) -> Self:
        """Return room for the best `k` of some rows: none of them has any yet."""
        shape = (len(asked), k)
        rows, copied = np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=bool)
        return cls(asked, np.zeros(len(asked), dtype=np.int64), rows, np.zeros(shape), copied)

    def __len__(self) -> int:
        return len(self.counts)

    @property
    def columns(self) -> tuple[Rows, Values, Flags]:
        """Rows, scores, and which are near-duplicates (n, k) each."""
        return self.rows, self.scores, self.copied

    @property
    def here(self) -> Flags:
        """Tell where there is a row (n, k)."""
        return filled(self.counts, self.rows.shape[1])

    def put(self, places: Rows, others: Self) -> None:
        """Put the best of others at some places, as many as there is room for."""
        k = min(self.rows.shape[1], others.rows.shape[1])
        self.counts[places] = np.minimum(others.counts, k)
        for own, theirs in zip(self.columns, others.columns, strict=True):
            own[places, :k] = theirs[:, :k]

    def at(self, places: Rows) -> Self:
        """Return the lists at some places."""
        rows, scores, copied = self.columns
        return type(self)(
            self.asked[places], self.counts[places], rows[places], scores[places], copied[places]
        )


@dataclass(frozen=True, slots=True)
class Listed:
    """The neighbours of some rows as they answer and are stored, best first, (n, k) each.

    Attributes:
        asked: Whose they are (n,).
        counts: How many each has (n,); behind them everything is 0.
        rows: Their places in the build.
        scores, similarities: As `Neighbour` has them.
        labels: The numbers of their labels.
        shared: What of the scores comes by neighbours in common.
    """

    asked: Rows
    counts: Rows
    rows: Rows
    scores: Values
    similarities: Values
    labels: NDArray[np.int64]
    shared: Values

    def __len__(self) -> int:
        return len(self.counts)

    @property
    def here(self) -> Flags:
        """Tell where there is a row (n, k)."""
        return filled(self.counts, self.rows.shape[1])

    def lists(self) -> list[list[Neighbour]]:
        """Return the neighbours of each row one by one."""
        return [
            [
                Neighbour(row, score, share, LABELS[label])
                for row, score, share, label in zip(
                    self.rows[place, :count].tolist(),
                    self.scores[place, :count].tolist(),
                    self.similarities[place, :count].tolist(),
                    self.labels[place, :count].tolist(),
                    strict=True,
                )
            ]
            for place, count in enumerate(self.counts.tolist())
        ]


def sorting_keys(scores: NDArray[np.int64], rows: NDArray[np.integer], here: Flags) -> NDArray[np.int64]:
    """Return numbers (n, k) that ascend as rows stand in lists: best first, of equal scores the lower first.

    Numbers are sorted in a fraction of the time that pairs take.

    Args:
        scores: Whole numbers of 31 bits (n, k).
        rows: Numbers of 32 bits, not below 0 (n, k).
        here: Where there is a row (n, k); the others come last.
    """
    found: NDArray[np.int64] = np.where(here, (-scores << 32) | rows, LAST)
    return found


def unpacked(keys: NDArray[np.int64], here: Flags) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the scores and rows that `sorting_keys` are of (n, k) each, 0 where there is no row."""
    return np.where(here, -(keys >> 32), 0), np.where(here, keys & 0xFFFFFFFF, 0)


def filled(counts: Rows, k: int) -> Flags:
    """Tell where lists of so many (n,) have a row (n, k)."""
    found: Flags = np.arange(k) < counts[:, None]
    return found
