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
from scipy.sparse import coo_matrix

from recommender.lexical.weighting import CHARACTER_PART, MOST_COUNTED, Terms, name_of, part_of
from recommender.text.han import folded
from recommender.text.tokens import IDEOGRAPHIC, tokens_of_folded

Numbers = NDArray[np.int32]
RUN = re.compile(f"[{IDEOGRAPHIC}]+")
END = "\n"  # of a text among many: folded ones hold none
BITS = 21  # of a character
CHARACTERS = 1 << BITS
TEXTS = 1 << 64 - 2 * BITS  # at most, so that a text and a pair of characters make one number


class CountedWords(NamedTuple):
    """The words of some texts.

    Attributes:
        names: Of the distinct terms, ascending, see `weighting`.
        parts: Of each of them.
        columns, counts: Text after text, the places of its terms among these, ascending, and how often it
            has each, `MOST_COUNTED` at most.
        sizes: How many each text has.
    """

    names: Terms
    parts: NDArray[np.float16]
    columns: Numbers
    counts: NDArray[np.uint8]
    sizes: NDArray[np.int64]


def count_words(texts: Sequence[str]) -> CountedWords:
    """Count the tokens of some texts, `TEXTS` at most, as `weighting.counted` does of each by itself."""
    plain = [*map(folded, texts)]
    characters, places, of_places, times = _ideographic(plain)
    numbers: defaultdict[str, int] = defaultdict(count(len(characters)).__next__)
    columns, counts, sizes = array("i"), array("i"), array("q")
    for text in plain:
        found = Counter(tokens_of_folded(text if text.isascii() else RUN.sub(" ", text)))
        columns.extend(map(numbers.__getitem__, found))
        counts.extend(found.values())
        sizes.append(len(found))
    tokens = [*map(_token, characters.tolist()), *numbers]
    parts = [CHARACTER_PART if key < CHARACTERS else 1.0 for key in characters.tolist()]
    named = np.fromiter(map(name_of, tokens), dtype=np.uint64, count=len(tokens))
    names, first, terms = np.unique(named, return_index=True, return_inverse=True)
    rows = np.concatenate([of_places, np.repeat(np.arange(len(texts)), np.asarray(sizes, dtype=np.int64))])
    lines = coo_matrix(
        (
            np.concatenate([times.astype(np.int32), np.asarray(counts)]),
            (rows, terms[np.concatenate([places, np.asarray(columns)])]),
        ),
        shape=(len(texts), len(names)),
    ).tocsr()  # of two tokens that share a name the counts are added up
    lines.sort_indices()
    return CountedWords(
        names,
        np.array([*parts, *map(part_of, numbers)], dtype=np.float16)[first],
        lines.indices.astype(np.int32, copy=False),
        np.minimum(lines.data, MOST_COUNTED).astype(np.uint8),
        np.diff(lines.indptr).astype(np.int64),
    )


def _ideographic(
    texts: Sequence[str],
) -> tuple[NDArray[np.uint64], Numbers, NDArray[np.int64], NDArray[np.int64]]:
    """Count the characters of Han and kana, and pairs of them, of each text.

    Returns:
        The distinct ones of all texts as numbers, ascending; then, one after the other, places among these,
        the texts that have them, and how often.
    """
    marked = [text if not text.isascii() else "" for text in texts]  # ASCII has none of them
    codes = np.frombuffer(END.join(marked).encode("utf-32-le", "surrogatepass"), dtype="<u4")
    is_ideographic = _table()[codes]
    single = np.flatnonzero(is_ideographic)
    pairs = single[:-1][np.diff(single) == 1]
    texts_of = np.cumsum(codes == ord(END), dtype=np.uint64)
    letters = codes.astype(np.uint64) * np.uint64(TEXTS)
    # by character first: their order then tells which are distinct, and sorting once is enough
    found, times = np.unique(
        np.concatenate(
            [
                letters[single] | texts_of[single],
                letters[pairs] << np.uint64(BITS) | letters[pairs + 1] | texts_of[pairs],
            ]
        ),
        return_counts=True,
    )
    keys = found // np.uint64(TEXTS)
    is_first = np.diff(keys, prepend=keys[:1] ^ np.uint64(1)) != 0
    places = np.cumsum(is_first, dtype=np.int32) - np.int32(1)
    return keys[is_first], places, (found % np.uint64(TEXTS)).astype(np.int64), times


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
