"""The nearest rows of a text or a row among all or some of the rows, by both legs."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from recommender.lexical.weighting import counted
from recommender.neighbour import LABELS, Neighbour
from recommender.ranking.calibration import Calibration
from recommender.vectors import Rows, Values, Vectors, cosines_with

if TYPE_CHECKING:
    from recommender.index import VectorIndex
    from recommender.lexical import LexicalIndex

LONGEST_TITLE = 60  # distinct tokens
DEPTH = 100  # candidates of each leg and language, beyond those asked for


@dataclass(frozen=True, slots=True)
class Asked:
    """What is searched for.

    Attributes:
        text: Its words.
        vector: (dim,), its meaning.
        language: ISO 639-1 code, or "".
        row: Its own row, if it is a paper of the build.
    """

    text: str
    vector: Vectors
    language: str
    row: int | None = None


class Search:
    """Both legs of one build. Safe to share between threads."""

    def __init__(
        self, index: "VectorIndex", vectors: Vectors, lexical: "LexicalIndex", calibration: Calibration
    ) -> None:
        self._index = index
        self._vectors = vectors
        self._lexical = lexical
        self._calibration = calibration

    def nearest(self, asked: Asked, k: int, allowed: Rows | None = None) -> list[Neighbour]:
        """Return the `k` rows most similar to what is asked, best first; fewer only where there are no more.

        Candidates are the nearest of each leg in each language, so that neither words nor the query's own
        language can hide the others. Their scores are exact.

        Args:
            asked: A text.
            k: How many.
            allowed: Only these rows, ascending; None: all.
        """
        words = self._lexical.scores(self._lexical.question(asked.text))
        rows = self._candidates(asked.vector, words, k + DEPTH, allowed)
        calibration = self._calibration
        group = self._group_of(asked)
        others = calibration.groups.each()[rows]
        cosine = cosines_with(self._vectors[rows], asked.vector)
        usual = np.zeros(len(rows))
        if calibration.calibrated:
            own = self._usual_of(asked, words, group)
            usual = 0.5 * (own[others] + calibration.usual_to(group)[rows])
        scores = calibration.scores(
            calibration.fused(cosine, words[rows], group, others), usual, group, others
        )
        best = np.lexsort((rows, -scores))[:k]
        shares = calibration.similarities(scores[best], group, others[best])
        title = len(counted(asked.text)) <= LONGEST_TITLE
        labels = calibration.labels(cosine[best], group, others[best], title=title)
        return neighbours(rows[best], scores[best], shares, labels)

    def _candidates(self, vector: Vectors, words: Values, n: int, allowed: Rows | None) -> Rows:
        found = []
        groups = self._calibration.groups
        for group in range(len(groups)):
            rows = groups.rows(group)
            if allowed is not None:
                rows = np.intersect1d(rows, allowed, assume_unique=True)
            if len(rows) <= n:
                found.append(rows)
                continue
            found.append(self._index.search(vector[None], n, rows).rows[0])
            if self._calibration.weights.any():
                found.append(rows[np.argpartition(-words[rows], n)[:n]])
        return np.unique(np.concatenate(found)).astype(np.int64)

    def _group_of(self, asked: Asked) -> int:
        groups = self._calibration.groups
        return groups.group_of(asked.language) if asked.row is None else int(groups.each()[asked.row])

    def _usual_of(self, asked: Asked, words: Values, group: int) -> Values:
        """Return the mean fused likeness of a text with the rows of each group."""
        if asked.row is not None:
            own: Values = self._calibration.usual[asked.row].astype(np.float64)
            return own
        groups = self._calibration.groups
        near = self._calibration.centres.astype(np.float64) @ asked.vector.astype(np.float64)
        shared = np.array([words[groups.rows(group)].mean() for group in range(len(groups))])
        return self._calibration.fused(near, shared, group, np.arange(len(groups)))


def neighbours(rows: Rows, scores: Values, shares: Values, labels: Rows) -> list[Neighbour]:
    """Return rows with their scores, similarities and the numbers of their labels, one by one."""
    named = (LABELS[number] for number in labels.tolist())
    found = zip(rows.tolist(), scores.tolist(), shares.tolist(), named, strict=True)
    return [Neighbour(*entry) for entry in found]
