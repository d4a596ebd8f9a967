"""How alike the papers of a build are: cosines of random pairs and of neighbours, and its labels' steps."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from recommender.builds import Build
from recommender.label_words import LABEL_WORDS
from recommender.neighbour import Label
from recommender.vectors import Rows, Values, cosines

RANDOM_PAIRS = 40_000
PAPERS, PLACES = 2_000, 10  # whose neighbours are drawn, and how many of each
LABELLED = (Label.SAME_FIELD, Label.SAME_TOPIC, Label.NEAR_DUPLICATE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Likeness:
    """Of the pairs of one kind, all of one language or all of two.

    Attributes:
        random: Cosines of pairs drawn by chance (n,).
        nearest: Cosines of papers and their first neighbours (m,).
        steps: Label and the cosine from which on it is given, ascending; none where a build has no labels.
    """

    random: Values
    nearest: Values
    steps: Sequence[tuple[str, float]]


def likeness_of(build: Build) -> tuple[Likeness, Likeness]:
    """Return how alike papers of one language are, and papers of two; the same of one build every time.

    Raises:
        BuildError: The build is damaged.
    """
    calibration, vectors = build.search.calibration, build.search.vectors
    group = calibration.groups.each()
    chance = np.random.default_rng(0)
    n = len(vectors)
    random = chance.integers(n, size=(RANDOM_PAIRS, 2))
    random = random[random[:, 0] != random[:, 1]]
    asked = np.sort(chance.choice(n, min(PAPERS, n), replace=False)).tolist()
    near = [(row, other.row) for row in asked for other in build.neighbours.of(row, PLACES)]
    nearest = np.array(near, dtype=np.int64).reshape(-1, 2)
    levels = calibration.levels.papers if calibration.levels else None

    def part(is_same: bool, steps: Sequence[float]) -> Likeness:
        def of(pairs: Rows) -> Values:
            left, right = pairs[(group[pairs[:, 0]] == group[pairs[:, 1]]) == is_same].T
            return cosines(vectors, left, right)

        named = [(LABEL_WORDS[label], step) for label, step in zip(LABELLED, steps, strict=False)]
        return Likeness(random=of(random), nearest=of(nearest), steps=named)

    return part(True, levels.within if levels else ()), part(False, levels.across if levels else ())
