"""What is no translation: where a third paper lies nearly as near, of the language of one of both.

A paper has one translation into a language, but others of its narrow topic are as near as many translations
are. So of those of one language the nearest alone can be it, if it is so by enough, and that has none of the
paper's own language as near either: each is the nearest of its language to the other (margin-based mining of
bitexts: Artetxe and Schwenk 2019, arXiv:1811.01136).
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommender.ranking.graph import NONE
from recommender.ranking.groups import LanguageGroups
from recommender.vectors import Flags, Rows

BEHIND = 10_000  # millionths of a score by which whatever else is near has to stay behind
SAME_TEXT = -5_000  # likewise where a text may be that of a paper, whose score differs a little
LOWEST = -(1 << 40)  # no score is; and to be reckoned with
Millionths = NDArray[np.int64]
Near = tuple[NDArray[Any], Millionths]  # rows, -1 where there are no more, and their scores


def have_rivals(
    scores: Millionths,
    lists: Near,
    wanted: Rows,
    groups: LanguageGroups,
    behind: int = BEHIND,
) -> Flags:
    """Tell of which pairs a third paper is near to the one side, of the language of the other (m,).

    A copy of the other, which has the very same score, is none.

    Args:
        scores: Of the pairs by their texts alone (m,).
        lists: What is near to the one side of each, -1 where there is no more, and the scores (m, k).
        wanted: The group of the other side of each (m,).
        groups: Of the corpus. Those that share a group are of several languages, and have no rival there.
        behind: By how much all others have to stay behind.
    """
    near, near_scores = lists
    here = (near != NONE) & (groups.at(near) == wanted[:, None])
    here &= near_scores != scores[:, None]
    highest = np.where(here, near_scores, LOWEST).max(axis=1, initial=LOWEST)
    found: Flags = (highest > scores - behind) & groups.are_one[wanted]
    return found


def are_rivalled(
    pairs: tuple[NDArray[Any], Millionths],
    own: Near,
    near_to: Callable[[NDArray[Any]], Near] | None,
    group: int,
    groups: LanguageGroups,
    behind: int = BEHIND,
) -> Flags:
    """Tell which rows are no translations of others, each of one group, since either side has a rival (m,).

    Args:
        pairs: The rows, and their scores by the texts alone (m,) each.
        own: What is near to the others, as `lists` above.
        near_to: Returns what is near to some of the rows; None: it is not known.
        group: Of the others.
        groups: Of the corpus.
        behind: As above, on the side of the rows.
    """
    rows, scores = pairs
    found = have_rivals(scores, own, groups.at(rows), groups)
    left = np.flatnonzero(~found)
    if near_to and len(left):
        wanted = np.full(len(left), group)
        found[left] = have_rivals(scores[left], near_to(rows[left]), wanted, groups, behind)
    return found
