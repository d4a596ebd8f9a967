"""What the rows of a corpus share with a question, where many do and where few do.

Of a question to a large corpus the words that very many rows have, and that tell next to nothing, are not
added up in all rows: they are looked up in those rows that come into question. What they add to a spread is
told by a sample; rare words, of which one row in thousands has one, are never sampled.
"""

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Protocol, Self

import numpy as np
from numpy.typing import NDArray

from recommender.vectors import Rows, Scores, Values, within

BLOCK = 256  # rows of which only the best and the sums are looked at first
SAMPLED, RUN = 4_096, 128  # rows of a stretch that stand for all, and how many of them lie side by side


@dataclass(frozen=True, slots=True)
class Blocks:
    """What is known of every `BLOCK` rows that follow each other (n_blocks,); the last ones may be fewer.

    Attributes:
        highest: The highest value.
        sums: The sum of the values.
        squares: The sum of their squares.
    """

    highest: Values | Scores
    sums: Values
    squares: Values

    @classmethod
    def of(cls, values: Values | Scores) -> Self:
        """Look at all values (n_rows,), of which there is one at least."""
        starts = np.arange(0, len(values), BLOCK)
        return cls(
            np.maximum.reduceat(values, starts),
            np.add.reduceat(values, starts, dtype=np.float64),
            np.add.reduceat(values * values, starts, dtype=np.float64),
        )


class Worth(Protocol):
    """What is known of every row, and looked up of those that are asked for."""

    def of(self, rows: Rows) -> Values:
        """Return that of some rows (m,)."""
        ...


