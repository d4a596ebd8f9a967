"""Builds, measured: their stored neighbours are the run that is judged."""

from collections import Counter
from collections.abc import Collection, Mapping

from recommender.builds import Build
from recommender.evaluation.baselines import character_tfidf
from recommender.evaluation.evaluate import Queries, evaluate
from recommender.evaluation.gate import Answers, Verdict, compare
from recommender.evaluation.judgements import Qrels, Run
from recommender.evaluation.report import Conditions, Report
from recommender.evaluation.splits import subjects, thirds
from recommender.paper import Paper


def evaluate_build(build: Build, qrels: Qrels, conditions: Conditions) -> Report:
    """Measure a build against judgements, beside character TF-IDF on the same papers."""
    papers = list(build.papers.all())
    asked = {paper.id: paper for paper in papers if max(qrels.get(paper.id, {}).values(), default=0) >= 1}
    return evaluate(
        qrels,
        run_of(build, qrels),
        languages={paper.id: paper.language for paper in papers},
        baseline=character_tfidf(
            {paper.id: paper.text for paper in papers}, k=conditions.depth, queries=qrels.keys()
        ),
        conditions=conditions,
        queries=Queries(groups=groups_of(asked)),
    )


def groups_of(queries: Mapping[str, Paper]) -> dict[str, dict[str, str]]:
    """Split queries by the length of their texts, shortest first, and by subject, most frequent first."""
    by_size = sorted(queries.items(), key=lambda entry: len(entry[1].text))
    subject_of = subjects({query: paper.subject for query, paper in queries.items()})
    frequent = Counter(subject_of.values())
    return {
        "length": thirds({query: len(paper.text) for query, paper in by_size}),
        "subject": dict(sorted(subject_of.items(), key=lambda entry: (-frequent[entry[1]], entry[1]))),
    }


def compare_builds(candidate: Build, current: Build | None, qrels: Qrels) -> Verdict:
    """Judge whether `candidate` may take the place of `current`; None: there is nothing to lose."""
    return compare(qrels, _answers(candidate, qrels), _answers(current, qrels) if current else Answers())


def run_of(build: Build, queries: Collection[str]) -> Run:
    """Return the stored neighbours of those queries that are papers of the build, as ids."""
    names = list(build.papers.ids())
    rows = {name: row for row, name in enumerate(names)}
    return {
        query: [names[neighbour.row] for neighbour in build.neighbours.of(rows[query])]
        for query in queries
        if query in rows
    }


def _answers(build: Build, qrels: Qrels) -> Answers:
    return Answers(papers=frozenset(build.papers.ids()), run=run_of(build, qrels))
