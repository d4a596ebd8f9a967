"""What the rows of a corpus share with a question, where many do and where few do."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommender.vectors import Rows, within

BLOCK = 256  # rows of which only the best is looked at first


@dataclass(frozen=True, slots=True)
class Matches:
    """The lexical cosine of a question with every row.

    Attributes:
        values: One a row (n_rows,), 0 where it shares no word.
        rows: Those (m,), ascending, that share a word; None: so many do that it is faster to look at all.
    """

    values: NDArray[np.float64]
    rows: NDArray[np.int32] | None

    def sharing(self, stretch: range) -> Any:
        """Return an index of `values` that covers all rows of a stretch that share a word."""
        if self.rows is None:
            return slice(stretch.start, stretch.stop)
        return within(stretch, self.rows)

    def scale(self, stretch: range, factors: NDArray[np.floating] | float) -> None:
        """Multiply the values of a stretch, by one number or by those of every row of the corpus."""
        own = self.sharing(stretch)
        self.values[own] *= factors[own] if isinstance(factors, np.ndarray) else factors

    def total(self, stretch: range) -> float:
        """Return the sum of the values of a stretch."""
        return float(self.values[self.sharing(stretch)].sum())

    def spread(self, stretch: range) -> float:
        """Return the standard deviation of the values of a stretch."""
        own = self.values[self.sharing(stretch)]
        mean = float(own.sum()) / len(stretch)
        return float(np.sqrt(max(float(own @ own) / len(stretch) - mean**2, 0.0)))

    def best(self, n: int, stretch: range, allowed: Rows | None = None) -> Rows:
        """Return the `n` rows of a stretch that share most, in no order, or all that share anything.

        Args:
            n: How many, at least 1.
            stretch: The rows.
            allowed: Only these of them, ascending; None: all.
        """
        if allowed is not None:
            rows = allowed[self.values[allowed] > 0]
        elif self.rows is None:
            rows = stretch.start + _highest(self.values[stretch.start : stretch.stop], n)
        else:
            rows = self.sharing(stretch)
        if len(rows) > n:
            rows = rows[np.argpartition(-self.values[rows], n)[:n]]
        return np.asarray(rows, dtype=np.int64)


def _highest(values: NDArray[np.float64], n: int) -> Rows:
    """Return the places of the `n` highest values above 0, and of others as high as the lowest of these.

    Of `n` blocks that hold the highest values the lowest says how high a value must be.
    """
    blocks = np.maximum.reduceat(values, np.arange(0, len(values), BLOCK))
    least = np.partition(blocks, -n)[-n] if len(blocks) > n else 0.0
    if least <= 0:
        return np.flatnonzero(values)
    starts = np.flatnonzero(blocks >= least)[:, None] * BLOCK
    places = (starts + np.arange(BLOCK)).ravel()
    places = places[places < len(values)]
    found: Rows = places[values[places] >= least]
    return found
