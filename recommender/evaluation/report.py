"""The report of an evaluation: what was measured, under which conditions, and what was left out."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from recommender.evaluation.intervals import Difference, Estimate
from recommender.evaluation.own_language import OwnLanguageReport
from recommender.evaluation.worst import WorstQuery

RANK_CUTOFF = 10  # places that MRR and nDCG look at
SHOWN = 5  # ids named in a note


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """What an evaluation depends on besides its data.

    Attributes:
        k: Places that recall and hit look at.
        relevant_from: The lowest grade that counts as relevant in recall, hit and MRR; where None, it is 2
            if any judgement has grade 2 or more, else 1. nDCG always takes every grade for what it is.
        seed: Of the resamples.
    """

    k: int = RANK_CUTOFF
    relevant_from: int | None = None
    seed: int = 0

    @property
    def depth(self) -> int:
        """How many papers a ranking should hold, so that no metric looks beyond its end."""
        return max(self.k, RANK_CUTOFF)


DEFAULT = Conditions()


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricReport:
    """One metric over all queries that have a paper relevant to it.

    Attributes:
        metric: For example `recall@5`.
        relevant_from: The lowest grade that is relevant to it.
        n_queries: How many queries the means are over.
        n_left_out: How many judged queries have nothing relevant to it.
        chance: The expected value of a random ranking.
        system, baseline: Means with their intervals.
        difference: System less baseline, paired by query.
    """

    metric: str
    relevant_from: int
    n_queries: int
    n_left_out: int
    chance: float
    system: Estimate
    baseline: Estimate | None
    difference: Difference | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LanguagePairReport:
    """Recall of the relevant papers of one language, for the queries of one language; `und` is not known."""

    query_language: str
    paper_language: str
    recall: MetricReport

    @property
    def name(self) -> str:
        """How the pair is written: `zh→en`."""
        return f"{self.query_language}→{self.paper_language}"


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupReport:
    """Recall of the queries of one group: those of one length, of one subject."""

    split: str
    group: str
    recall: MetricReport


@dataclass(frozen=True, slots=True, kw_only=True)
class Against:
    """The comparison with another build, query by query, over what both hold.

    Attributes:
        name: What was compared with.
        n_papers: Papers that both hold; any other was taken out of the rankings of both.
        n_left_out: Judged queries that only one of the two holds; they take no part.
        metrics: Each with the other build as its baseline.
    """

    name: str
    n_papers: int
    n_left_out: int
    metrics: tuple[MetricReport, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """All that an evaluation found.

    Attributes:
        conditions: As asked for, `relevant_from` decided.
        n_papers: Size of the corpus.
        n_queries: Queries with at least one similar paper.
        n_unanswered: Those of them that the run did not answer; they count 0.
        missing: Judged papers that are not in the corpus, in the order of the judgements.
        metrics: recall@k, hit@k, MRR, nDCG.
        language_pairs: Those with most queries first.
        groups: Split by split, as the caller gave them.
        own_language: Same-language bias; None where no query could be answered in two languages.
        against: Comparisons with other builds.
        worst: The queries with the lowest nDCG, worst first.
    """

    conditions: Conditions
    n_papers: int
    n_queries: int
    n_unanswered: int
    missing: tuple[str, ...]
    metrics: tuple[MetricReport, ...]
    language_pairs: tuple[LanguagePairReport, ...]
    groups: tuple[GroupReport, ...] = ()
    own_language: OwnLanguageReport | None = None
    against: tuple[Against, ...] = ()
    worst: tuple[WorstQuery, ...] = ()

    @property
    def by_metric(self) -> Mapping[str, MetricReport]:
        """The metrics by name: `report.by_metric["nDCG@10"]`."""
        return {entry.metric: entry for entry in self.metrics}

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader of the numbers must know, one sentence each."""
        notes = [
            f"relevant from grade {self.conditions.relevant_from}; nDCG takes every grade for what it is"
        ]
        if self.n_unanswered:
            notes.append(f"{self.n_unanswered} of {self.n_queries} queries were not answered and count 0")
        if self.missing:
            shown = ", ".join(self.missing[:SHOWN]) + (", …" if len(self.missing) > SHOWN else "")
            notes.append(
                f"{len(self.missing)} judged papers are not in the corpus and count as not found: {shown}"
            )
        notes += [
            f"{entry.metric} leaves out {entry.n_left_out} queries: they have no paper of grade"
            f" {entry.relevant_from} or more"
            for entry in self.metrics
            if entry.n_left_out
        ]
        notes += [
            f"{entry.name}: {entry.n_left_out} judged queries are in one of the two alone and take no part"
            for entry in self.against
            if entry.n_left_out
        ]
        return tuple(notes)

    def to_dict(self) -> dict[str, Any]:
        """Return the report ready for JSON, notes included."""
        return {**asdict(self), "notes": self.notes}
