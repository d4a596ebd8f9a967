"""Metrics of one ranking: pure functions, and `Metric`, which applies one of them to a whole run.

In every function `ranked` holds distinct paper ids, best first, and at least one paper is relevant.
What is not ranked was not found. The values equal those of `ir_measures`.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import log2
from typing import Literal

from recommender.evaluation.judgements import Grades, Qrels, Run

Kind = Literal["recall", "hit", "precision", "MRR", "MAP", "nDCG"]
Formula = Callable[[Sequence[str], Grades, int], float]


def recall(ranked: Sequence[str], relevant: Collection[str], k: int) -> float:
    """Return the share of the relevant papers found in the first `k`.

    >>> recall(["a", "b", "c"], {"a", "z"}, k=2)
    0.5
    """
    return sum(paper in relevant for paper in ranked[:k]) / len(relevant)


def hit(ranked: Sequence[str], relevant: Collection[str], k: int) -> float:
    """Return 1 where any relevant paper is in the first `k`, else 0.

    >>> hit(["a", "b", "c"], {"c"}, k=2), hit(["a", "b", "c"], {"c"}, k=3)
    (0.0, 1.0)
    """
    return float(any(paper in relevant for paper in ranked[:k]))


def precision(ranked: Sequence[str], relevant: Collection[str], k: int) -> float:
    """Return the share of `k` places that hold a relevant paper; an empty place holds none.

    >>> precision(["a", "b"], {"a", "b", "z"}, k=4)
    0.5
    """
    return sum(paper in relevant for paper in ranked[:k]) / k


def reciprocal_rank(ranked: Sequence[str], relevant: Collection[str], k: int) -> float:
    """Return one over the rank of the first relevant paper, 0 where the first `k` hold none.

    >>> reciprocal_rank(["a", "b", "c", "d"], {"d", "b"}, k=10)
    0.5
    """
    ranks = (rank for rank, paper in enumerate(ranked[:k], start=1) if paper in relevant)
    return 1 / next(ranks, float("inf"))


def average_precision(ranked: Sequence[str], relevant: Collection[str], k: int) -> float:
    """Return the mean, over all relevant papers, of the precision at their rank; 0 for one beyond `k`.

    >>> average_precision(["a", "b", "c"], {"a", "c", "y", "z"}, k=3) == (1 / 1 + 2 / 3) / 4
    True
    """
    ranks = [rank for rank, paper in enumerate(ranked[:k], start=1) if paper in relevant]
    return sum(found / rank for found, rank in enumerate(ranks, start=1)) / len(relevant)


def ndcg(ranked: Sequence[str], grades: Grades, k: int) -> float:
    """Return the discounted gain of the first `k` as a share of the best possible: gain = grade.

    >>> ndcg(["a", "b"], {"a": 1, "b": 3}, k=2) == (1 + 3 / log2(3)) / (3 + 1 / log2(3))
    True
    """
    return discounted(grades.get(paper, 0) for paper in ranked[:k]) / ideal(grades, k)


def ideal(grades: Grades, k: int) -> float:
    """Return the discounted gain of the best ranking, best grades first, cut at `k`.

    >>> ideal({"a": 1, "b": 3, "c": 2, "d": 0}, k=2) == 3 + 2 / log2(3)
    True
    """
    return discounted(sorted(grades.values(), reverse=True)[:k])


def discounted(gains: Iterable[int]) -> float:
    """Return the sum of the gains, each over the binary logarithm of its rank plus one; below 0 counts 0.

    >>> discounted([3, 0, 2, -1])
    4.0
    """
    return sum(max(gain, 0) / log2(rank + 1) for rank, gain in enumerate(gains, start=1))


FORMULAS: Mapping[Kind, Formula] = {
    "recall": recall,
    "hit": hit,
    "precision": precision,
    "MRR": reciprocal_rank,
    "MAP": average_precision,
    "nDCG": ndcg,
}


@dataclass(frozen=True, slots=True)
class Metric:
    """A formula, how many places it looks at, and from which grade a paper is relevant to it.

    Raises:
        ValueError: `k` or `relevant_from` is below 1.
    """

    kind: Kind
    k: int
    relevant_from: int = 1

    def __post_init__(self) -> None:
        if self.k < 1 or self.relevant_from < 1:
            raise ValueError(f"k and relevant_from must be 1 or more, got {self.k} and {self.relevant_from}")

    @property
    def name(self) -> str:
        """How the metric is written: `recall@5`."""
        return f"{self.kind}@{self.k}"

    def relevant(self, grades: Grades) -> Grades:
        """Return the judged papers that are relevant to this metric."""
        return {paper: grade for paper, grade in grades.items() if grade >= self.relevant_from}

    def per_query(self, qrels: Qrels, run: Run) -> dict[str, float]:
        """Return the value of every query that has a relevant paper, in the order of `qrels`.

        A query that the run did not answer has the value 0; one without a relevant paper has none.

        >>> qrels = {"q": {"a": 2}, "r": {"a": 2}, "s": {"a": 1}}
        >>> Metric("hit", 1, relevant_from=2).per_query(qrels, {"q": ["a"]})
        {'q': 1.0, 'r': 0.0}
        """
        relevant = {query: self.relevant(grades) for query, grades in qrels.items()}
        formula = FORMULAS[self.kind]
        return {
            query: formula(run.get(query, ()), wanted, self.k) for query, wanted in relevant.items() if wanted
        }
