"""What the rows of a corpus share with a question, where many do and where few do."""

from dataclasses import dataclass, field
from typing import Self

import numpy as np
from numpy.typing import NDArray

from recommender.vectors import Rows, Values, within

BLOCK = 256  # rows of which only the best and the sums are looked at first


@dataclass(frozen=True, slots=True)
class Blocks:
    """What is known of every `BLOCK` rows that follow each other (n_blocks,); the last ones may be fewer.

    Attributes:
        highest: The highest value.
        sums: The sum of the values.
        squares: The sum of their squares.
    """

    highest: Values
    sums: Values
    squares: Values

    @classmethod
    def of(cls, values: Values) -> Self:
        """Look at all values (n_rows,), of which there is one at least."""
        starts = np.arange(0, len(values), BLOCK)
        return cls(
            np.maximum.reduceat(values, starts),
            np.add.reduceat(values, starts),
            np.add.reduceat(values * values, starts),
        )


@dataclass(frozen=True, slots=True)
class Matches:
    """The lexical cosine of a question with every row, 0 where it shares no word.

    Attributes:
        unscaled: One a row (n_rows,), before any `scale`.
        known: The rows that share a word (m,), ascending, or, where these are many, what is known of blocks.
    """

    unscaled: Values
    known: NDArray[np.int32] | Blocks
    _scaled: list[tuple[range, float]] = field(default_factory=list)

    @property
    def values(self) -> Values:
        """The value of every row (n_rows,)."""
        return self.of(np.arange(len(self.unscaled)))

    def of(self, rows: Rows) -> Values:
        """Return the values of some rows (m,)."""
        values: Values = self.unscaled[rows]
        for stretch, factor in self._scaled:
            values[(stretch.start <= rows) & (rows < stretch.stop)] *= factor
        return values

    def scale(self, stretch: range, factor: float) -> None:
        """Multiply the values of a stretch; what is asked of stretches later lies within it or without."""
        self._scaled.append((stretch, factor))

    def total(self, stretch: range) -> float:
        """Return the sum of the values of a stretch."""
        return self._factor(stretch) * self._sums(stretch)[0]

    def spread(self, stretch: range) -> float:
        """Return the standard deviation of the values of a stretch."""
        total, squares = self._sums(stretch)
        mean = total / len(stretch)
        return self._factor(stretch) * float(np.sqrt(max(squares / len(stretch) - mean**2, 0.0)))

    def best(self, n: int, stretch: range, allowed: Rows | None = None) -> Rows:
        """Return the `n` rows of a stretch that share most, in no order, or all that share anything.

        Args:
            n: How many, at least 1.
            stretch: The rows.
            allowed: Only these of them, ascending; None: all.
        """
        if allowed is not None:
            rows = allowed[self.unscaled[allowed] > 0]
        elif isinstance(self.known, Blocks):
            rows = self._highest(n, stretch, self.known)
        else:
            rows = within(stretch, self.known).astype(np.int64)
        if len(rows) > n:
            rows = rows[np.argpartition(-self.unscaled[rows], n)[:n]]
        return rows

    def _factor(self, stretch: range) -> float:
        factor = 1.0
        for scaled, own in self._scaled:
            if scaled.start <= stretch.start < scaled.stop:
                factor *= own
        return factor

    def _sums(self, stretch: range) -> tuple[float, float]:
        """Return the sum of the values of a stretch, unscaled, and that of their squares."""
        if not isinstance(self.known, Blocks):
            own = self.unscaled[within(stretch, self.known)]
            return float(own.sum()), float(own @ own)
        first, last, head, tail = _parted(stretch)
        edges = np.concatenate([self.unscaled[head], self.unscaled[tail]])
        total = self.known.sums[first:last].sum() + edges.sum()
        return float(total), float(self.known.squares[first:last].sum() + edges @ edges)

    def _highest(self, n: int, stretch: range, blocks: Blocks) -> Rows:
        """Return the rows of the `n` highest values above 0, and others as high as the lowest of these.

        Of `n` blocks that hold the highest values the lowest says how high a value must be.
        """
        first, last, head, tail = _parted(stretch)
        starts = np.concatenate([[head.start], np.arange(first, last) * BLOCK, [tail.start]])
        ends = np.concatenate([[head.stop], starts[1:-1] + BLOCK, [tail.stop]])
        edges = [[self.unscaled[edge].max(initial=0.0)] for edge in (head, tail)]
        highest = np.concatenate([edges[0], blocks.highest[first:last], edges[1]])
        least = np.partition(highest, -n)[-n] if len(highest) > n else 0.0
        promising = highest >= least if least > 0 else highest > 0
        rows = starts[promising][:, None] + np.arange(BLOCK)
        rows = rows[rows < ends[promising][:, None]]
        values = self.unscaled[rows]
        found: Rows = rows[(values >= least) & (values > 0)]
        return found


def _parted(stretch: range) -> tuple[int, int, slice, slice]:
    """Return the first block that is whole in a stretch, the one after the last, and the rows around them."""
    first = -(-stretch.start // BLOCK)
    last = max(first, stretch.stop // BLOCK)
    head = slice(stretch.start, min(first * BLOCK, stretch.stop))
    return first, last, head, slice(max(head.stop, last * BLOCK), stretch.stop)
