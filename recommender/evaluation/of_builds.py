"""Builds, measured: their stored neighbours are the run that is judged, unless another is given."""

from collections import Counter
from collections.abc import Collection, Mapping

from recommender.builds import Build
from recommender.errors import UsageError
from recommender.evaluation.baselines import character_tfidf
from recommender.evaluation.evaluate import Queries, evaluate
from recommender.evaluation.gate import Answers, Verdict, compare, restricted
from recommender.evaluation.judgements import Qrels, Run
from recommender.evaluation.report import Against, Conditions, Report
from recommender.evaluation.splits import subjects, thirds
from recommender.evaluation.worst import WorstQuery, worst
from recommender.paper import Paper

BEGINNING = 80  # characters of a text that stand for a title


def evaluate_run(build: Build, qrels: Qrels, run: Run, conditions: Conditions) -> Report:
    """Measure a run over the papers of a build, beside character TF-IDF on the same papers."""
    papers = list(build.papers.all())
    asked = {paper.id: paper for paper in papers if max(qrels.get(paper.id, {}).values(), default=0) >= 1}
    return evaluate(
        qrels,
        run,
        languages={paper.id: paper.language for paper in papers},
        baseline=character_tfidf(
            {paper.id: paper.text for paper in papers}, k=conditions.depth, queries=qrels.keys()
        ),
        conditions=conditions,
        queries=Queries(groups=groups_of(asked)),
    )


def against(build: Build, other: Build, qrels: Qrels, conditions: Conditions, *, name: str) -> Against:
    """Compare a build with another one over the papers and queries that both hold.

    Raises:
        UsageError: No judged query is in both.
    """
    languages = {paper.id: paper.language for paper in build.papers.all()}
    shared = {
        paper: language for paper, language in languages.items() if other.papers.row_of(paper) is not None
    }
    judged = {
        query: {paper: grade for paper, grade in grades.items() if paper in shared}
        for query, grades in qrels.items()
        if query in shared
    }
    similar = {query: grades for query, grades in judged.items() if max(grades.values(), default=0) >= 1}
    if not similar:
        raise UsageError(
            f"{name} holds no judged query that this build holds too; there is nothing to compare"
        )
    report = evaluate(
        similar,
        restricted(run_of(build, similar), shared.keys()),
        languages=shared,
        baseline=restricted(run_of(other, similar), shared.keys()),
        conditions=conditions,
    )
    n_judged = sum(max(grades.values(), default=0) >= 1 for grades in qrels.values())
    return Against(
        name=name, n_papers=len(shared), n_left_out=n_judged - len(similar), metrics=report.metrics
    )


def worst_of(build: Build, qrels: Qrels, run: Run, n: int) -> tuple[WorstQuery, ...]:
    """Return the `n` queries that a run over a build answers worst, with the titles of all papers."""
    return worst(qrels, run, n, {paper.id: title_of(paper) for paper in build.papers.all()})


def title_of(paper: Paper) -> str:
    """Return the title, or the beginning of the text where there is none."""
    return paper.title or paper.text[:BEGINNING]


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
