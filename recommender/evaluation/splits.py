"""Queries split into groups: by the length of their text, by their subject."""

from collections.abc import Mapping
from math import ceil

UNKNOWN_SUBJECT = "none"


def thirds(lengths: Mapping[str, int]) -> dict[str, str]:
    """Return the group of every query: the shortest third, the middle one, the longest, by characters.

    Queries of one length are in one group, so that groups may be uneven or fewer.

    >>> thirds({"a": 5, "b": 90, "c": 12})
    {'a': '≤5', 'b': '>12', 'c': '6–12'}
    """
    if not lengths:
        return {}
    ordered = sorted(lengths.values())
    ends = [ordered[ceil(len(ordered) * third / 3) - 1] for third in (1, 2)]
    return {query: _name(length, *ends) for query, length in lengths.items()}


def _name(length: int, first: int, second: int) -> str:
    if length <= first:
        return f"≤{first}"
    return f"{first + 1}–{second}" if length <= second else f">{second}"


def subjects(given: Mapping[str, str]) -> dict[str, str]:
    """Return the group of every query: its subject as the source names it.

    >>> subjects({"a": "physics", "b": ""})
    {'a': 'physics', 'b': 'none'}
    """
    return {query: subject or UNKNOWN_SUBJECT for query, subject in given.items()}
