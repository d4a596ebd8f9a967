"""Whether a model adapted to a library may take the place of the one it began with.

Both answer the same questions: about papers of the library that were not learnt from, and about the
bundled sample, which tells whether anything was forgotten.
"""

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recommender.embedding import Embedder
from recommender.evaluation import judgements
from recommender.evaluation.gate import DEFAULT as LIMITS
from recommender.evaluation.intervals import Difference, Estimate, bootstrap, paired_difference
from recommender.evaluation.metrics import Metric
from recommender.paper import Paper
from recommender.sample import sample_corpus, sample_pairs, sample_papers
from recommender.training.pairs import halves
from recommender.vectors import Rows, Scores, Vectors

Values = NDArray[np.float64]  # one a question
FEWEST_QUESTIONS = 20
MOST_DISTRACTORS = 4_000
NEIGHBOURS = 10
GUARDS = {
    "sample, same topic: nDCG@10": Metric("nDCG", 10),
    "sample, same work: MRR@10": Metric("MRR", 10, 3),
}
DECISIVE = (
    "title → abstract: MRR",
    "half → other half: MRR",
    "same subject: P@10",
)  # R@1 hangs on few questions
SEED = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One measure of both models over the same questions.

    Attributes:
        name: What was asked and how it is counted.
        n: How many questions.
        is_guard: It is about the sample, not about the library.
    """

    name: str
    n: int
    before: Estimate
    after: Estimate
    difference: Difference
    is_guard: bool


def compare(
    before: Embedder, after: Embedder, held_out: Sequence[Paper], learnt: Sequence[Paper]
) -> list[Measure]:
    """Measure two models, side by side.

    Args:
        before: The model that training began with.
        after: The model that came out.
        held_out: Papers that it did not learn from: about them it is asked.
        learnt: Papers that it did learn from: they stand between a question and its answer.
    """
    questions = Questions(held_out, learnt)
    answers = [questions.ask(embedder) for embedder in (before, after)]
    return [
        _measure(name, values, answers[1][name])
        for name, values in answers[0].items()
        if len(values) >= FEWEST_QUESTIONS
    ]


def objections(measures: Sequence[Measure]) -> tuple[str, ...]:
    """Return why the new model must not be installed, one sentence each; none where it may."""
    found = []
    for measure in measures:
        drop = -measure.difference.mean
        if drop > 0 and (measure.difference.is_significant or (measure.is_guard and drop > LIMITS.max_drop)):
            found.append(f"{measure.name} falls from {measure.before.mean:.3f} to {measure.after.mean:.3f}")
    own = [measure.difference.mean for measure in measures if measure.name in DECISIVE]
    if not own:
        found.append(f"fewer than {FEWEST_QUESTIONS} held-out papers can be asked about, too few to tell")
    elif sum(own) <= 0:
        found.append("on the library's held-out papers it is no better than before")
    return tuple(found)


class Questions:
    """What is asked of a model."""

    def __init__(self, held_out: Sequence[Paper], learnt: Sequence[Paper]) -> None:
        self._corpus = [*held_out, *learnt[:MOST_DISTRACTORS]]
        self._n_asked = len(held_out)
        chance = random.Random(SEED)  # noqa: S311
        self._halves = [halves(paper.abstract, chance) for paper in self._corpus]
        self._unlearnt = _unlearnt_queries(learnt)

    def ask(self, embedder: Embedder) -> Mapping[str, Values]:
        """Return the value of every question, by measure."""
        titles = [paper.title if row < self._n_asked else "" for row, paper in enumerate(self._corpus)]
        abstracts = [paper.abstract for paper in self._corpus]
        left = [pair[0] if pair and row < self._n_asked else "" for row, pair in enumerate(self._halves)]
        right = [pair[1] if pair else "" for pair in self._halves]
        to_abstract = _ranks(embedder, titles, abstracts)
        to_half = _ranks(embedder, left, right)
        return {
            "title → abstract: R@1": (to_abstract == 1).astype(np.float64),
            "title → abstract: MRR": 1 / to_abstract,
            "half → other half: R@1": (to_half == 1).astype(np.float64),
            "half → other half: MRR": 1 / to_half,
            "same subject: P@10": self._same_subject(embedder),
            **self._guards(embedder),
        }

    def _same_subject(self, embedder: Embedder) -> Values:
        """Return the share of each paper's nearest others that have its subject, if there are as many."""
        counts = Counter(paper.subject for paper in self._corpus)
        asked = [
            row
            for row, paper in enumerate(self._corpus[: self._n_asked])
            if paper.subject and counts[paper.subject] > NEIGHBOURS
        ]
        if not asked:
            return np.zeros(0)
        subjects = np.array([paper.subject for paper in self._corpus])
        vectors = embedder.encode([paper.text for paper in self._corpus])
        nearest = _nearest(vectors, np.array(asked), NEIGHBOURS)
        shares: Values = (subjects[nearest] == subjects[asked][:, None]).mean(axis=1)
        return shares

    def _guards(self, embedder: Embedder) -> Mapping[str, Values]:
        papers = [*sample_corpus().answerable()]
        vectors = embedder.encode([paper.text for paper in papers])
        nearest = _nearest(vectors, np.arange(len(papers)), len(papers) - 1)
        run = {
            paper.id: [papers[row].id for row in rows] for paper, rows in zip(papers, nearest, strict=True)
        }
        qrels = {
            query: grades
            for query, grades in judgements.read(sample_pairs()).items()
            if query in self._unlearnt
        }
        return {name: np.array([*metric.per_query(qrels, run).values()]) for name, metric in GUARDS.items()}


def _unlearnt_queries(learnt: Sequence[Paper]) -> frozenset[str]:
    """Return the sample's papers that are not learnt from, by id; the library may hold the sample itself."""
    texts = {paper.digest for paper in learnt}
    return frozenset(paper.id for paper in sample_papers() if paper.digest not in texts)


def _ranks(embedder: Embedder, queries: Sequence[str], answers: Sequence[str]) -> Values:
    """Return the rank of each query's own answer among all; a blank query or answer takes no part."""
    kept = [row for row, answer in enumerate(answers) if any(map(str.isalnum, answer))]
    asked = [row for row in kept if any(map(str.isalnum, queries[row]))]
    if not asked:
        return np.zeros(0)
    corpus = embedder.encode([answers[row] for row in kept])
    scores = embedder.encode([queries[row] for row in asked]) @ corpus.T
    own = scores[np.arange(len(asked)), np.searchsorted(kept, asked)]
    ranks: Values = 1.0 + (scores > own[:, None]).sum(axis=1)
    return ranks


def _nearest(vectors: Vectors, rows: Rows, k: int) -> Rows:
    """Return the `k` nearest other rows of each row, nearest first, ties by row."""
    scores: Scores = vectors[rows] @ vectors.T
    scores[np.arange(len(rows)), rows] = -np.inf
    nearest: Rows = np.argsort(-scores, axis=1, kind="stable")[:, :k]
    return nearest


def _measure(name: str, before: Values, after: Values) -> Measure:
    estimates = [bootstrap([*values.tolist()], np.random.default_rng(SEED)) for values in (before, after)]
    change = paired_difference([*after.tolist()], [*before.tolist()], np.random.default_rng(SEED))
    return Measure(
        name=name,
        n=len(before),
        before=estimates[0],
        after=estimates[1],
        difference=change,
        is_guard=name in GUARDS,
    )