class LookedUp(Worth, Protocol):
    """What words of a question that are looked up add to the rows."""

    def __len__(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Matches:
    """The lexical cosine of a question with every row, 0 where it shares no word.

    Attributes:
        telling: What tells the rows apart, one a row (n_rows,), before any `scale`.
        known: The rows above 0 (m,), ascending, or, where these are many, what is known of blocks.
        exact: Where `telling` is in single precision or leaves words out, what has all; None: it is exact.
        common: The words that are left out; None: there are none.
    """

    telling: Scores | Values
    known: NDArray[np.int32] | Blocks
    exact: LookedUp | None = None
    common: LookedUp | None = None
    _scaled: list[tuple[range, float]] = field(default_factory=list)

    @property
    def n_looked_up(self) -> int:
        """How many words have to be looked up for the value of a row."""
        return len(self.exact) if self.exact else 0

    @property
    def values(self) -> Values:
        """The value of every row (n_rows,)."""
        return self.of(np.arange(len(self.telling)))

    def of(self, rows: Rows) -> Values:
        """Return the values of some rows (m,)."""
        return self.roughly(rows) if self.exact is None else self._with_factors(self.exact.of(rows), rows)

    def roughly(self, rows: Rows) -> Values:
        """Return the values of some rows (m,) by what tells them apart."""
        return self._with_factors(self.telling[rows].astype(np.float64), rows)

    def scale(self, stretch: range, factor: float) -> None:
        """Multiply the values of a stretch; what is asked of stretches later lies within it or without."""
        self._scaled.append((stretch, factor))

    def factors(self, rows: Rows) -> Values:
        """Return by what the values of some rows were multiplied (m,)."""
        return self._with_factors(np.ones(len(rows)), rows)

    def spread(self, stretch: range) -> float:
        """Return the standard deviation of the values of a stretch."""
        total, squares = self._sums(stretch)
        variance = max(squares / len(stretch) - (total / len(stretch)) ** 2, 0.0)
        if self.common:
            own = self.common.of(rows := sample(stretch))
            own = own - own.mean()
            variance += float(own @ (own + 2 * self.telling[rows])) / len(own)
            variance = max(variance, 0.0)
        return self._factor(stretch) * float(np.sqrt(variance))

    def spread_by(self, stretch: range, worth: Worth) -> float:
        """Return the standard deviation of the values of a stretch, each times what its row is worth.

        Where many rows share a word, that of the rows that stand for all.
        """
        if isinstance(self.known, Blocks):
            return float(np.std(self.roughly(rows := sample(stretch)) * worth.of(rows)))
        rows = within(stretch, self.known).astype(np.int64)
        values = self.roughly(rows) * worth.of(rows)
        mean = values.sum() / len(stretch)
        return float(np.sqrt(max(values @ values / len(stretch) - mean**2, 0.0)))

    def best(self, n: int, stretch: range, allowed: Rows | None = None) -> Rows:
        """Return the `n` rows of a stretch that share most, in no order, or all that share anything.

        Words that are left out do not count here.

        Args:
            n: How many, at least 1.
            stretch: The rows.
            allowed: Only these of them, ascending; None: all.
        """
        if allowed is not None:
            rows = allowed[self.telling[allowed] > 0]
        elif isinstance(self.known, Blocks):
            rows = self._highest(n, stretch, self.known)
        else:
            rows = within(stretch, self.known).astype(np.int64)
        if len(rows) > n:
            rows = rows[np.argpartition(-self.telling[rows], n)[:n]]
        return rows

    def _with_factors(self, values: Values, rows: Rows) -> Values:
        for stretch, factor in self._scaled:
            values[(stretch.start <= rows) & (rows < stretch.stop)] *= factor
        return values

    def _factor(self, stretch: range) -> float:
        factor = 1.0
        for scaled, own in self._scaled:
            if scaled.start <= stretch.start < scaled.stop:
                factor *= own
        return factor

    def _sums(self, stretch: range) -> tuple[float, float]:
        """Return the sum of what tells in a stretch, unscaled, and that of the squares."""
        if not isinstance(self.known, Blocks):
            own = self.telling[within(stretch, self.known)].astype(np.float64)
            return float(own.sum()), float(own @ own)
        first, last, head, tail = _parted(stretch)
        edges = np.concatenate([self.telling[head], self.telling[tail]]).astype(np.float64)
        total = self.known.sums[first:last].sum() + edges.sum()
        return float(total), float(self.known.squares[first:last].sum() + edges @ edges)

    def _highest(self, n: int, stretch: range, blocks: Blocks) -> Rows:
        """Return the rows of the `n` highest values above 0, and others as high as the lowest of these.

        Of `n` blocks that hold the highest values the lowest says how high a value must be.
        """
        first, last, head, tail = _parted(stretch)
        starts = np.concatenate([[head.start], np.arange(first, last) * BLOCK, [tail.start]])
        ends = np.concatenate([[head.stop], starts[1:-1] + BLOCK, [tail.stop]])
        edges = [[self.telling[edge].max(initial=0.0)] for edge in (head, tail)]
        highest = np.concatenate([edges[0], blocks.highest[first:last], edges[1]])
        least = np.partition(highest, -n)[-n] if len(highest) > n else 0.0
        promising = highest >= least if least > 0 else highest > 0
        rows = starts[promising][:, None] + np.arange(BLOCK)
        rows = rows[rows < ends[promising][:, None]]
        values = self.telling[rows]
        found: Rows = rows[(values >= least) & (values > 0)]
        return found


@lru_cache
def sample(stretch: range) -> Rows:
    """Return rows that stand for all of a stretch (m,): runs at equal distances; of few rows all."""
    if len(stretch) <= SAMPLED:
        rows = np.arange(stretch.start, stretch.stop)
    else:
        starts = np.linspace(stretch.start, stretch.stop - RUN, SAMPLED // RUN).astype(np.int64)
        rows = (starts[:, None] + np.arange(RUN)).ravel()
    rows.setflags(write=False)  # they are everybody's
    return rows


def _parted(stretch: range) -> tuple[int, int, slice, slice]:
    """Return the first block that is whole in a stretch, the one after the last, and the rows around them."""
    first = -(-stretch.start // BLOCK)
    last = max(first, stretch.stop // BLOCK)
    head = slice(stretch.start, min(first * BLOCK, stretch.stop))
    return first, last, head, slice(max(head.stop, last * BLOCK), stretch.stop)
