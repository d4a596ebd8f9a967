"""The words of many texts at once, counted: what a `TermMatrix` is made of.

Characters of Han and kana, and pairs of them, are the most of a Chinese text: they are counted as numbers, by
sorting those of all texts together. All other words are counted text by text.
"""

import re
from array import array
from collections import Counter, defaultdict
from collections.abc import Sequence
from functools import cache
from itertools import count
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from recommender.lexical.weighting import CHARACTER_PART, Terms, name_of, part_of
from recommender.text.han import folded
from recommender.text.tokens import IDEOGRAPHIC, tokens_of_folded

Numbers = NDArray[np.int32]
RUN = re.compile(f"[{IDEOGRAPHIC}]+")
END = "\n"  # of a text among many: folded ones hold none
BITS = 21  # of a character
CHARACTERS = 1 << BITS


class CountedWords(NamedTuple):
    """The words of some texts.

    Attributes:
        names, parts: Of each distinct token, see `weighting`.
        columns, counts: Text after text, the places of its tokens among these and how often it has each.
        sizes: How many each text has.
    """

    names: Terms
    parts: NDArray[np.float64]
    columns: Numbers
    counts: Numbers
    sizes: NDArray[np.int64]


def count_words(texts: Sequence[str]) -> CountedWords:
    """Count the tokens of some texts, as `weighting.counted` does of each by itself."""
    plain = [*map(folded, texts)]
    keys, of_keys, times = _ideographic(plain)
    characters, places = np.unique(keys, return_inverse=True)
    numbers: defaultdict[str, int] = defaultdict(count(len(characters)).__next__)
    columns, counts, sizes = array("i"), array("i"), array("q")
    for text in plain:
        found = Counter(tokens_of_folded(text if text.isascii() else RUN.sub(" ", text)))
        columns.extend(map(numbers.__getitem__, found))
        counts.extend(found.values())
        sizes.append(len(found))
    rows = np.concatenate([of_keys, np.repeat(np.arange(len(texts)), np.asarray(sizes, dtype=np.int64))])
    order = np.argsort(rows.astype(np.uint16 if len(texts) < 1 << 16 else np.uint32), kind="stable")
    tokens = [*map(_token, characters.tolist()), *numbers]
    parts = [CHARACTER_PART if key < CHARACTERS else 1.0 for key in characters.tolist()]
    return CountedWords(
        np.fromiter(map(name_of, tokens), dtype=np.uint64, count=len(tokens)),
        np.array([*parts, *map(part_of, numbers)]),
        np.concatenate([places.astype(np.int32), np.asarray(columns)])[order],
        np.concatenate([times.astype(np.int32), np.asarray(counts)])[order],
        np.bincount(rows, minlength=len(texts)),
    )


def _ideographic(
    texts: Sequence[str],
) -> tuple[NDArray[np.uint64], NDArray[np.int64], NDArray[np.int64]]:
    """Return the distinct characters of Han and kana, and pairs of them, of each text.

    Returns:
        As numbers (m,), the texts that they are of, and how often they stand there.
    """
    joined = END.join(texts).encode("utf-32-le", "surrogatepass")
    codes = np.frombuffer(joined, dtype="<u4")
    is_ideographic = _table()[codes]
    single = np.flatnonzero(is_ideographic)
    pairs = np.flatnonzero(is_ideographic[:-1] & is_ideographic[1:])
    texts_of = np.cumsum(codes == ord(END)).astype(np.uint64) << np.uint64(2 * BITS)
    letters = codes.astype(np.uint64)
    distinct, times = np.unique(
        np.concatenate(
            [
                texts_of[single] | letters[single],
                texts_of[pairs] | letters[pairs] << np.uint64(BITS) | letters[pairs + 1],
            ]
        ),
        return_counts=True,
    )
    return (
        distinct & np.uint64((1 << 2 * BITS) - 1),
        (distinct >> np.uint64(2 * BITS)).astype(np.int64),
        times,
    )


def _token(key: int) -> str:
    """Return the character or pair of characters that a number stands for."""
    first, second = divmod(key, CHARACTERS)
    return chr(first) + chr(second) if first else chr(second)


@cache
def _table() -> NDArray[np.bool_]:
    """Tell of every code point whether it is of Han or kana."""
    every = "".join(map(chr, range(0x110000)))
    table = np.zeros(len(every), dtype=np.bool_)
    for run in RUN.finditer(every):
        table[run.start() : run.end()] = True
    return table
