"""The nearest of some rows among their candidates, by NumPy: for few of them nothing need be compiled."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from recommender.ranking.calibration import Calibration
from recommender.ranking.graph import NONE
from recommender.vectors import Rows, Values, Vectors, cosines

if TYPE_CHECKING:
    from recommender.lexical import TermMatrix


@dataclass(frozen=True, slots=True)
class PlainCorpus:
    """What pairs of rows are compared by.

    Attributes:
        vectors: (n, dim).
        matrix: The words of each row.
        calibration: What is usual between the languages.
        same: For each row the first row with the same text (n,).
        group: For each row the group of its language (n,).
    """

    vectors: Vectors
    matrix: "TermMatrix"
    calibration: Calibration
    same: Rows
    group: Rows

    def vectors_of(self, rows: Rows) -> Vectors:
        """Return the vectors of some rows (b, dim)."""
        return self.vectors[rows]

    def nearest(self, rows: Rows, candidates: Rows, k: int) -> tuple[Rows, Values]:
        """Return the `k` best candidates of each row, as `compiled.Corpus.nearest` does."""
        calibration, group = self.calibration, self.group
        left, right = np.repeat(rows, candidates.shape[1]), candidates.ravel()
        kept = (right >= 0) & (self.same[left] != self.same[right])
        left, right = left[kept], right[kept]
        cosine = cosines(self.vectors, left, right)
        words = self.matrix.similarities(left, right) if calibration.weights.any() else np.zeros(len(left))
        fused = calibration.fused(cosine, words, group[left], group[right])
        usual = calibration.usual_between(group[left], group[right])
        usual = usual + calibration.hubness_between(left, right)
        scores = calibration.scores(fused, usual, group[left], group[right])
        order = np.lexsort((right, -scores, left))
        starts, ends = (np.searchsorted(left[order], rows, side=side) for side in ("left", "right"))
        shape = (len(rows), k)
        best = np.full(shape, NONE, dtype=np.int64), np.zeros(shape)
        for place, (start, end) in enumerate(zip(starts.tolist(), ends.tolist(), strict=True)):
            chosen = order[start : min(end, start + k)]
            for values, of_all in zip(best, (right, scores), strict=True):
                values[place, : len(chosen)] = of_all[chosen]
        return best
