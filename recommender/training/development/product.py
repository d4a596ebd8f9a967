"""What the product itself is judged by: the bundled sample with its known pairs, and the seed page."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from recommender.evaluation import judgements
from recommender.evaluation.evaluate import evaluate, metrics_of, relevant_from
from recommender.evaluation.judgements import Qrels, Run
from recommender.evaluation.report import DEFAULT
from recommender.paper import Paper
from recommender.readers import read_papers
from recommender.sample import sample_corpus, sample_pairs
from recommender.training.development.figures import Figure
from recommender.training.development.systems import System
from recommender.training.development.tasks import SameLabel, Task, nearest_others

SEED_PAGE = "../seed/similar_page.txt"
ON_TOPIC = frozenset(map(str, [*range(1, 13), 14, 19]))  # 市域产教联合体; the others are near to it
METRICS = ("recall@10", "nDCG@10")
LANGUAGE_PAIRS = ("zh→zh", "zh→en", "en→zh", "en→en")


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownPairs:
    """Papers with known-similar pairs, measured by the evaluation that the product has."""

    name: str
    papers: Sequence[Paper]
    qrels: Qrels
    needs_translation: bool = False

    def figures(self, system: System) -> Iterator[Figure]:
        languages = {paper.id: paper.language for paper in self.papers}
        run = self._run(system)
        report = evaluate(self.qrels, run, languages=languages)
        lowest = relevant_from(max(grade for grades in self.qrels.values() for grade in grades.values()))
        for metric in metrics_of(DEFAULT.k, lowest):
            if metric.name in METRICS:
                entry = report.by_metric[metric.name]
                values = np.array([*metric.per_query(self.qrels, run).values()])
                yield Figure(f"{self.name}: {metric.name}", entry.n_queries, entry.system, values=values)
        recalls = {entry.name: entry.recall for entry in report.language_pairs}
        for pair in LANGUAGE_PAIRS:
            if pair in recalls:
                entry = recalls[pair]
                yield Figure(f"{self.name}: {entry.metric}, {pair}", entry.n_queries, entry.system)

    def _run(self, system: System) -> Run:
        rows = [row for row, paper in enumerate(self.papers) if paper.id in self.qrels]
        texts = [paper.text for paper in self.papers]
        nearest = nearest_others(system, texts, rows, DEFAULT.depth)
        return {
            self.papers[query].id: [self.papers[row].id for row in found]
            for query, found in zip(rows, nearest.tolist(), strict=True)
        }


def sample(_data: Path) -> Iterator[Task]:
    """Ask for the known pairs of the sample that ships with the product."""
    papers = [*sample_corpus().answerable()]
    yield KnownPairs(name="Sample", papers=papers, qrels=judgements.read(sample_pairs()))


def seed_page(data: Path) -> Iterator[Task]:
    """Ask for papers on the topic of the seed page among those near to it."""
    papers = [entry.paper for entry in read_papers(data / SEED_PAGE) if not entry.paper.is_blank]
    on_topic = [row for row, paper in enumerate(papers) if paper.id in ON_TOPIC]
    chance = (len(on_topic) - 1) / (len(papers) - 1)
    yield SameLabel(
        name=f"Seed page: same topic P@5 (chance {100 * chance:.1f})",
        texts=[paper.text for paper in papers],
        labels=["on" if paper.id in ON_TOPIC else "near" for paper in papers],
        k=5,
        asked=on_topic,
    )
