"""Pairs of texts that belong together, and the checks they pass before a model learns from them."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

LONGEST = 4_000  # characters; what goes beyond teaches nothing more and costs memory


@dataclass(slots=True)
class Pairs:
    """Two aligned lists: `left[i]` and `right[i]` say the same, or are of the same paper."""

    left: list[str] = field(default_factory=list)
    right: list[str] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.left)

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(zip(self.left, self.right, strict=True))

    def add(self, left: str, right: str) -> None:
        self.left.append(left[:LONGEST])
        self.right.append(right[:LONGEST])


def held_out(paper_id: str, *, share: float = 0.05, salt: str = "") -> bool:
    """Tell whether a paper is kept from training, by a hash of its id: all texts of it fall together.

    >>> [number for number in range(60) if held_out(f"arxiv:{number}")]
    [39]
    """
    number = int.from_bytes(hashlib.sha1((salt + paper_id).encode(), usedforsecurity=False).digest()[:8])
    return number < share * 2**64


def cleaned(pairs: Pairs, forbidden: frozenset[str]) -> tuple[Pairs, Counter[str]]:
    """Return the pairs that can be learnt from, and how many were refused for each reason.

    Args:
        pairs: As read.
        forbidden: Texts of evaluation sets (see `fingerprints`); a pair with one of them is a leak.
    """
    refused: Counter[str] = Counter()
    kept = Pairs()
    seen: set[tuple[str, str]] = set()
    for left, right in pairs:
        reason = _reason(left.strip(), right.strip(), seen, forbidden)
        if reason:
            refused[reason] += 1
        else:
            kept.add(left.strip(), right.strip())
    return kept, refused


def fingerprints(texts: Iterable[str]) -> frozenset[str]:
    """Return what `cleaned` compares: texts without case and white space, too short ones left out."""
    return frozenset(key for key in map(_key, texts) if len(key) >= 12)


def _key(text: str) -> str:
    return "".join(text.lower().split())


def _reason(left: str, right: str, seen: set[tuple[str, str]], forbidden: frozenset[str]) -> str | None:
    if not any(map(str.isalpha, left)) or not any(map(str.isalpha, right)):
        return "empty side"
    keys = _key(left), _key(right)
    if keys[0] == keys[1]:
        return "both sides alike"
    if keys in seen:
        return "said before"
    seen.add(keys)
    if forbidden.intersection(keys):
        return "in an evaluation set"
    return None
