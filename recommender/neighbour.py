"""One similar row: what a build stores of it, and an answer shows."""

from enum import IntEnum
from typing import NamedTuple

from recommender.label_words import LABEL_WORDS


class Label(IntEnum):
    """How alike two papers are, in words. The numbers are those of the grades of known pairs, plus one."""

    UNKNOWN = 0  # the build was made without known pairs
    UNRELATED = 1
    SAME_FIELD = 2
    SAME_TOPIC = 3
    NEAR_DUPLICATE = 4

    @property
    def words(self) -> str:
        """The label as people read it, empty where it is unknown."""
        return LABEL_WORDS[self]


LABELS = tuple(Label)


class Neighbour(NamedTuple):
    """A similar row.

    Attributes:
        row: Its place in the build.
        score: What it is ranked by: 0 is as alike as any two papers, a copy is about 1.
        similarity: The share of random pairs of the same two languages in the corpus that score lower,
            in [0, 1).
        label: How alike the two are, whatever else the corpus holds.
    """

    row: int
    score: float
    similarity: float
    label: Label
