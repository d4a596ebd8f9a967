"""From how alike two papers are to a word for it: steps learnt from pairs that people know to be alike.

A corpus tells what is rare in it (the similarity), but not what is similar: in a journal of one field even
random papers are of the same field. So the steps are learnt from the graded pairs of the bundled sample,
once for two papers of one language and once for two languages. They are compared by what papers are ranked
by, words and vectors weighted as in the corpus, so that labels fall as ranks do; but that a paper is like
all others of its corpus is not taken away from it, as it is from a score. That two papers are near-duplicates
sounds like a reproach: hardly any pair of the same topic may be called so, and in one language two texts that
have few words in common are not, however much they say the same. Of a title, and of a text in a language that
no paper is in, words say too little: their labels go by the cosine of the vectors.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import floor

import numpy as np

from recommender.neighbour import Label
from recommender.paper import Paper
from recommender.vectors import DECIMALS, Flags, Rows, Values, Vectors, cosines

ERROR, GRAVE_ERROR = 0.05, 0.002  # of the pairs that are less alike, so many may get a label, or the last
SAME_WORK = 3  # the highest grade
WEAKEST, STRONGEST = 0.1, 10.0  # no leg is ever left alone by its strength


@dataclass(frozen=True, slots=True)
class Steps:
    """From where on two texts are called of the same field, the same topic, near-duplicates.

    A title has the first two only: it is no near-duplicate of a paper.

    Attributes:
        within: Two texts of one language, ascending.
        across: Two texts of different languages, ascending.
    """

    within: tuple[float, ...]
    across: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Levels:
    """What the labels of a corpus go by.

    Attributes:
        topics: Likenesses of two papers, and of any text as long as an abstract, see `Calibration.likeness`,
            with what they gain by neighbours in common; the same field and the same topic.
        papers: Likewise without; near-duplicates go by the last of them.
        texts: Cosines of such a text, in a language that no paper is in, and a paper.
        titles: Cosines of a title or a few words and a paper: so little text is less like anything.
        words: The lexical cosine that near-duplicates of one language have at least.
    """

    topics: Steps
    papers: Steps
    texts: Steps
    titles: Steps
    words: float


@dataclass(frozen=True, slots=True)
class KnownPairs:
    """Papers of which it is known how alike they are.

    Attributes:
        papers: The papers, all of them with a text.
        graded: (one, other, grade): two positions among the papers, and 1 same field, 2 same topic, 3 same
            work. All other pairs are unrelated.
    """

    papers: Sequence[Paper]
    graded: Sequence[tuple[int, int, int]]


def steps_of(near: Values, own: Flags, grades: Rows, *, highest: int = SAME_WORK) -> Steps:
    """Return from where on each label is given, up to that of the highest grade.

    At most one in twenty pairs of the next lower grade reaches a step, one in five hundred the last. Where
    two grades lie further apart than that, the step lies in the middle between them.

    Args:
        near: How alike pairs of every grade are (n,).
        own: Whether each is of one language (n,).
        grades: Of each (n,).
        highest: The last grade that has a label.

    Raises:
        ValueError: There are no pairs of some grade, within a language or across.
    """
    within, across = (_steps(near[part], grades[part], highest) for part in (own, ~own))
    return Steps(within, across)


def words_of_versions(words: Values, own: Flags, grades: Rows) -> float:
    """Return the lexical cosine that nearly all versions of a work in one language have at least.

    Args:
        words: The lexical cosines of pairs (n,).
        own: Whether each is of one language (n,).
        grades: Of each (n,).

    Raises:
        ValueError: There are no versions.
    """
    of_versions = words[own & (grades == SAME_WORK)]
    if not len(of_versions):
        raise ValueError(f"no known pairs of grade {SAME_WORK} within a language")
    least = float(np.quantile(of_versions, GRAVE_ERROR, method="lower"))
    return floor(100 * least) / 100  # no finer than a few dozen pairs can tell


def strength_of(known: KnownPairs, papers: Vectors) -> float:
    """Return how far the vectors part related papers of one language from unrelated ones.

    That is how much higher the mean cosine of pairs of the same field or topic lies (versions of one work
    are found by anything), in standard deviations of unrelated pairs; from `WEAKEST` to `STRONGEST`.

    Args:
        known: Pairs of one language, related ones and others.
        papers: (n, dim), the known papers.
    """
    left, right, own, graded = pairs_of(known)
    near = cosines(papers, left[own], right[own])
    related, unrelated = (near[np.isin(graded[own], grades)] for grades in ((1, 2), (0,)))
    apart = float(related.mean() - unrelated.mean()) / max(float(unrelated.std()), 10.0**-DECIMALS)
    return round(min(max(apart, WEAKEST), STRONGEST), DECIMALS)


def pairs_of(known: KnownPairs) -> tuple[Rows, Rows, Flags, Rows]:
    """Return all pairs of different known papers: two positions, whether of one language, and the grade."""
    n = len(known.papers)
    grades = np.zeros((n, n), dtype=np.int64)
    for one, other, grade in known.graded:
        grades[one, other] = grades[other, one] = grade
    names = np.array([paper.language for paper in known.papers])
    left, right = np.nonzero(~np.eye(n, dtype=bool))
    return left, right, names[left] == names[right], grades[left, right]


def labels(steps: Steps, near: Values, own: Flags) -> Rows:
    """Return the number of the label of each pair (n,).

    Args:
        steps: What it goes by.
        near: How alike each is (n,).
        own: Whether it is of one language (n,).
    """
    within = np.searchsorted(steps.within, near, side="right")
    across = np.searchsorted(steps.across, near, side="right")
    return np.where(own, within, across) + int(Label.UNRELATED)


def _steps(near: Values, grades: Rows, highest: int) -> tuple[float, ...]:
    steps: list[float] = []
    for grade in range(1, highest + 1):
        lower, own = near[grades == grade - 1], near[grades == grade]
        if not len(lower) or not len(own):
            raise ValueError(f"no known pairs of grade {grade} or {grade - 1} within, or across, languages")
        error = GRAVE_ERROR if grade == SAME_WORK else ERROR
        top, bottom = np.quantile(lower, 1 - error), np.quantile(own, ERROR)
        steps.append(round(float(max(top, (top + bottom) / 2, *steps)), 6))
    return tuple(steps)
