"""One scale for every pair of languages, from pairs of papers whose topics are the same in all of them.

Papers of one language are more alike than papers of two, by their words and mostly by their vectors, and
their likeness lies further apart. How alike pairs are on the average, and how far the best of them reach
beyond it, is told pair of languages by pair of languages; where there are few papers of some, nearer to all
pairs of their kind: of one language, or of two.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from recommender.ranking.groups import OTHERS
from recommender.ranking.known import Languages, Legs
from recommender.vectors import Values

REACH = 0.99
SMALLEST_REACH = 1e-3  # of scores in [-1, 1]: nothing is stretched without end
PRIOR_PAIRS = 200  # so many pairs weigh what is told by all of the kind


@dataclass(frozen=True, slots=True)
class Scale:
    """What is told of pairs of papers.

    Attributes:
        within: The weight of the words in pairs of one language.
        across: Likewise, of two languages.
        counts: How many pairs there are of some languages.
        means: The mean of their two legs (2,).
        reaches: The 99th percentile of how much more alike than on the average they are, words and vectors
            mixed (1,).
    """

    within: float
    across: float
    counts: Mapping[Languages, int]
    means: Mapping[Languages, Values]
    reaches: Mapping[Languages, Values]

    @classmethod
    def of(cls, legs: Legs, *, within: float, across: float) -> Self:
        """Learn from pairs.

        Args:
            legs: Of the pairs.
            within: The weight of the words in pairs of one language.
            across: Likewise, of two languages.
        """
        told = {languages: values for languages, values in legs.items() if values.size}
        counts = {languages: values.shape[1] for languages, values in told.items()}
        means = {languages: values.mean(axis=1) for languages, values in told.items()}
        scale = cls(within, across, counts, means, {})
        reaches = {
            languages: np.quantile(scale.beyond_usual(languages, values), [REACH])
            for languages, values in told.items()
        }
        return replace(scale, reaches=reaches)

    def usual(self, languages: Languages) -> Values:
        """Return how alike papers of two languages are on the average, by both legs (2,)."""
        return self._of_kind(self.means, languages, np.zeros(2))

    def beyond_usual(self, languages: Languages, legs: Values) -> Values:
        """Return how much more alike than that pairs of two languages are (n,), given both legs (2, n)."""
        weight = self.within if is_one(languages) else self.across
        more: Values = np.array([1 - weight, weight]) @ (legs - self.usual(languages)[:, None])
        return more

    def reach(self, languages: Languages) -> float:
        """Return how far beyond that the best of them reach."""
        return max(float(self._of_kind(self.reaches, languages, np.ones(1))[0]), SMALLEST_REACH)

    def _of_kind(self, told: Mapping[Languages, Values], languages: Languages, otherwise: Values) -> Values:
        kind = [other for other in told if is_one(other) == is_one(languages)]
        if not kind:
            return otherwise
        pool = np.average(
            [told[other] for other in kind], axis=0, weights=[self.counts[other] for other in kind]
        )
        n = self.counts.get(languages, 0)
        own: Values = (n * told.get(languages, pool) + PRIOR_PAIRS * pool) / (n + PRIOR_PAIRS)
        return own


def languages_of(one: str, other: str) -> Languages:
    """Return the languages of a pair of papers, in either order."""
    return min(one, other), max(one, other)


def is_one(languages: Languages) -> bool:
    """Tell whether two papers are of one language; small languages that share a group are not."""
    one, other = languages
    return one == other != OTHERS
