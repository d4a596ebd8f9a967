"""How alike the papers of a build are: scores of random pairs and of neighbours, and its labels' steps."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from recommender.builds import Build
from recommender.label_words import LABEL_WORDS
from recommender.neighbour import Label
from recommender.ranking.calibration import SHARES
from recommender.vectors import Values

RANDOM_PAIRS = 40_000
PAPERS, PLACES = 2_000, 10  # whose neighbours are drawn, and how many of each
LABELLED = (Label.SAME_FIELD, Label.SAME_TOPIC, Label.NEAR_DUPLICATE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Likeness:
    """Of the pairs of one kind, all of one language or all of two.

    Attributes:
        random: Scores spread as those of random pairs (n,).
        nearest: Scores of papers and their first neighbours (m,).
        steps: Label and the score from which on it is given to two papers that are as like all others as is
            usual, ascending; none where a build has no labels.
    """

    random: Values
    nearest: Values
    steps: Sequence[tuple[str, float]]


def likeness_of(build: Build) -> tuple[Likeness, Likeness]:
    """Return how alike papers of one language are, and papers of two; the same of one build every time.

    Raises:
        BuildError: The build is damaged.
    """
    calibration = build.search.calibration
    group, sizes = calibration.groups.each(), np.array(calibration.groups.sizes)
    n = len(group)
    asked = np.sort(np.random.default_rng(0).choice(n, min(PAPERS, n), replace=False)).tolist()
    near = [(row, *other[:2]) for row in asked for other in build.neighbours.of(row, PLACES)]
    left, right, scores = np.array(near, dtype=np.float64).reshape(-1, 3).T
    are_same = group[left.astype(np.int64)] == group[right.astype(np.int64)]
    levels = calibration.levels

    def part(is_same: bool, steps: Sequence[float]) -> Likeness:
        pairs = [(a, b) for a in range(len(sizes)) for b in range(len(sizes)) if (a == b) is is_same]
        random = [
            np.interp(np.linspace(0, 1, round(RANDOM_PAIRS * share)), SHARES, calibration.knots[a, b])
            for a, b in pairs
            if calibration.n_pairs[a, b] and (share := sizes[a] * sizes[b] / n**2)
        ]
        named = [(LABEL_WORDS[label], step) for label, step in zip(LABELLED, steps, strict=False)]
        return Likeness(
            random=np.concatenate([np.zeros(0), *random]), nearest=scores[are_same == is_same], steps=named
        )

    if not levels:
        return part(True, ()), part(False, ())
    topics, works = levels.topics, levels.papers
    return part(True, (*topics.within, works.within[-1])), part(False, (*topics.across, works.across[-1]))
