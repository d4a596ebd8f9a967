"""What a search finds of the nearest of some rows, beside comparing all."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from recommender.ranking.graph import share_kept
from recommender.ranking.ranked import Ranked
from recommender.vectors import Rows, Values
from recommender.workers import THREADS

PLACES = 10


@dataclass(frozen=True, slots=True)
class Exam:
    """Some rows of which it is known who is nearest, all rows compared.

    Attributes:
        batches: The rows, in batches of one language each.
        wanted: The scores of the `PLACES` nearest of each, best first.
    """

    batches: list[Rows]
    wanted: list[Values]

    def recall(self, found: Callable[[Rows], Ranked]) -> float:
        """Return what share of them is found.

        Args:
            found: Returns what is found of a batch, ten of each row or more.
        """
        lists = THREADS.map(found, self.batches)
        return share_kept(self.wanted, (scores for ranked in lists for scores in _best_scores(ranked)))


def _best_scores(ranked: Ranked) -> list[Values]:
    """Return the scores of the ten nearest of each row."""
    counts = np.minimum(ranked.counts, PLACES).tolist()
    return [scores[:count] for scores, count in zip(ranked.scores, counts, strict=True)]
