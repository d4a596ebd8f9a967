"""Where each paper lies: t-SNE on the stored neighbours, which are balanced across languages."""

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from recommender.extras import require
from recommender.progress import OnStage
from recommender.vectors import Rows, Values, Vectors

Points = NDArray[np.float64]  # (n, 2), each coordinate in [-1, 1]
STAGE = "drawing the map"
FIRST, SECOND = 200, 250  # iterations: gathering the clusters, then giving them room
GATHERING, KEEPING = 12.0, 1.6  # how much stronger than usual neighbours attract each other
AT_ONCE = 25  # iterations between two reports
START = 1e-4  # spread of the points at the beginning


def layout(neighbours: Rows, vectors: Vectors, groups: Rows, *, seed: int, on_stage: OnStage) -> Points:
    """Return a place for every paper, the same for the same seed.

    Args:
        neighbours: (n, k), the rows of the nearest papers of each; -1 where there are fewer.
        vectors: (n, dim), which say where the points begin.
        groups: (n,), the language of each paper as a number: what all of one have in common is no matter.
        seed: Of the order in which sums are approximated.
        on_stage: Told how far it is.

    Raises:
        MissingExtraError: openTSNE is not installed.
    """
    n = len(neighbours)
    if n < 4:  # nothing to lay out
        return np.column_stack([np.linspace(-1, 1, n) if n > 1 else np.zeros(n), np.zeros(n)])
    tsne = require("openTSNE", "map")
    affinity = require("openTSNE.affinity", "map")
    embedding = tsne.TSNEEmbedding(
        beginning(vectors, groups),
        affinity.PrecomputedAffinities(attraction(neighbours), normalize=False),
        negative_gradient_method="fft" if n > 1000 else "bh",
        n_jobs=1,  # so that sums are in one order
        random_state=seed,
    )
    done = 0
    for iterations, exaggeration, momentum in ((FIRST, GATHERING, 0.5), (SECOND, KEEPING, 0.8)):
        for start in range(0, iterations, AT_ONCE):
            step = min(AT_ONCE, iterations - start)
            embedding = embedding.optimize(step, exaggeration=exaggeration, momentum=momentum)
            done += step
            on_stage(STAGE, done, FIRST + SECOND)
    return within_square(np.asarray(embedding, dtype=np.float64))


def attraction(neighbours: Rows) -> "sparse.csr_matrix":
    """Return how much each pair of papers attract each other (n, n): symmetric, 1 in sum."""
    n, k = neighbours.shape
    rows, columns = np.repeat(np.arange(n), k), neighbours.ravel()
    known = columns >= 0
    one = sparse.csr_matrix((np.ones(known.sum()), (rows[known], columns[known])), shape=(n, n))
    both = one + one.T
    return sparse.csr_matrix(both / both.sum())


def beginning(vectors: Vectors, groups: Rows) -> Points:
    """Return the first two principal components of the vectors (n, 2), each language around one middle."""
    centred = vectors.astype(np.float64)
    for group in np.unique(groups):
        centred[groups == group] -= centred[groups == group].mean(axis=0)
    _, axes = np.linalg.eigh(centred.T @ centred)
    main = axes[:, -2:][:, ::-1]
    main *= np.sign(main[np.argmax(np.abs(main), axis=0), [0, 1]])  # whichever way the library turns them
    found = centred @ main
    spread: Values = found.std(axis=0) + np.finfo(float).tiny
    begun: Points = np.round(found / spread[0], 3) * START  # libraries and threads differ beyond
    return begun


def within_square(points: Points) -> Points:
    """Return points moved and scaled, both directions alike, into the square from -1 to 1."""
    low, high = points.min(axis=0), points.max(axis=0)
    scale = max(float((high - low).max()), np.finfo(float).tiny)
    placed: Points = np.round((points - (low + high) / 2) * 2 / scale, 4)
    return placed
