"""How much a term weighs in a text. One formula for rows and for questions as long as a paper.

weight = 1.5 count / (count + 0.5) · idf^1.5 · its part, each text scaled to unit length;
idf = 1 + ln((1 + n) / (1 + df)). Counts saturate as in BM25, so that a word said often does not hide the
others; rare terms, which name what a paper is about, count more; a single character says half as much as
the pairs that hold it (measured in models/README.md).

A few words are not a small paper: whoever names four words wants all four. They weigh alike, and what they
are found in is scaled not by its own length but by one much nearer to the usual one (`pivots`): a long
paper that has all of them is not behind a short one that has three. (Singhal, Buckley and Mitra, Pivoted
document length normalization, SIGIR 1996.)
"""

import hashlib
import re
from collections import Counter
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from recommender.text.scripts import HAN, KANA
from recommender.text.tokens import tokens

Terms = NDArray[np.uint64]  # names of terms, see `name_of`
POWER = 1.5
SATURATION = 0.5
MOST_COUNTED = 255  # times; what a term is worth in a text is by then 0.2 % below the most it can be
CHARACTER_PART = 0.5
PIVOT = 0.25  # how far from the usual length to the own one a row is scaled
FEW = 60  # distinct tokens: a title, or a few words
CHARACTER = re.compile(f"[{HAN}{KANA}]")


class Usual(NamedTuple):
    """What is usual in a corpus: weights go by it beside the frequencies of the terms.

    Attributes:
        n_texts: How many texts these frequencies are of.
        length: The mean length of rows that have any term, before they are scaled.
    """

    n_texts: int
    length: float


def counted(text: str) -> Counter[str]:
    """Return how often each token occurs in `text`."""
    return Counter(tokens(text))


def name_of(token: str) -> int:
    """Return the 64-bit number that stands for a token on the disk.

    Of ten million distinct tokens two share a number with a probability of 3 in a million.
    """
    return int.from_bytes(hashlib.blake2b(token.encode("utf-8", "replace"), digest_size=8).digest(), "little")


def part_of(token: str) -> float:
    """Return what a token counts beside others that are as rare.

    >>> [part_of(token) for token in ("融", "融合", "d")]
    [0.5, 1.0, 1.0]
    """
    return CHARACTER_PART if CHARACTER.fullmatch(token) else 1.0


def idf(document_frequencies: NDArray[np.integer], n: int) -> NDArray[np.float64]:
    """Return how much each term says, given in how many of `n` texts it occurs."""
    rarity = np.log((1.0 + n) / (1.0 + document_frequencies))
    weights: NDArray[np.float64] = (1.0 + rarity) ** POWER
    return weights


def saturated(counts: NDArray[np.integer]) -> NDArray[np.float64]:
    """Return what `counts` occurrences in one text are worth: the first 1, all that follow half of that."""
    some = np.minimum(counts, MOST_COUNTED).astype(np.float64)
    worth: NDArray[np.float64] = some / (some + SATURATION) * (1.0 + SATURATION)
    return worth


def usual_length(lengths: NDArray[np.float64]) -> float:
    """Return the mean of the lengths of rows that have any term; 1 where none has."""
    some = lengths[lengths > 0]
    return float(some.mean()) if len(some) else 1.0


def pivots(lengths: NDArray[np.float64], usual: float) -> NDArray[np.float64]:
    """Return by what the cosine of a few words with each row is multiplied.

    Args:
        lengths: Of the rows, before they were scaled (n_rows,); 0: it has no term.
        usual: The length that is usual.
    """
    factors: NDArray[np.float64] = lengths / ((1.0 - PIVOT) * usual + PIVOT * lengths)
    return factors
