"""One similar row: what a build stores of it, and an answer shows."""

from typing import NamedTuple


class Neighbour(NamedTuple):
    """A similar row.

    Attributes:
        row: Its place in the build.
        score: What it is ranked by, in [-1, 1]: 0 is as alike as any two papers, 1 is the same text.
        similarity: The share of random pairs of the same two languages in the corpus that score lower,
            in [0, 1).
    """

    row: int
    score: float
    similarity: float
