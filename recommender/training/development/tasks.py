"""The kinds of questions that a development set asks, each with the figures that its answers are worth."""

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from sklearn.cluster import KMeans
from sklearn.metrics import v_measure_score

from recommender.training.development.figures import (
    Figure,
    Values,
    of_worst_group,
    over_groups,
    over_queries,
)
from recommender.training.development.rankings import (
    first_is_own,
    overlap_of_sets,
    precision_of_label,
    recall_of_related,
)
from recommender.training.development.systems import System
from recommender.vectors import Rows

CLUSTERINGS = 20


class Task(Protocol):
    """One question of a set.

    Attributes:
        needs_translation: Whether only a system that translates can answer.
    """

    @property
    def needs_translation(self) -> bool: ...

    def figures(self, system: System) -> Iterator[Figure]:
        """Ask the system, and yield what its answers are worth."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnText:
    """Find each query's own text (its translation, its abstract) in a corpus: R@1."""

    name: str
    queries: Sequence[str]
    answers: Sequence[str]
    corpus: Sequence[str]
    needs_translation: bool = False

    def values(self, system: System) -> Values:
        """Return 1 for each query whose own text comes first, else 0."""
        nearest = system.nearest(self.queries, self.corpus, 1)
        return first_is_own(nearest, self.answers, self.corpus)

    def figures(self, system: System) -> Iterator[Figure]:
        yield over_queries(self.name, self.values(system))


@dataclass(frozen=True, slots=True, kw_only=True)
class EveryLanguage:
    """Find translations, language by language, and say the mean of the languages and the worst of them."""

    name: str
    languages: Mapping[str, OwnText]
    needs_translation: bool = True

    def figures(self, system: System) -> Iterator[Figure]:
        values = {language: task.values(system) for language, task in self.languages.items()}
        for language, task in self.languages.items():
            yield over_queries(task.name, values[language])
        yield over_groups(f"{self.name}, mean of {len(values)} languages → en R@1", values)
        yield of_worst_group(f"{self.name}, worst language → en R@1", values)


@dataclass(frozen=True, slots=True, kw_only=True)
class SameLabel:
    """How many of each paper's nearest carry its label: P@k. Without `asked`, every paper is a query."""

    name: str
    texts: Sequence[str]
    labels: Sequence[str]
    k: int = 10
    asked: Sequence[int] | None = None
    needs_translation: bool = False

    def figures(self, system: System) -> Iterator[Figure]:
        rows = range(len(self.texts)) if self.asked is None else self.asked
        nearest = nearest_others(system, self.texts, rows, self.k)
        own = [self.labels[row] for row in rows]
        yield over_queries(self.name, precision_of_label(nearest, own, self.labels))


@dataclass(frozen=True, slots=True, kw_only=True)
class Related:
    """How many of each paper's related ones are among its nearest: R@k."""

    name: str
    texts: Sequence[str]
    related: Mapping[int, Set[int]]  # row of a query -> rows to be found
    k: int
    needs_translation: bool = False

    def figures(self, system: System) -> Iterator[Figure]:
        nearest = nearest_others(system, self.texts, [*self.related], self.k)
        yield over_queries(self.name, recall_of_related(nearest, [*self.related.values()]))


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedSets:
    """How far the sets (of categories) of each paper's nearest overlap with its own."""

    name: str
    texts: Sequence[str]
    sets: Sequence[Set[str]]
    k: int = 10
    needs_translation: bool = False

    def figures(self, system: System) -> Iterator[Figure]:
        nearest = nearest_others(system, self.texts, range(len(self.texts)), self.k)
        yield over_queries(self.name, overlap_of_sets(nearest, self.sets, self.sets))


@dataclass(frozen=True, slots=True, kw_only=True)
class Clusters:
    """How well k-means into as many clusters as there are labels finds the labels: V-measure.

    The mean and the interval are over clusterings from different starts, not over papers.
    """

    name: str
    texts: Sequence[str]
    labels: Sequence[str]
    needs_translation: bool = False

    def figures(self, system: System) -> Iterator[Figure]:
        features = system.features(self.texts)
        if features is None:
            return
        n_clusters = len(set(self.labels))
        clusterings = (
            KMeans(n_clusters, n_init=1, random_state=start).fit_predict(features)
            for start in range(CLUSTERINGS)
        )
        values = np.array([v_measure_score(self.labels, clusters) for clusters in clusterings])
        yield over_queries(self.name, values)


@dataclass(frozen=True, slots=True, kw_only=True)
class LanguageBias:
    """The share of papers in the query's language among its nearest, where every paper is there in both.

    The paper itself and its translation do not count. A half is no bias, one means that the other
    language is never seen.
    """

    name: str
    left: Sequence[str]
    right: Sequence[str]  # right[i] is the translation of left[i]
    n_asked: int  # the first so many papers are the queries
    k: int = 10
    needs_translation: bool = True

    def figures(self, system: System) -> Iterator[Figure]:
        corpus, n = [*self.left, *self.right], len(self.left)
        asked = np.arange(self.n_asked)
        for language, rows, others in (("zh", asked, asked + n), ("en", asked + n, asked)):
            queries = [corpus[row] for row in rows]
            nearest = system.nearest(queries, corpus, self.k, np.stack([rows, others], axis=1))
            same = (nearest < n) == (rows < n)[:, None]
            yield over_queries(f"{self.name}, {language} queries", same.mean(axis=1))


def nearest_others(system: System, texts: Sequence[str], asked: Sequence[int], k: int) -> Rows:
    """Return the rows nearest to each of the rows asked for, never itself."""
    own = np.asarray(asked, dtype=np.int64)[:, None]
    return system.nearest([texts[row] for row in asked], texts, k, own)
