"""The likeliest of all rows: by what comparing all finds is measured what a search finds.

All rows are compared roughly, in single precision, a block of them with all that are asked for at once, so
that each is read once. Those that come first are then compared as any others are.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from recommender.lexical.candidates import TermCandidates
from recommender.ranking.calibration import Calibration
from recommender.vectors import Rows, Scores, Vectors
from recommender.workers import THREADS

PAIRS_AT_ONCE = 3_000_000  # a dozen bytes each, and as many of what they are compared with


@dataclass(frozen=True, slots=True)
class Exhaustive:
    """All rows of a corpus.

    Attributes:
        vectors: (n_rows, dim).
        words: Of each.
        calibration: What is usual between the languages.
        same: For each row the first row with the same text (n_rows,).
    """

    vectors: Vectors
    words: TermCandidates
    calibration: Calibration
    same: Rows

    def likeliest(self, asked: Rows, n: int) -> Rows:
        """Return the `n` rows that score highest with each of some rows, its copies left out.

        Args:
            asked: The rows (b,).
            n: How many; among them are the nearest if it is a few more.

        Returns:
            (b, n), in no order; if there are fewer, -1.
        """
        best = np.full((len(asked), n), -np.inf, dtype=np.float32)
        rows = np.full((len(asked), n), -1, dtype=np.int64)
        groups = self.calibration.groups.each()[asked]
        blocks = self._blocks(PAIRS_AT_ONCE // max(1, len(asked)))
        for block, scores in THREADS.map(lambda one: (one[1], self._scores(asked, groups, *one)), blocks):
            both = np.hstack([best, scores])
            own = np.hstack([rows, np.broadcast_to(np.asarray(block), scores.shape)])
            first = np.argpartition(-both, n - 1, axis=1)[:, :n]
            best, rows = (np.take_along_axis(values, first, axis=1) for values in (both, own))
        rows[np.isneginf(best)] = -1
        return rows

    def _blocks(self, at_once: int) -> Iterator[tuple[int, range]]:
        """Yield all rows in blocks of so many, of one language each, with its group."""
        groups = self.calibration.groups
        for group, stretch in enumerate(map(groups.stretch, range(len(groups)))):
            for start in range(stretch.start, stretch.stop, at_once):
                yield group, range(start, min(start + at_once, stretch.stop))

    def _scores(self, asked: Rows, own: Rows, group: int, block: range) -> Scores:
        """Return the scores of a block with each of those asked for (b, len(block)), of copies -inf.

        Args:
            asked: The rows (b,).
            own: The group of each (b,).
            group: That of the block.
            block: Rows that follow each other.
        """
        calibration, part = self.calibration, slice(block.start, block.stop)
        other = np.full(len(asked), group)
        weights, usual = calibration.weights[own, other], calibration.usual_between(own, other)
        stretch, hubs = calibration.stretch[own, other], calibration.hubness
        as_column = [
            values.astype(np.float32)[:, None]
            for values in (
                (1 - weights) / stretch,
                weights / stretch,
                (usual + 0.5 * hubs[asked]) / stretch,
                0.5 / stretch,
            )
        ]
        of_cosine, of_words, usual_of_both, of_hubs = as_column
        found: Scores = self.vectors[asked] @ self.vectors[part].T
        found *= of_cosine
        if weights.any():
            found += of_words * self.words.cosines(asked, block)
        found -= usual_of_both
        found -= of_hubs * hubs[part]
        found[self.same[asked][:, None] == self.same[part]] = -np.inf
        return found
