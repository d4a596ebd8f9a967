"""How much a term weighs in a text. One formula for rows and for questions as long as a paper.

weight = 1.5 count / (count + 0.5) · idf^1.5 · its part, each text scaled to unit length;
idf = 1 + ln((1 + n) / (1 + df)). Counts saturate as in BM25, so that a word said often does not hide the
others; rare terms, which name what a paper is about, count more; a single character says half as much as
the pairs that hold it (measured in models/README.md).

A few words are not a small paper: whoever names four words wants all four. Rarity counts, but less, and what
they are found in is scaled not by its own length but by one much nearer to the usual one (`pivots`): a long
paper that has all of them is not behind a short one that has three. (Singhal, Buckley and Mitra, Pivoted
document length normalization, SIGIR 1996.) How much of a request a paper has is told apart from that
(`shares`): by words and single characters, since pairs of characters also reach across two words, as no paper
has them.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from recommender.text.scripts import HAN, HANGUL, KANA, LAO_BURMESE_KHMER, THAI
from recommender.text.tokens import tokens
from recommender.vectors import are_among

Terms = NDArray[np.uint64]  # names of terms, see `name_of`
POWER, POWER_OF_FEW = 1.5, 1.0
SATURATION = 0.5
MOST_COUNTED = 255  # times; what a term is worth in a text is by then 0.2 % below the most it can be
CHARACTER_PART = 0.5
PIVOT = 0.25  # how far from the usual length to the own one a row is scaled
FEW = 24  # distinct words: a title, or a few words; of 2,500 titles 99 % have no more, of abstracts 1 %
PIECE = 1 / 3  # of a word: a character or a pair of a script without spaces, and a pair of Hangul
CHARACTER = re.compile(f"[{HAN}{KANA}]")
PIECES = re.compile(f"[{HAN}{KANA}{HANGUL}{THAI}{LAO_BURMESE_KHMER}]")
PAIR = re.compile(f"[{HAN}{KANA}]{{2}}")


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


def size_of(tokens: Iterable[str]) -> float:
    """Return how many words distinct tokens are, in whatever script.

    >>> round(size_of(counted("产教融合" * 2 + "的实践与反思：以三所高职院校为例"))), size_of(["gpt", "2"])
    (12, 2.0)
    """
    return sum(PIECE if PIECES.match(token) else 1.0 for token in tokens)


def is_few(tokens: Iterable[str]) -> bool:
    """Tell whether distinct tokens are no more than those of a title.

    >>> is_few(counted("产教融合" * 2 + "的实践与反思：以三所高职院校为例")), is_few(map(str, range(25)))
    (True, False)
    """
    return size_of(tokens) <= FEW


def name_of(token: str) -> int:
    """Return the 64-bit number that stands for a token on the disk.

    Of ten million distinct tokens two share a number with a probability of 3 in a million.
    """
    return int.from_bytes(hashlib.blake2b(token.encode("utf-8", "replace"), digest_size=8).digest(), "little")


def united(one: Terms, other: Terms) -> Terms:
    """Return the names that are in either of two, each of them once and ascending.

    As `np.union1d`, which does not know that they ascend: of a million names that takes a second.

    >>> united(np.array([1, 4, 9], dtype=np.uint64), np.array([2, 4], dtype=np.uint64)).tolist()
    [1, 2, 4, 9]
    """
    new = other[~are_among(other, one)]
    return np.insert(one, np.searchsorted(one, new), new)


def part_of(token: str) -> float:
    """Return what a token counts beside others that are as rare.

    >>> [part_of(token) for token in ("融", "融合", "d")]
    [0.5, 1.0, 1.0]
    """
    return CHARACTER_PART if CHARACTER.fullmatch(token) else 1.0


def idf(document_frequencies: NDArray[np.integer], n: int, power: float = POWER) -> NDArray[np.float64]:
    """Return how much each term says, given in how many of `n` texts it occurs."""
    rarity = np.log((1.0 + n) / (1.0 + document_frequencies))
    weights: NDArray[np.float64] = (1.0 + rarity) ** power
    return weights


def shares(tokens: Sequence[str], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return what part of a request each of its tokens is, given their weights.

    >>> shares(["融", "合", "融合", "gpt"], np.array([1.0, 1.0, 9.0, 2.0])).round(2).tolist()
    [0.17, 0.17, 0.0, 0.67]
    """
    squares = np.array([0.0 if PAIR.fullmatch(token) else 1.0 for token in tokens]) * weights**2
    found: NDArray[np.float64] = squares / (squares.sum() or 1.0)
    return found


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
