"""Same-language bias: whether more of the nearest papers are in the query's language than of the relevant."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from statistics import fmean

import numpy as np

from recommender.evaluation.intervals import Difference, Estimate, bootstrap, paired_difference
from recommender.evaluation.judgements import Qrels, Run

NEAREST = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnLanguageReport:
    """Shares of papers that are in the language of their query, averaged over queries.

    Only queries with relevant papers in their own language and in another one count, so that every one of
    them could be answered in either. Papers of which the language is not known are in no share.

    Attributes:
        n_queries: Such queries that were answered.
        n_unanswered: Such queries that were not; they have no share.
        nearest: Of the ten nearest papers.
        relevant: Of the relevant papers.
        bias: `nearest` less `relevant`, paired by query: above 0, the own language is preferred.
        baseline: Of the ten nearest of the baseline, over those of these queries that it answers.
        chance: Of the whole corpus.
    """

    n_queries: int
    n_unanswered: int
    nearest: Estimate
    relevant: Estimate
    bias: Difference
    baseline: Estimate | None
    chance: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Languages:
    """The language of every query and of every paper that can be ranked, "" where it is not known."""

    queries: Mapping[str, str]
    papers: Mapping[str, str]

    def share(self, query: str, papers: Iterable[str]) -> float | None:
        """Return the share of `papers` in the language of `query`; None: no language of them is known."""
        known = [language for paper in papers if (language := self.papers.get(paper))]
        return known.count(self.queries[query]) / len(known) if known else None


def own_language(
    relevant: Qrels, run: Run, languages: Languages, *, baseline: Run | None, seed: int
) -> OwnLanguageReport | None:
    """Compare the nearest papers with the relevant ones; None: no query could be answered in either.

    Args:
        relevant: For every query its relevant papers alone.
        run: The rankings.
        languages: Of queries and papers.
        baseline: Rankings of another system.
        seed: Of the resamples.
    """
    wanted = {
        query: share
        for query, papers in relevant.items()
        if languages.queries.get(query) and (share := languages.share(query, papers)) and share < 1
    }
    found = _shares(wanted, run, languages)
    if not found:
        return None
    theirs = {} if baseline is None else _shares(found, baseline, languages)
    nearest, shares = [*found.values()], [wanted[query] for query in found]
    return OwnLanguageReport(
        n_queries=len(found),
        n_unanswered=len(wanted) - len(found),
        nearest=bootstrap(nearest, np.random.default_rng(seed)),
        relevant=bootstrap(shares, np.random.default_rng(seed)),
        bias=paired_difference(nearest, shares, np.random.default_rng(seed)),
        baseline=bootstrap([*theirs.values()], np.random.default_rng(seed)) if theirs else None,
        chance=_chance(found, languages),
    )


def _shares(queries: Iterable[str], run: Run, languages: Languages) -> dict[str, float]:
    shares = ((query, languages.share(query, run.get(query, ())[:NEAREST])) for query in queries)
    return {query: share for query, share in shares if share is not None}


def _chance(queries: Iterable[str], languages: Languages) -> float:
    """Return the mean share of all papers but the query that are in the query's language."""
    known = [language for language in languages.papers.values() if language]
    counts = {language: known.count(language) for language in set(languages.queries.values())}
    shares = []
    for query in queries:
        itself = bool(languages.papers.get(query))
        shares.append((counts[languages.queries[query]] - itself) / (len(known) - itself))
    return fmean(shares)
