"""Evaluate a run against judgements: every metric with interval, chance and baseline, split by language."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from statistics import fmean

import numpy as np

from recommender.errors import UsageError
from recommender.evaluation import chance
from recommender.evaluation.intervals import Difference, Estimate, bootstrap, paired_difference
from recommender.evaluation.judgements import Qrels, Run
from recommender.evaluation.metrics import Metric
from recommender.evaluation.report import (
    DEFAULT,
    RANK_CUTOFF,
    Conditions,
    LanguagePairReport,
    MetricReport,
    Report,
)

UNKNOWN = "und"  # ISO 639-2: the language could not be determined


def evaluate(
    qrels: Qrels,
    run: Run,
    *,
    languages: Mapping[str, str],
    baseline: Run | None = None,
    conditions: Conditions = DEFAULT,
) -> Report:
    """Measure `run`, and beside it `baseline`, against `qrels`.

    Args:
        qrels: The judgements. A query without a similar paper takes no part.
        run: The rankings, at least `conditions.depth` long where there is as much to rank.
        languages: The language of every paper of the corpus, "" where it is not known. A paper is in the
            corpus if it could be ranked: one without text is not.
        baseline: Rankings of another system for the same queries.
        conditions: What the numbers depend on besides the data.

    Raises:
        UsageError: No judgement has a grade from which papers are relevant.
        ValueError: A ranking holds its query, a paper twice, or a paper that is not in the corpus.
    """
    for rankings in (run, baseline or {}):
        _refuse_broken(rankings, languages)
    relevant_from = _relevant_from(qrels, conditions)
    judged = {query: grades for query, grades in qrels.items() if max(grades.values(), default=0) >= 1}
    named = dict.fromkeys(paper for query, grades in qrels.items() for paper in (query, *grades))
    comparison = _Comparison(run, baseline, languages, conditions.seed)
    metrics = _metrics(conditions.k, relevant_from)
    return Report(
        conditions=replace(conditions, relevant_from=relevant_from),
        n_papers=len(languages),
        n_queries=len(judged),
        n_unanswered=sum(not run.get(query) for query in judged),
        missing=tuple(paper for paper in named if paper not in languages),
        metrics=tuple(comparison.measured(metric, judged) for metric in metrics),
        language_pairs=comparison.by_language_pair(metrics[0], judged),
    )


def _metrics(k: int, relevant_from: int) -> tuple[Metric, ...]:
    return (
        Metric("recall", k, relevant_from),
        Metric("hit", k, relevant_from),
        Metric("MRR", RANK_CUTOFF, relevant_from),
        Metric("nDCG", RANK_CUTOFF),
    )


def _relevant_from(qrels: Qrels, conditions: Conditions) -> int:
    highest = max((grade for grades in qrels.values() for grade in grades.values()), default=0)
    chosen = conditions.relevant_from
    relevant_from = (2 if highest >= 2 else 1) if chosen is None else chosen
    if highest < relevant_from:
        raise UsageError(
            f"no judgement has grade {relevant_from} or more, the highest is {highest}; nothing is relevant"
        )
    return relevant_from


@dataclass(frozen=True, slots=True)
class _Comparison:
    """The two runs and the corpus they rank."""

    run: Run
    baseline: Run | None
    languages: Mapping[str, str]
    seed: int

    def measured(self, metric: Metric, qrels: Qrels) -> MetricReport:
        system = metric.per_query(qrels, self.run)
        baseline = None if self.baseline is None else metric.per_query(qrels, self.baseline)
        levels = [chance.level(metric, query, qrels[query], self.languages.keys()) for query in system]
        return MetricReport(
            metric=metric.name,
            relevant_from=metric.relevant_from,
            n_queries=len(system),
            n_left_out=len(qrels) - len(system),
            chance=fmean(levels),
            system=self._estimate(system),
            baseline=None if baseline is None else self._estimate(baseline),
            difference=None if baseline is None else self._difference(system, baseline),
        )

    def by_language_pair(self, recall: Metric, qrels: Qrels) -> tuple[LanguagePairReport, ...]:
        split: dict[tuple[str, str], dict[str, dict[str, int]]] = {}
        for query, grades in qrels.items():
            for paper, grade in recall.relevant(grades).items():
                pair = self._language(query), self._language(paper)
                split.setdefault(pair, {}).setdefault(query, {})[paper] = grade
        reports = [
            LanguagePairReport(query_language=one, paper_language=other, recall=self.measured(recall, part))
            for (one, other), part in split.items()
        ]
        return tuple(sorted(reports, key=lambda report: (-report.recall.n_queries, report.name)))

    def _language(self, paper: str) -> str:
        return self.languages.get(paper) or UNKNOWN

    def _estimate(self, values: Mapping[str, float]) -> Estimate:
        return bootstrap([*values.values()], self._generator())

    def _difference(self, system: Mapping[str, float], baseline: Mapping[str, float]) -> Difference:
        return paired_difference([*system.values()], [*baseline.values()], self._generator())

    def _generator(self) -> np.random.Generator:
        return np.random.default_rng(self.seed)  # anew each time: one metric more does not change the others


def _refuse_broken(run: Run, languages: Mapping[str, str]) -> None:
    for query, ranked in run.items():
        if query in ranked or len(set(ranked)) != len(ranked):
            raise ValueError(f"the ranking of {query!r} holds the query itself or a paper twice")
        if strangers := [paper for paper in ranked if paper not in languages]:
            raise ValueError(
                f"the ranking of {query!r} holds papers that are not in the corpus: {strangers[:5]}"
            )
