"""The publication gate: whether a candidate build may take the place of the current one."""

from collections.abc import Set
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

import numpy as np

from recommender.builds.verdict import GateVerdict, MetricChange
from recommender.evaluation.evaluate import metrics_of, relevant_from
from recommender.evaluation.intervals import Difference, paired_difference
from recommender.evaluation.judgements import Qrels, Run
from recommender.evaluation.metrics import Metric

METRIC = Metric("nDCG", 10)  # decides; the others are told: four chances to fail would be too many


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What one build answers.

    Attributes:
        papers: Ids of the papers that it answers for; none where there is no build.
        run: Its rankings, at least of the judged papers; better well over ten long, see `compare`.
    """

    papers: Set[str] = frozenset()
    run: Run = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a candidate may lose.

    Attributes:
        max_drop: Of the mean nDCG@10, absolute, where there are `min_queries`.
        max_lost: Share of the papers of the current build that the candidate does not answer any more.
        min_queries: Fewer queries say too little for `max_drop`; a significant drop counts with any number.
    """

    max_drop: float = 0.02
    max_lost: float = 0.05
    min_queries: int = 20


DEFAULT = Limits()


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Whether the candidate may be published, and what that rests on.

    Attributes:
        reasons: Why not, one sentence each; none where it passed.
        n_queries: Judged queries that the current build answers.
        difference: Candidate less current build in nDCG@10, or None without such a query.
        metrics: The same for every metric of the reports that has such a query.
        n_lost: Papers of the current build that the candidate does not answer.
        share_lost: The same as a share of the papers of the current build.
    """

    reasons: tuple[str, ...]
    n_queries: int
    difference: Difference | None
    metrics: tuple[MetricChange, ...]
    n_lost: int
    share_lost: float

    @property
    def passed(self) -> bool:
        """Whether there is no reason against it."""
        return not self.reasons

    def to_dict(self) -> dict[str, Any]:
        """Return the verdict ready for JSON."""
        return {"passed": self.passed, **asdict(self)}

    def kept(self, now: datetime, against: str | None) -> GateVerdict:
        """Return the verdict as the candidate keeps it.

        Args:
            now: The time of the verdict.
            against: Id of the build that it was compared with, None: there was none to lose.
        """
        return GateVerdict(
            judged=now.astimezone(UTC).isoformat(timespec="seconds"),
            against=against,
            passed=self.passed,
            reasons=self.reasons,
            metrics=self.metrics,
            n_lost=self.n_lost,
            share_lost=self.share_lost,
        )


def compare(
    qrels: Qrels,
    candidate: Answers,
    current: Answers,
    *,
    limits: Limits = DEFAULT,
    seed: int = 0,
) -> Verdict:
    """Judge `candidate` by what `current` answers already.

    Rankings are compared over the papers of the current build: a new paper that ranks above a judged one is
    no mistake, and a corpus that grows would otherwise be refused sooner or later. A judged query that the
    candidate does not answer counts 0. Beside no build, `Answers()`, only an empty candidate is refused.
    """
    answered = {
        query: grades
        for query, grades in qrels.items()
        if current.run.get(query) and max(grades.values(), default=0) >= 1
    }
    run = restricted(candidate.run, current.papers)
    difference = _difference(METRIC, answered, run, current.run, seed) if answered else None
    n_lost = len(current.papers - candidate.papers)
    share_lost = n_lost / len(current.papers) if current.papers else 0.0
    reasons = (
        _if_empty(candidate),
        _if_lost(n_lost, share_lost, limits),
        _if_worse(difference, len(answered), limits),
    )
    return Verdict(
        reasons=tuple(reason for reason in reasons if reason),
        n_queries=len(answered),
        difference=difference,
        metrics=_changes(answered, run, current.run, seed),
        n_lost=n_lost,
        share_lost=share_lost,
    )


def _difference(metric: Metric, qrels: Qrels, ours: Run, theirs: Run, seed: int) -> Difference:
    after, before = metric.per_query(qrels, ours), metric.per_query(qrels, theirs)
    return paired_difference([*after.values()], [*before.values()], np.random.default_rng(seed))


def _changes(qrels: Qrels, ours: Run, theirs: Run, seed: int) -> tuple[MetricChange, ...]:
    highest = max((grade for grades in qrels.values() for grade in grades.values()), default=0)
    changes = []
    for metric in metrics_of(METRIC.k, relevant_from(highest)) if qrels else ():
        difference = _difference(metric, qrels, ours, theirs, seed)
        n_queries = len(metric.per_query(qrels, theirs))
        changes.append(MetricChange(metric=metric.name, n_queries=n_queries, **asdict(difference)))
    return tuple(changes)


def restricted(run: Run, papers: Set[str]) -> Run:
    """Return the rankings without what is not among `papers`."""
    return {query: [paper for paper in ranked if paper in papers] for query, ranked in run.items()}


def _if_empty(candidate: Answers) -> str:
    return "" if candidate.papers else "the candidate answers no paper"


def _if_lost(n_lost: int, share_lost: float, limits: Limits) -> str:
    if share_lost <= limits.max_lost:
        return ""
    return (
        f"{n_lost} papers of the current build ({share_lost:.1%}) are not answered any more;"
        f" {limits.max_lost:.1%} are allowed"
    )


def _if_worse(difference: Difference | None, n_queries: int, limits: Limits) -> str:
    if difference is None or difference.mean >= 0:
        return ""
    too_large = n_queries >= limits.min_queries and -difference.mean > limits.max_drop
    if not (too_large or difference.is_significant):
        return ""
    return (
        f"{METRIC.name} falls by {-difference.mean:.3f} over {n_queries} judged queries"
        f" (95 % interval {difference.low:+.3f} to {difference.high:+.3f}, p = {difference.p:.3f};"
        f" {limits.max_drop:.3f} are allowed)"
    )
