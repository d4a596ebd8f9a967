"""Figures of the table: a mean with its 95 % interval, and how it is written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from recommender.evaluation.intervals import CONFIDENCE, RESAMPLES, Estimate, bootstrap

Values = NDArray[np.float64]  # one a query, shares of 1
SEED = 0


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured number.

    Attributes:
        name: What was measured, the line of the table.
        n: How many queries (or runs) the mean is over.
        model: The mean as a share of 1, with its interval.
        tfidf: The same of character TF-IDF; None where it was not measured or could not know the answer.
        note: What has to be said beside the number.
        values: One a query, whose mean the number is, so that two systems are compared query by query;
            None where the number is of one group chosen among several.
    """

    name: str
    n: int
    model: Estimate
    tfidf: Estimate | None = None
    note: str = ""
    values: Values | None = field(default=None, repr=False, compare=False)


Table = Mapping[str, Sequence[Figure]]  # column -> its figures; a column may lack lines of another


def generator() -> np.random.Generator:
    """Return what resamples are drawn by: anew for every figure, so that one set more changes no other."""
    return np.random.default_rng(SEED)


def over_queries(name: str, values: Values) -> Figure:
    """Return the mean over queries, its interval by a bootstrap over them."""
    mean = bootstrap([*values.tolist()], generator())
    return Figure(name, len(values), mean, values=values)


def over_groups(name: str, groups: Mapping[str, Values]) -> Figure:
    """Return the mean of the groups' means, its interval by a bootstrap over the queries in each group."""
    chance = generator()
    resampled = np.mean([_resampled_means(values, chance) for values in groups.values()], axis=0)
    low, high = np.quantile(resampled, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    mean = float(np.mean([values.mean() for values in groups.values()]))
    estimate = Estimate(mean, float(low), float(high))
    return Figure(name, sum(map(len, groups.values())), estimate, values=_weighted(groups))


def of_worst_group(name: str, groups: Mapping[str, Values]) -> Figure:
    """Return the figure of the group with the lowest mean, which the note names.

    The interval is that group's own: it does not know that the group was chosen for being the worst.
    """
    worst = min(groups, key=lambda group: float(groups[group].mean()))
    figure = over_queries(name, groups[worst])
    return Figure(name, figure.n, figure.model, note=worst)


def _weighted(groups: Mapping[str, Values]) -> Values:
    """Return all values so weighted that their mean is the mean of the groups' means."""
    n = sum(map(len, groups.values()))
    return np.concatenate([values * (n / (len(groups) * len(values))) for values in groups.values()])


def _resampled_means(values: Values, generator: np.random.Generator) -> Values:
    means: Values = values[generator.integers(0, len(values), (RESAMPLES, len(values)))].mean(axis=1)
    return means


def as_markdown(figures: Sequence[Figure]) -> str:
    """Return one model's figures beside TF-IDF's, in percent with 95 % intervals."""
    lines = ["| development set | n | this model | character TF-IDF |", "|---|--:|--:|--:|"]
    lines += [
        f"| {figure.name} | {figure.n:,} | {_cell(figure)} |"
        f" {_percent(figure.tfidf) if figure.tfidf else '–'} |"
        for figure in figures
    ]
    return "\n".join(lines) + "\n"


def table_as_markdown(table: Table, goals: Mapping[str, str] | None = None) -> str:
    """Return figures of several models side by side, in percent with 95 % intervals.

    Args:
        table: The figures of each column.
        goals: What a line should reach; None: no such column.
    """
    cells = {column: {figure.name: figure for figure in figures} for column, figures in table.items()}
    titles = ["development set", "n", *(["goal"] if goals is not None else []), *table]
    lines = [f"| {' | '.join(titles)} |", f"|---|{'--:|' * (len(titles) - 1)}"]
    for name in _names(table):
        sizes = {column[name].n for column in cells.values() if name in column}
        row = [name, f"{sizes.pop():,}" if len(sizes) == 1 else "–"]
        row += [goals.get(name, "–")] if goals is not None else []
        row += [_cell(column[name]) if name in column else "–" for column in cells.values()]
        lines.append(f"| {' | '.join(row)} |")
    return "\n".join(lines) + "\n"


def _names(table: Table) -> list[str]:
    """Return the lines in the order of the fullest column, then those that it lacks."""
    columns = sorted(table.values(), key=len, reverse=True)
    return [*dict.fromkeys(figure.name for figures in columns for figure in figures)]


def _cell(figure: Figure) -> str:
    return f"{_percent(figure.model)}{f' ({figure.note})' if figure.note else ''}"


def _percent(estimate: Estimate) -> str:
    return f"{100 * estimate.mean:.1f} [{100 * estimate.low:.1f}, {100 * estimate.high:.1f}]"
