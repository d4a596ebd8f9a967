"""Pairs of texts that belong together, and the checks they pass before a model learns from them."""

import hashlib
import random
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from recommender.text.sentences import sentences
from recommender.training.checks import is_out_of_proportion, is_wrong_language, promised

CLAUSE_END = re.compile(r"(?<=[，、；])|(?<=[,;])(?=\s)")
FEWEST_PARTS = 4  # of a text that is split in two
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


def halves(text: str, chance: random.Random) -> tuple[str, str] | None:
    """Split the sentences of a text at random in two, each half in the text's order.

    Clauses are split where there are too few sentences; None where there are too few of both.
    """
    for parts in (sentences(text), [part for part in CLAUSE_END.split(text) if part.strip()]):
        if len(parts) >= FEWEST_PARTS:
            first = set(chance.sample(range(len(parts)), len(parts) // 2))
            sides = ([part for n, part in enumerate(parts) if (n in first) is side] for side in (True, False))
            left, right = (" ".join(map(str.strip, side)) for side in sides)
            return left, right
    return None


def cleaned(pairs: Pairs, forbidden: frozenset[str], stream: str = "") -> tuple[Pairs, Counter[str]]:
    """Return the pairs that can be learnt from, and how many were refused for each reason.

    Args:
        pairs: As read.
        forbidden: Texts of evaluation sets (see `fingerprints`); a pair with one of them is a leak.
        stream: The name of the stream, which promises languages and lengths; "" promises nothing.
    """
    refused: Counter[str] = Counter()
    kept = Pairs()
    seen: set[tuple[str, str]] = set()
    for left, right in pairs:
        sides = left.strip(), right.strip()
        reason = _fault(*sides, seen, forbidden) or _broken_promise(*sides, stream)
        if reason:
            refused[reason] += 1
        else:
            kept.add(*sides)
    return kept, refused


def fingerprints(texts: Iterable[str]) -> frozenset[str]:
    """Return what `cleaned` compares: texts without case and white space, too short ones left out."""
    return frozenset(key for key in map(_key, texts) if len(key) >= 12)


def _key(text: str) -> str:
    return "".join(text.lower().split())


def _fault(left: str, right: str, seen: set[tuple[str, str]], forbidden: frozenset[str]) -> str | None:
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


def _broken_promise(left: str, right: str, stream: str) -> str | None:
    if is_wrong_language(left, right, promised(stream)):
        return "wrong language"
    return "out of proportion" if is_out_of_proportion(left, right, stream) else None
