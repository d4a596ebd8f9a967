"""Maximal marginal relevance: near the question, and not like what is already in the list.

Carbonell and Goldstein, The use of MMR, diversity-based reranking, SIGIR 1998.
"""

from collections.abc import Callable, Sequence

import numpy as np

from recommender.vectors import Values


def spread(scores: Sequence[float], likeness: Callable[[int], Values], k: int, diversity: float) -> list[int]:
    """Return the places of `k` candidates in the order they are taken.

    Args:
        scores: Of each candidate with the question (n,), on the scale of the likeness.
        likeness: Given the place of a candidate, its score with each candidate (n,).
        k: How many.
        diversity: From 0, by the scores alone, to 1.
    """
    relevance = (1 - diversity) * np.asarray(scores, dtype=np.float64)
    closest = np.full(len(scores), -np.inf)
    left = np.ones(len(scores), dtype=bool)
    taken: list[int] = []
    while len(taken) < min(k, len(scores)):
        penalty = diversity * closest if taken else 0.0
        place = int(np.argmax(np.where(left, relevance - penalty, -np.inf)))
        taken.append(place)
        left[place] = False
        closest = np.maximum(closest, likeness(place))
    return taken
