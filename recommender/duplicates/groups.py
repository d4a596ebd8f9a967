"""Pairs of rows → groups, which a doubtful pair does not chain together."""

from collections.abc import Callable, Iterable

Rows = list[int]
Tie = tuple[int, int]
Fits = Callable[[Rows, Rows], bool]


def grouped(ties: Iterable[Tie], fits: Fits) -> tuple[list[list[Tie]], list[Tie]]:
    """Return the ties of each group that they hold together, and the ties that are left between groups.

    Args:
        ties: Pairs of rows, the surest first; a row may be tied to itself.
        fits: Whether the rows of two groups, those tied most surely first, may be one group.

    >>> grouped([(1, 2), (2, 3), (4, 5), (3, 4)], lambda ours, theirs: len(ours + theirs) < 4)
    ([[(1, 2), (2, 3)], [(4, 5)]], [(3, 4)])
    """
    ties = list(ties)
    group_of: dict[int, Rows] = {}
    for one, other in ties:
        ours, theirs = (group_of.setdefault(row, [row]) for row in (one, other))
        if ours is not theirs and fits(ours, theirs):
            fewer, more = sorted((theirs, ours), key=len)
            more += fewer
            group_of |= dict.fromkeys(fewer, more)
    held: dict[int, list[Tie]] = {}
    between = []
    for one, other in ties:
        if group_of[one] is group_of[other]:
            held.setdefault(id(group_of[one]), []).append((one, other))
        else:
            between.append((one, other))
    return [*held.values()], between
