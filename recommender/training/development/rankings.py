"""What a ranking is worth: one value a query, from the rows of its nearest texts. Pure functions."""

from collections.abc import Iterator, Sequence, Set

import numpy as np
from numpy.typing import NDArray

from recommender.training.development.figures import Values
from recommender.vectors import Rows, Scores

SCORES_AT_ONCE = 8_000_000


def blocks(n_queries: int, n_corpus: int) -> Iterator[slice]:
    """Yield slices of the queries, so small that their scores against the whole corpus fit the memory."""
    step = max(1, SCORES_AT_ONCE // max(1, n_corpus))
    return (slice(start, min(start + step, n_queries)) for start in range(0, n_queries, step))


def best(scores: Scores, k: int, without: Rows | None = None) -> Rows:
    """Return the columns of the `k` highest scores of each line, best first, ties by column.

    Args:
        scores: One line a query (q, n); overwritten where `without` says so.
        k: How many; fewer come only where there are no more.
        without: Distinct columns that are no answer to their line (q, m), such as the query itself.
    """
    k = min(k, scores.shape[1])
    if without is not None:
        np.put_along_axis(scores, without, -np.inf, axis=1)
        k = min(k, scores.shape[1] - without.shape[1])
    if k == 1:
        return np.asarray(scores.argmax(axis=1)[:, None], dtype=np.int64)
    lowest = np.partition(scores, -k, axis=1)[:, -k]
    found = np.empty((len(scores), k), dtype=np.int64)
    for place, line in enumerate(scores):
        columns = np.flatnonzero(line >= lowest[place])
        found[place] = columns[np.argsort(-line[columns], kind="stable")[:k]]
    return found


def first_is_own(nearest: Rows, answers: Sequence[str], corpus: Sequence[str]) -> Values:
    """Return 1 for each query whose nearest text reads as its own answer does, else 0 (R@1)."""
    firsts = nearest[:, 0].tolist()
    return np.array([corpus[row] == answer for row, answer in zip(firsts, answers, strict=True)], dtype=float)


def precision_of_label(nearest: Rows, own: Sequence[str], labels: Sequence[str]) -> Values:
    """Return for each query the share of its nearest that carry its own label (P@k).

    Args:
        nearest: Rows of the corpus (q, k).
        own: The label of each query.
        labels: The label of each text of the corpus.
    """
    return _shares(np.asarray(labels)[nearest] == np.asarray(own)[:, None])


def recall_of_related(nearest: Rows, related: Sequence[Set[int]]) -> Values:
    """Return for each query the share of its related rows found among its nearest (R@k).

    Raises:
        ValueError: A query has nothing that could be found.
    """
    if not all(related):
        raise ValueError("a query without a related text has no recall")
    return np.array(
        [len(rows & set(found)) / len(rows) for rows, found in zip(related, nearest.tolist(), strict=True)]
    )


def overlap_of_sets(nearest: Rows, own: Sequence[Set[str]], corpus: Sequence[Set[str]]) -> Values:
    """Return for each query the mean Jaccard overlap of its set with those of its nearest."""
    return np.array(
        [
            np.mean([len(ours & corpus[row]) / len(ours | corpus[row]) for row in rows])
            for ours, rows in zip(own, nearest.tolist(), strict=True)
        ]
    )


def sharing(sets: Sequence[Set[str]]) -> list[set[int]]:
    """Return for each row the other rows whose sets have an element in common with its own.

    >>> sharing([{"x"}, {"x", "y"}, {"y"}, {"z"}])
    [{1}, {0, 2}, {1}, set()]
    """
    holders: dict[str, set[int]] = {}
    for row, elements in enumerate(sets):
        for element in elements:
            holders.setdefault(element, set()).add(row)
    return [
        set().union(*(holders[element] for element in elements)) - {row} for row, elements in enumerate(sets)
    ]


def _shares(hits: NDArray[np.bool_]) -> Values:
    shares: Values = hits.mean(axis=1, dtype=np.float64)
    return shares
