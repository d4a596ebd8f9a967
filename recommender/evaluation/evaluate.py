"""Evaluate a run against judgements: every metric with interval, chance and baseline; recall by groups."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from statistics import fmean

import numpy as np

from recommender.errors import UsageError
from recommender.evaluation import chance
from recommender.evaluation.intervals import Difference, Estimate, bootstrap, paired_difference
from recommender.evaluation.judgements import Qrels, Run
from recommender.evaluation.metrics import Metric
from recommender.evaluation.own_language import Languages, OwnLanguageReport, own_language
from recommender.evaluation.report import (
    DEFAULT,
    RANK_CUTOFF,
    Conditions,
    GroupReport,
    LanguagePairReport,
    MetricReport,
    Report,
)

UNKNOWN = "und"  # ISO 639-2: the language could not be determined


@dataclass(frozen=True, slots=True, kw_only=True)
class Queries:
    """What is known of the queries beside their judgements.

    Attributes:
        languages: Where they are texts, the language of each; None: they are papers of the corpus.
        groups: Name of a split, such as "length", to the group of each query; groups are reported in the
            order in which they first come.
    """

    languages: Mapping[str, str] | None = None
    groups: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


PAPERS = Queries()


def evaluate(
    qrels: Qrels,
    run: Run,
    *,
    languages: Mapping[str, str],
    baseline: Run | None = None,
    conditions: Conditions = DEFAULT,
    queries: Queries = PAPERS,
) -> Report:
    """Measure `run`, and beside it `baseline`, against `qrels`.

    Args:
        qrels: The judgements. A query without a similar paper takes no part.
        run: The rankings, at least `conditions.depth` long where there is as much to rank.
        languages: The language of every paper of the corpus, "" where it is not known. A paper is in the
            corpus if it could be ranked: one without text is not.
        baseline: Rankings of another system for the same queries.
        conditions: What the numbers depend on besides the data.
        queries: What is known of the queries.

    Raises:
        UsageError: No judgement has a grade from which papers are relevant.
        ValueError: A ranking holds its query, a paper twice, or a paper that is not in the corpus.
    """
    for rankings in (run, baseline or {}):
        _refuse_broken(rankings, languages)
    lowest = _lowest(qrels, conditions)
    judged = {query: grades for query, grades in qrels.items() if max(grades.values(), default=0) >= 1}
    are_papers = queries.languages is None
    named = dict.fromkeys(
        paper for query, grades in qrels.items() for paper in ([query] * are_papers + [*grades])
    )
    asked_in = languages if queries.languages is None else queries.languages
    comparison = _Comparison(run, baseline, Languages(queries=asked_in, papers=languages), conditions.seed)
    metrics = metrics_of(conditions.k, lowest)
    return Report(
        conditions=replace(conditions, relevant_from=lowest),
        n_papers=len(languages),
        n_queries=len(judged),
        n_unanswered=sum(not run.get(query) for query in judged),
        missing=tuple(paper for paper in named if paper not in languages),
        metrics=tuple(comparison.measured(metric, judged) for metric in metrics),
        language_pairs=comparison.by_language_pair(metrics[0], judged),
        groups=comparison.by_group(metrics[0], judged, queries.groups),
        own_language=comparison.by_own_language(metrics[0], judged),
    )


def metrics_of(k: int, relevant_from: int) -> tuple[Metric, ...]:
    """Return the metrics of every report."""
    return (
        Metric("recall", k, relevant_from),
        Metric("hit", k, relevant_from),
        Metric("MRR", RANK_CUTOFF, relevant_from),
        Metric("nDCG", RANK_CUTOFF),
    )


def relevant_from(highest: int) -> int:
    """Return the lowest grade that counts where the highest of all judgements is `highest`.

    >>> relevant_from(3), relevant_from(1)
    (2, 1)
    """
    return 2 if highest >= 2 else 1


def _lowest(qrels: Qrels, conditions: Conditions) -> int:
    highest = max((grade for grades in qrels.values() for grade in grades.values()), default=0)
    lowest = relevant_from(highest) if conditions.relevant_from is None else conditions.relevant_from
    if highest < lowest:
        raise UsageError(
            f"no judgement has grade {lowest} or more, the highest is {highest}; nothing is relevant"
        )
    return lowest


@dataclass(frozen=True, slots=True)
class _Comparison:
    """The two runs and the corpus they rank."""

    run: Run
    baseline: Run | None
    languages: Languages
    seed: int

    def measured(self, metric: Metric, qrels: Qrels) -> MetricReport:
        system = metric.per_query(qrels, self.run)
        baseline = None if self.baseline is None else metric.per_query(qrels, self.baseline)
        levels = [chance.level(metric, query, qrels[query], self.languages.papers.keys()) for query in system]
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
                pair = _known(self.languages.queries, query), _known(self.languages.papers, paper)
                split.setdefault(pair, {}).setdefault(query, {})[paper] = grade
        reports = [
            LanguagePairReport(query_language=one, paper_language=other, recall=self.measured(recall, part))
            for (one, other), part in split.items()
        ]
        return tuple(sorted(reports, key=lambda report: (-report.recall.n_queries, report.name)))

    def by_group(
        self, recall: Metric, qrels: Qrels, groups: Mapping[str, Mapping[str, str]]
    ) -> tuple[GroupReport, ...]:
        relevant = {query: grades for query, grades in qrels.items() if recall.relevant(grades)}
        return tuple(
            GroupReport(split=split, group=name, recall=self.measured(recall, part))
            for split, group_of in groups.items()
            for name in dict.fromkeys(group_of.values())
            if (part := {query: relevant[query] for query in relevant if group_of.get(query) == name})
        )

    def by_own_language(self, recall: Metric, qrels: Qrels) -> OwnLanguageReport | None:
        relevant = {query: recall.relevant(grades) for query, grades in qrels.items()}
        return own_language(relevant, self.run, self.languages, baseline=self.baseline, seed=self.seed)

    def _estimate(self, values: Mapping[str, float]) -> Estimate:
        return bootstrap([*values.values()], self._generator())

    def _difference(self, system: Mapping[str, float], baseline: Mapping[str, float]) -> Difference:
        return paired_difference([*system.values()], [*baseline.values()], self._generator())

    def _generator(self) -> np.random.Generator:
        return np.random.default_rng(self.seed)  # anew each time: one metric more does not change the others


def _known(languages: Mapping[str, str], name: str) -> str:
    return languages.get(name) or UNKNOWN


def _refuse_broken(run: Run, languages: Mapping[str, str]) -> None:
    for query, ranked in run.items():
        if query in ranked or len(set(ranked)) != len(ranked):
            raise ValueError(f"the ranking of {query!r} holds the query itself or a paper twice")
        if strangers := [paper for paper in ranked if paper not in languages]:
            raise ValueError(
                f"the ranking of {query!r} holds papers that are not in the corpus: {strangers[:5]}"
            )
