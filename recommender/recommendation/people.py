"""Whom a few words name: people who wrote papers of the build.

Names are written in one order and in the other, with a comma and without: "Gu Chengyuan", "Chengyuan Gu",
"Gu, Chengyuan". Any of these finds papers that have any other.
"""

import re
from collections.abc import Iterator, Sequence

import numpy as np

from recommender.builds import Build, facets
from recommender.lexical.weighting import counted, is_few
from recommender.ranking import Name
from recommender.text.han import folded
from recommender.vectors import distinct

LONGEST = 5  # words of a name
BETWEEN = re.compile(r"[\s,;:，；：、()（）\[\]【】《》\"“”‘’!?！？]+")  # not those of J.-P. and O'Neill


def named(build: Build, text: str) -> tuple[Name, ...]:
    """Return what in a few words is the name of an author, the longest names first found from the left.

    A longer text names nobody: it is compared as a paper.

    Raises:
        BuildError: The names in the build are damaged.
    """
    if not is_few(counted(text)):
        return ()
    words = [word for word in BETWEEN.split(folded(text)) if word]
    keys = list(dict.fromkeys(key for part in _runs(len(words)) for key in spellings(words[part])))
    rows = build.facets.rows_of_each(facets.AUTHOR, keys)
    found, taken = [], set[int]()
    for part in _runs(len(words)) if rows else ():
        known = rows.keys() & spellings(words[part])
        if known and not taken & {*range(part.start, part.stop)}:
            taken |= {*range(part.start, part.stop)}
            tokens = frozenset(counted(" ".join(words[part])))
            papers = distinct(np.concatenate([rows[key] for key in known]))
            found.append(Name(tokens, frozenset(known), papers))
    return tuple(found)


def spellings(words: Sequence[str]) -> list[str]:
    """Return in what ways a name of some words, folded, may stand in a record.

    >>> spellings(["gu", "chengyuan"])
    ['gu chengyuan', 'gu, chengyuan', 'chengyuan gu', 'chengyuan, gu']
    """
    found = [" ".join(words)]
    for place in range(1, len(words)):
        first, last = " ".join(words[:place]), " ".join(words[place:])
        found += [f"{first}, {last}", f"{last} {first}", f"{last}, {first}"]
    return found


def _runs(n: int) -> Iterator[slice]:
    """Return the runs of `n` words that may be a name, the longest first."""
    for size in range(min(n, LONGEST), 0, -1):
        yield from (slice(start, start + size) for start in range(n - size + 1))
