"""What a subject consists of: its newest papers, and those in its middle."""

import numpy as np

from recommender.builds import Build, facets
from recommender.vectors import Rows, cosines_with, normalised

ROWS_AT_ONCE = 50_000


def subjects_of(build: Build) -> list[tuple[str, int]]:
    """Return the subjects of a build with how many papers each has, the largest first."""
    return sorted(build.facets.values(facets.SUBJECT), key=lambda entry: -entry[1])


def rows_of_subject(build: Build, name: str) -> Rows:
    """Return the rows of a subject, ascending; names as in `Filters`."""
    return build.facets.rows(facets.SUBJECT, name)


def newest(build: Build, rows: Rows, k: int) -> Rows:
    """Return at most `k` of some rows, the latest year first, those without a year last."""
    years = build.facets.years(build.manifest.n_papers)[rows]
    return rows[np.lexsort((rows, -years))[:k]]


def central(build: Build, rows: Rows, k: int) -> Rows:
    """Return the at most `k` of some rows that are nearest to the mean of them all, the nearest first."""
    vectors = build.search.vectors  # the digests of the files are compared
    starts = range(0, len(rows), ROWS_AT_ONCE)
    parts = [rows[start : start + ROWS_AT_ONCE] for start in starts]
    total = sum((vectors[part].sum(axis=0, dtype=np.float64) for part in parts), np.zeros(vectors.shape[1]))
    if not np.linalg.norm(total):
        return rows[:0]
    middle = normalised(total[None])[0]
    near = np.concatenate([cosines_with(vectors[part], middle) for part in parts])
    return rows[np.lexsort((rows, -near))[:k]]
