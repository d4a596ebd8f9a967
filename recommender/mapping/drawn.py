"""A build as a map: places, clusters, and their names."""

from dataclasses import dataclass

import numpy as np

from recommender.builds import Build
from recommender.mapping.clusters import clusters_of
from recommender.mapping.layout import Points, layout
from recommender.mapping.terms import label_clusters
from recommender.progress import OnStage
from recommender.vectors import Rows

NEIGHBOURS = 15
SEED = 20211120


@dataclass(frozen=True, slots=True)
class Cluster:
    """Papers that lie together.

    Attributes:
        terms: What they are about, the best first; none where no two share a word.
        language: ISO 639-1 code of the terms, that of most of the papers.
        n: How many papers.
        x, y: Its middle, in [-1, 1].
    """

    terms: tuple[str, ...]
    language: str
    n: int
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class PaperMap:
    """Where the papers of a build lie, by row.

    Attributes:
        build_id: The build.
        points: (n, 2), each coordinate in [-1, 1].
        cluster: (n,), the number of the cluster of each.
        clusters: The largest first.
        neighbours: (n, k), the rows of the nearest papers of each; -1 where there are fewer.
    """

    build_id: str
    points: Points
    cluster: Rows
    clusters: tuple[Cluster, ...]
    neighbours: Rows


def draw(build: Build, *, on_stage: OnStage, seed: int = SEED) -> PaperMap:
    """Return the map of a build, the same for the same build and seed.

    Raises:
        MissingExtraError: What lays points out is not installed.
        BuildError: The build is damaged.
    """
    n = build.manifest.n_papers
    neighbours = np.full((n, NEIGHBOURS), -1, dtype=np.int64)
    for row in range(n):
        near = [found.row for found in build.neighbours.of(row, NEIGHBOURS)]
        neighbours[row, : len(near)] = near
    papers = [*build.papers.all()]
    _, groups = np.unique([paper.language for paper in papers], return_inverse=True)
    points = layout(neighbours, build.search.vectors, groups, seed=seed, on_stage=on_stage)
    cluster = clusters_of(points)
    named = label_clusters(papers, cluster.tolist())
    clusters = []
    for number, (language, terms) in enumerate(named):
        own = points[cluster == number]
        x, y = np.round(np.median(own, axis=0), 4).tolist()
        clusters.append(Cluster(terms, language, len(own), x, y))
    return PaperMap(build.manifest.build_id, points, cluster, tuple(clusters), neighbours)
