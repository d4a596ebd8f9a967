"""How much a term weighs in a text. One formula for rows and for questions.

weight = (1 + ln count) · idf^1.5, each text scaled to unit length; idf = 1 + ln((1 + n) / (1 + df)),
as scikit-learn's `TfidfVectorizer(sublinear_tf=True)` but for the power: rare terms, which name what a
paper is about, count more (measured in models/README.md).
"""

import hashlib
from collections import Counter

import numpy as np
from numpy.typing import NDArray

from recommender.text.tokens import tokens

Terms = NDArray[np.uint64]  # names of terms, see `name_of`
POWER = 1.5


def counted(text: str) -> Counter[str]:
    """Return how often each token occurs in `text`."""
    return Counter(tokens(text))


def name_of(token: str) -> int:
    """Return the 64-bit number that stands for a token on the disk.

    Of ten million distinct tokens two share a number with a probability of 3 in a million.
    """
    return int.from_bytes(hashlib.blake2b(token.encode("utf-8", "replace"), digest_size=8).digest(), "little")


def idf(document_frequencies: NDArray[np.integer], n: int) -> NDArray[np.float64]:
    """Return how much each term says, given in how many of `n` texts it occurs."""
    rarity = np.log((1.0 + n) / (1.0 + document_frequencies))
    weights: NDArray[np.float64] = (1.0 + rarity) ** POWER
    return weights


def damped(counts: NDArray[np.integer]) -> NDArray[np.float64]:
    """Return what `counts` occurrences in one text are worth: each further one less."""
    worth: NDArray[np.float64] = counts.astype(np.float64)
    np.log(worth, out=worth)  # in place: those of a corpus take a gigabyte
    worth += 1.0
    return worth
