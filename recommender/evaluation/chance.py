"""What a random ranking would score: the exact expectation of every metric, in closed form.

In every formula all `n` candidates are ranked at random, `grades` holds the relevant papers, and `findable`
the grades of those that are among the candidates: a paper that is not in the corpus cannot be found.
"""

from collections.abc import Callable, Mapping, Sequence, Set
from itertools import accumulate, pairwise

from recommender.evaluation.judgements import Grades
from recommender.evaluation.metrics import Kind, Metric, discounted, ideal

Expectation = Callable[[Grades, Sequence[int], int, int], float]


def level(metric: Metric, query: str, grades: Grades, corpus: Set[str]) -> float:
    """Return the expected value of `metric` for a random ranking of the corpus without the query.

    >>> level(Metric("recall", 2), "q", {"a": 1, "b": 1}, {"q", "a", "b", "c", "d"})
    0.5

    Raises:
        ValueError: No judged paper is relevant to the metric.
    """
    relevant = metric.relevant(grades)
    if not relevant:
        raise ValueError(f"query {query!r} has no paper that is relevant to {metric.name}")
    findable = [grade for paper, grade in relevant.items() if paper in corpus]
    n = len(corpus) - (query in corpus)
    return EXPECTATIONS[metric.kind](relevant, findable, n, metric.k) if findable else 0.0


def recall(grades: Grades, findable: Sequence[int], n: int, k: int) -> float:
    """Expect every findable paper in the first `k` of `n` with probability k / n.

    >>> recall({"a": 1, "b": 1}, [1, 1], n=10, k=5)
    0.5
    """
    return len(findable) / len(grades) * min(k, n) / n


def hit(_: Grades, findable: Sequence[int], n: int, k: int) -> float:
    """Expect a hit unless all `k` are drawn from the others (hypergeometric).

    >>> hit({"a": 1, "b": 1}, [1, 1], n=4, k=2) == 1 - (2 / 4) * (1 / 3)
    True
    """
    return 1 - _none_within(len(findable), n, k)[-1]


def precision(_: Grades, findable: Sequence[int], n: int, k: int) -> float:
    """Expect the share of relevant papers among all, in every place that can be filled.

    >>> precision({"a": 1}, [1], n=4, k=2)
    0.25
    """
    return len(findable) / n * min(k, n) / k


def reciprocal_rank(_: Grades, findable: Sequence[int], n: int, k: int) -> float:
    """Expect 1 / rank times the probability that the first relevant paper has that rank.

    >>> reciprocal_rank({"a": 1}, [1], n=4, k=2) == (1 / 4) / 1 + (1 / 4) / 2
    True
    """
    steps = pairwise(_none_within(len(findable), n, k))
    return sum((before - after) / rank for rank, (before, after) in enumerate(steps, start=1))


def average_precision(grades: Grades, findable: Sequence[int], n: int, k: int) -> float:
    """Expect, at each rank, a relevant paper and the usual share of the other relevant ones above it.

    >>> average_precision({"a": 1}, [1], n=4, k=2) == (1 / 4) / 1 + (1 / 4) / 2
    True
    """
    others = (len(findable) - 1) / max(n - 1, 1)
    found = sum((1 + (rank - 1) * others) / rank for rank in range(1, min(k, n) + 1))
    return len(findable) / n * found / len(grades)


def ndcg(grades: Grades, findable: Sequence[int], n: int, k: int) -> float:
    """Expect the mean grade in every place.

    >>> ndcg({"a": 3}, [3], n=6, k=1)
    0.16666666666666666
    """
    return sum(findable) / n * discounted([1] * min(k, n)) / ideal(grades, k)


EXPECTATIONS: Mapping[Kind, Expectation] = {
    "recall": recall,
    "hit": hit,
    "precision": precision,
    "MRR": reciprocal_rank,
    "MAP": average_precision,
    "nDCG": ndcg,
}


def _none_within(relevant: int, n: int, k: int) -> list[float]:
    """Return, for 0, 1, … k drawn without replacement, the probability that none of them is relevant."""
    others = ((n - relevant - drawn) / (n - drawn) for drawn in range(min(k, n)))
    return [max(0.0, probability) for probability in accumulate(others, float.__mul__, initial=1.0)]
