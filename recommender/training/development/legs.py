"""Whether vectors and words together are at least as good as the better of the two, line by line.

The same queries were asked of all three, so the difference is taken query by query: its interval is far
narrower than those of the means, which vary by which queries were drawn.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from recommender.evaluation.intervals import Difference, paired_difference
from recommender.training.development.figures import Table, generator


@dataclass(frozen=True, slots=True)
class OverBetterLeg:
    """How much better the two together are than the better one alone.

    Attributes:
        name: The line of the table.
        leg: The column that is the better one.
        difference: Both together less that one, shares of 1.
    """

    name: str
    leg: str
    difference: Difference


def over_better_leg(table: Table, fused: str, legs: Sequence[str]) -> Iterator[OverBetterLeg]:
    """Compare a column with the better of its legs on each line that is a mean over queries.

    Args:
        table: The figures of each column.
        fused: The column of both together.
        legs: The columns of the parts; one that lacks a line cannot answer it.
    """
    by_name = {leg: {figure.name: figure for figure in table[leg]} for leg in legs}
    for figure in table[fused]:
        measured = {leg: lines[figure.name] for leg, lines in by_name.items() if figure.name in lines}
        if figure.values is None or not measured:
            continue
        leg = max(measured, key=lambda column: measured[column].model.mean)
        alone = measured[leg].values
        if alone is None:
            raise ValueError(f"{figure.name!r} of {leg!r} is not measured query by query")
        yield OverBetterLeg(figure.name, leg, paired_difference(figure.values, alone, generator()))


def legs_as_markdown(compared: Iterator[OverBetterLeg]) -> str:
    """Return the differences in points of percent with 95 % intervals, and the p of no difference."""
    lines = ["| development set | the better alone | both together, against it | p |", "|---|---|--:|--:|"]
    lines += [
        f"| {entry.name} | {entry.leg} | {100 * entry.difference.mean:+.2f}"
        f" [{100 * entry.difference.low:+.2f}, {100 * entry.difference.high:+.2f}]"
        f" | {entry.difference.p:.3f} |"
        for entry in compared
    ]
    return "\n".join(lines) + "\n"
