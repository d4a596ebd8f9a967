"""The queries that were answered worst, with what was found and what was missed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from recommender.evaluation.judgements import Qrels, Run
from recommender.evaluation.metrics import Metric

METRIC = Metric("nDCG", 10)


@dataclass(frozen=True, slots=True)
class Listed:
    """A paper of a list, its title ("" where it is not in the corpus) and its grade, None if not judged."""

    id: str
    title: str
    grade: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WorstQuery:
    """One query.

    Attributes:
        id, title: Of the query.
        ndcg: Its nDCG@10.
        found: The ten papers that were found, best first.
        missed: The similar papers that are not among them, highest grade first, then by id.
    """

    id: str
    title: str
    ndcg: float
    found: tuple[Listed, ...]
    missed: tuple[Listed, ...]


def worst(qrels: Qrels, run: Run, n: int, titles: Mapping[str, str]) -> tuple[WorstQuery, ...]:
    """Return the `n` queries with the lowest nDCG@10, worst first, ties by id.

    Args:
        qrels: The judgements; a query without a similar paper takes no part.
        run: The rankings.
        n: How many.
        titles: Of queries and papers.
    """
    values = METRIC.per_query(qrels, run)
    return tuple(
        _told(query, values[query], qrels, run, titles)
        for query in sorted(values, key=lambda query: (values[query], query))[:n]
    )


def _told(query: str, ndcg: float, qrels: Qrels, run: Run, titles: Mapping[str, str]) -> WorstQuery:
    grades = qrels[query]

    def listed(papers: Iterable[str]) -> tuple[Listed, ...]:
        return tuple(Listed(paper, titles.get(paper, ""), grades.get(paper)) for paper in papers)

    found = run.get(query, ())[: METRIC.k]
    missed = METRIC.relevant(grades).keys() - set(found)
    by_grade = sorted(missed, key=lambda paper: (-grades[paper], paper))
    return WorstQuery(
        id=query, title=titles.get(query, ""), ndcg=ndcg, found=listed(found), missed=listed(by_grade)
    )
