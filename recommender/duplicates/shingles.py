"""How much of one text stands word for word in another: containment of shingles, and of numbers.

Broder, On the resemblance and containment of documents, 1997. A shingle here is a stretch of letters, since
words are not parted in every script: three in Han, kana and Hangul, whose letters are syllables or words,
eight in alphabets, with spaces or, as Thai, Lao, Burmese and Khmer, without.
"""

import re

from recommender.text.han import folded
from recommender.text.normalise import matching
from recommender.text.scripts import HANGUL
from recommender.text.tokens import IDEOGRAPHIC

DENSE = re.compile(f"[{IDEOGRAPHIC}{HANGUL}]")
GROUPING = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)*")
OTHER = re.compile(r"[\W_]+")
IN_DENSE, IN_OTHERS = 3, 8


def shingles(text: str) -> frozenset[str]:
    """Return the shingles of a text.

    >>> sorted(shingles("產教融合!")) == sorted(shingles("产教 融合"))
    True
    """
    found = letters(text)
    size = IN_DENSE if 2 * len(DENSE.findall(found)) > len(found) else IN_OTHERS
    return frozenset(found[start : start + size] for start in range(max(1, len(found) - size + 1)))


def letters(text: str) -> str:
    """Return the letters and digits of a text alone, as texts are compared.

    >>> letters("Deep Learning, 產教")
    'deeplearning产教'
    """
    return OTHER.sub("", folded(text))


def numbers(text: str) -> frozenset[str]:
    """Return the numbers of a text that are written in digits.

    >>> sorted(numbers("１２,345 家企业, 3.5 %, 0,25 m, 2019—2021"))
    ['0.25', '12345', '2019', '2021', '3.5']
    """
    return frozenset(NUMBER.findall(GROUPING.sub("", matching(text)).replace(",", ".")))


def containment(one: frozenset[str], other: frozenset[str]) -> float:
    """Return the share of the shingles of the shorter text that the other has too."""
    smaller = min(len(one), len(other))
    return len(one & other) / smaller if smaller else 0.0
