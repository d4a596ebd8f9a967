"""How sure a mean over queries is: percentile bootstrap, alone and of paired differences."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]  # (n,), one value per query

RESAMPLES = 1_000
CONFIDENCE = 0.95
BLOCK = 4_000_000  # drawn values held at once, so that a large set of queries needs no large memory


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean over queries with its 95 % interval."""

    mean: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Difference:
    """A mean difference over the same queries, its 95 % interval, and the two-sided p of no difference."""

    mean: float
    low: float
    high: float
    p: float

    @property
    def is_significant(self) -> bool:
        """Whether chance alone would hardly give it, at 95 %."""
        return self.p < 1 - CONFIDENCE


def bootstrap(
    values: Sequence[float], generator: np.random.Generator, *, resamples: int = RESAMPLES
) -> Estimate:
    """Return the mean of `values` and the percentile interval of the means of its resamples.

    >>> bootstrap([0.5, 0.5], np.random.default_rng(0))
    Estimate(mean=0.5, low=0.5, high=0.5)

    Raises:
        ValueError: There is no value, or one is not finite.
    """
    checked = _checked(values)
    low, high = _percentiles(_resampled_means(checked, generator, resamples))
    return Estimate(float(checked.mean()), low, high)


def paired_difference(
    ours: Sequence[float] | Values,
    theirs: Sequence[float] | Values,
    generator: np.random.Generator,
    *,
    resamples: int = RESAMPLES,
) -> Difference:
    """Return how much larger `ours` is than `theirs` on average, value by value of the same query.

    >>> paired_difference([0.5, 1.0], [0.5, 1.0], np.random.default_rng(0))
    Difference(mean=0.0, low=0.0, high=0.0, p=1.0)

    Raises:
        ValueError: The two are not of one length, there is no value, or one is not finite.
    """
    if len(ours) != len(theirs):
        raise ValueError(f"expected values of the same queries, got {len(ours)} and {len(theirs)}")
    differences = _checked(ours) - _checked(theirs)
    means = _resampled_means(differences, generator, resamples)
    # One more in both counts: a finite number of resamples cannot show that p is 0.
    tail = 1 + min(np.count_nonzero(means <= 0), np.count_nonzero(means >= 0))
    low, high = _percentiles(means)
    return Difference(float(differences.mean()), low, high, min(1.0, 2 * float(tail) / (1 + resamples)))


def _checked(values: Sequence[float] | Values) -> Values:
    checked = np.asarray(values, dtype=np.float64)
    if checked.ndim != 1 or not checked.size or not np.isfinite(checked).all():
        raise ValueError("expected one finite value per query, and at least one query")
    return checked


def _resampled_means(values: Values, generator: np.random.Generator, resamples: int) -> Values:
    n = len(values)
    step = max(1, BLOCK // n)
    sizes = [min(step, resamples - start) for start in range(0, resamples, step)]
    return np.concatenate([values[generator.integers(0, n, (size, n))].mean(axis=1) for size in sizes])


def _percentiles(means: Values) -> tuple[float, float]:
    low, high = np.quantile(means, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    return float(low), float(high)
