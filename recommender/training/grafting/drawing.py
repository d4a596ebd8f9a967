"""Which pairs of a stream are learnt from: any, or those of the commonest English words."""

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TypeVar

import regex

from recommender.training.sources import Streams
from recommender.training.stream_names import kind_of, languages_of

T = TypeVar("T")
WORD = regex.compile(r"[a-z]{2,}")


def sample(items: Sequence[T], size: int, seed: int) -> Sequence[T]:
    """Return at most `size` of the items, at random."""
    return items if len(items) <= size else random.Random(seed).sample(items, size)  # noqa: S311


def commonest(english: Sequence[str], counts: Mapping[str, int], size: int, seed: int) -> list[int]:
    """Return the places of at most `size` texts whose rarest word is the most frequent, by chance if equal.

    >>> commonest(["hemin", "house", "a house", "青"], {"house": 9, "hemin": 1}, 2, seed=1)
    [1, 2]
    """
    places = list(range(len(english)))
    random.Random(seed).shuffle(places)  # noqa: S311
    ranked = sorted(places, key=lambda place: -_rarest(english[place], counts))
    return sorted(ranked[:size])


def english_counts(streams: Streams) -> Counter[str]:
    """Return how often each word is met in English texts, dictionaries and lists of terms apart."""
    counts = Counter[str]()
    for name, pairs in streams.items():
        if kind_of(name) in {"word", "term"}:
            continue
        for language, texts in zip(languages_of(name), (pairs.left, pairs.right), strict=True):
            if language == "en":
                for text in texts:
                    counts.update(WORD.findall(text.lower()))
    return counts


def _rarest(text: str, counts: Mapping[str, int]) -> int:
    return min((counts.get(word, 0) for word in WORD.findall(text.lower())), default=0)
