"""The nearest rows of some rows as arrays, as they are stored."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recommender.neighbour import LABELS, Neighbour
from recommender.vectors import Rows, Values


@dataclass(frozen=True, slots=True)
class Ranked:
    """The best rows of some rows, best first, (n, k) each.

    Attributes:
        asked: Whose they are (n,).
        counts: How many each has (n,); behind them everything is 0.
        rows: Their places in the build.
        scores, similarities: As `Neighbour` has them.
        labels: The numbers of their labels.
    """

    asked: Rows
    counts: Rows
    rows: Rows
    scores: Values
    similarities: Values
    labels: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.counts)

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
