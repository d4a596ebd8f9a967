"""The clusters of a map: hills of its density, and each paper belongs to the hill that it stands on."""

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage, spatial

from recommender.mapping.layout import Points
from recommender.vectors import Rows, Values

GRID = 256  # cells along each side
PAPERS_A_CLUSTER = 12  # at least, on average
SMALLEST = 4  # papers; fewer belong to the cluster beside them
FEWEST, MOST = 2, 48
SMOOTHING = (0.01, 0.014, 0.02, 0.028, 0.04, 0.056, 0.08, 0.11, 0.16)  # of the side of the map


def clusters_of(points: Points) -> Rows:
    """Return the number of the cluster of each point (n,), from 0, the largest first.

    The density is smoothed just so much that there are at most `MOST` hills, and not more than one for
    every `PAPERS_A_CLUSTER` papers.
    """
    most = int(np.clip(len(points) // PAPERS_A_CLUSTER, FEWEST, MOST))
    cells = np.clip(((points + 1) / 2 * GRID).astype(np.int64), 0, GRID - 1)
    counts = np.zeros((GRID, GRID))
    np.add.at(counts, (cells[:, 0], cells[:, 1]), 1.0)
    hills = np.zeros(len(points), dtype=np.int64)
    for width in SMOOTHING:
        density = ndimage.gaussian_filter(counts, width * GRID, mode="constant")
        hills = summits(density)[cells[:, 0], cells[:, 1]]
        if len(np.unique(hills)) <= most:
            break
    return by_size(joined(points, by_size(hills)))


def joined(points: Points, labels: Rows) -> Rows:
    """Return labels in which points of clusters that are too small have that of the nearest other point."""
    counts = np.bincount(labels)
    is_large = counts[labels] >= SMALLEST
    if is_large.all() or not is_large.any():
        return labels
    _, nearest = spatial.KDTree(points[is_large]).query(points[~is_large])
    found = labels.copy()
    found[~is_large] = labels[is_large][nearest]
    return found


def summits(density: Values) -> NDArray[np.int64]:
    """Return the cell on whose summit a walk from each cell ends that always goes up as steeply as it can.

    >>> summits(np.array([[1.0, 2.0, 1.0, 3.0]])).tolist()
    [[1, 1, 3, 3]]
    """
    height, width = density.shape
    own = np.arange(density.size).reshape(density.shape)
    best, to = density.copy(), own.copy()
    padded = np.pad(density, 1, constant_values=-np.inf)
    for down in (-1, 0, 1):
        for right in (-1, 0, 1):
            beside = padded[1 + down : 1 + down + height, 1 + right : 1 + right + width]
            higher = beside > best
            best[higher] = beside[higher]
            to[higher] = (own + down * width + right)[higher]
    flat = to.ravel()
    while not np.array_equal(flat[flat], flat):
        flat = flat[flat]
    return flat.reshape(density.shape)


def by_size(labels: Rows) -> Rows:
    """Return labels numbered anew, the most frequent first.

    >>> by_size(np.array([7, 3, 3])).tolist()
    [1, 0, 0]
    """
    names, places, counts = np.unique(labels, return_inverse=True, return_counts=True)
    order = np.lexsort((names, -counts))
    numbers = np.empty(len(names), dtype=np.int64)
    numbers[order] = np.arange(len(names))
    found: Rows = numbers[places]
    return found
