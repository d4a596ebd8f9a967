"""Lexical tokens for search in every language, without a dictionary."""

import re
import unicodedata
from collections.abc import Iterator
from itertools import pairwise
from operator import add

from recommender.text.han import folded
from recommender.text.scripts import HAN, HANGUL, KANA, LAO_BURMESE_KHMER, THAI, ranges

# Vowel signs and accents that no precomposed letter holds: \w knows none of them, and a Hindi word
# would fall apart at each.
MARKS = ranges(mark for mark in map(chr, range(0x300, 0x1E00)) if unicodedata.category(mark)[0] == "M")
IDEOGRAPHIC = f"{HAN}{KANA}"
UNSPACED = f"{THAI}{LAO_BURMESE_KHMER}"
RUN = re.compile(
    rf"(?P<ideographic>[{IDEOGRAPHIC}]+)"
    rf"|(?P<hangul>[{HANGUL}]+)"
    rf"|(?P<unspaced>[{UNSPACED}]+)"
    r"|(?P<number>\d+(?:\.\d+)+)"
    rf"|(?P<word>(?:[a-z0-9]+[{MARKS}]*|(?![{IDEOGRAPHIC}{HANGUL}{UNSPACED}])[^\W_][{MARKS}]*)+)"
)
PLAIN = re.compile(r"\d+(?:\.\d+)+|[a-z0-9]+", re.ASCII)  # what `RUN` finds where all characters are ASCII
LETTER = re.compile(rf".[{MARKS}]*")


def tokens(text: str) -> list[str]:
    """Return the tokens of `text` in its order, after `matching`, traditional characters as simplified.

    - A run of Han characters and kana gives its characters, then its pairs of neighbours.
    - A run of Hangul, Thai, Lao, Burmese or Khmer gives its pairs of neighbours (letters with their
      marks; a lone letter gives itself): particles and compounds there hide the word from its spaces.
    - Everything else gives whole words and numbers, decimals in one piece.

    >>> tokens("产教融合 and the GPT-4 (3.5 %)")
    ['产', '教', '融', '合', '产教', '教融', '融合', 'and', 'the', 'gpt', '4', '3.5']
    """
    return tokens_of_folded(folded(text))


def tokens_of_folded(text: str) -> list[str]:
    """Return the tokens of a text that is `folded` already."""
    if text.isascii():
        return PLAIN.findall(text)
    found: list[str] = []
    plain: list[str] = []
    for piece in text.split():  # no token has a space
        if piece.isascii():
            plain.append(piece)
        else:
            found += PLAIN.findall(" ".join(plain))
            plain.clear()
            found += _tokens(piece)
    return found + PLAIN.findall(" ".join(plain))


def _tokens(piece: str) -> list[str]:
    """Return the tokens of folded text in any script."""
    found: list[str] = []
    for run in RUN.finditer(piece):
        match run.lastgroup:
            case "ideographic":
                letters = run[0]  # marks do not occur among them
                found += letters
                found += map(add, letters, letters[1:])
            case "hangul" | "unspaced":
                found += _pairs(run[0]) or [run[0]]
            case _:
                found.append(run[0])
    return found


def runs(text: str) -> Iterator[tuple[str, bool]]:
    """Yield the stretches of `text` that tokens are made of, as they are compared, and which are whole words.

    >>> [*runs("產教融合 and GPT")]
    [('产教融合', False), ('and', True), ('gpt', True)]
    """
    for run in RUN.finditer(folded(text)):
        yield run[0], run.lastgroup in ("word", "number")


def _pairs(run: str) -> list[str]:
    return ["".join(pair) for pair in pairwise(LETTER.findall(run))]
