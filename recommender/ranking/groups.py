"""Rows grouped by language: papers are compared with what is usual between their two languages."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommender.vectors import Flags, Rows

SMALLEST = 10  # papers; less say little of what is usual in a language, and share a group
OTHERS = ""  # the group of all smaller languages; it comes last


@dataclass(frozen=True, slots=True)
class LanguageGroups:
    """Which rows are of which language; the rows of a group follow each other.

    Attributes:
        names: The language of each group, at most one of them `OTHERS`.
        sizes: How many rows each has, at least one.
    """

    names: tuple[str, ...]
    sizes: tuple[int, ...]

    @classmethod
    def of(cls, languages: Sequence[str]) -> "LanguageGroups":
        """Group rows that lie in the order of `group_keys`.

        Raises:
            ValueError: They do not.
        """
        keys = group_keys(languages)
        names = tuple(dict.fromkeys(keys))
        if keys != sorted(keys, key=_others_last):
            raise ValueError("the rows are not in the order of their languages")
        counts = Counter(keys)
        return cls(names, tuple(counts[name] for name in names))

    def __len__(self) -> int:
        return len(self.names)

    def rows(self, group: int) -> Rows:
        """Return the rows of a group."""
        stretch = self.stretch(group)
        return np.arange(stretch.start, stretch.stop)

    def stretch(self, group: int) -> range:
        """Return the rows of a group as the stretch that they are."""
        start = sum(self.sizes[:group])
        return range(start, start + self.sizes[group])

    def each(self) -> Rows:
        """Return the group of each row (n_rows,)."""
        return np.repeat(np.arange(len(self.sizes)), self.sizes)

    def at(self, rows: NDArray[Any]) -> Rows:
        """Return the group of each of some rows, whatever their shape; of -1 that of the first."""
        found: Rows = np.searchsorted(np.cumsum(self.sizes), rows, side="right")
        return found

    @property
    def are_one(self) -> Flags:
        """Tell which groups are of one language each (n_groups,)."""
        return np.array([name != OTHERS for name in self.names])

    def group_of(self, language: str) -> int:
        """Return the group that a text of a language is compared from.

        `len(self)` says that no paper of the corpus stands for it: then everything is foreign to it.
        """
        for name in (language, OTHERS):
            if name in self.names:
                return self.names.index(name)
        return len(self)


def group_keys(languages: Iterable[str]) -> list[str]:
    """Return the name of the group of each language."""
    listed = list(languages)
    counts = Counter(listed)
    return [name if counts[name] >= SMALLEST else OTHERS for name in listed]


def arranged(languages: Sequence[str], ids: Sequence[str]) -> list[int]:
    """Return the positions in the order of rows: by group, then by id, whatever order they came in."""
    members: dict[str, list[int]] = {}
    for place, key in enumerate(group_keys(languages)):
        members.setdefault(key, []).append(place)
    # group by group: no pair of a group and an id has to be kept for every paper
    return [
        place
        for key in sorted(members, key=_others_last)
        for place in sorted(members[key], key=ids.__getitem__)
    ]


def _others_last(key: str) -> tuple[bool, str]:
    return key == OTHERS, key
