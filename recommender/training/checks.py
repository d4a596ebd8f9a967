"""Tests of a pair against what its stream's name promises: the languages of its sides, and their lengths.

Languages are judged with care, since a wrong refusal costs data. A short text is judged by its script
alone: a term in Latin letters may be of any language. A long one is handed to the detector, whose word
counts only where it tells languages of one script apart.
"""

import math
from collections.abc import Mapping
from enum import IntEnum
from functools import lru_cache

from recommender.text.language import IDEOGRAPHIC, detect_language, letters_by_script
from recommender.training.stream_names import ANY, FROM_ENGLISH, kind_of, languages_of

LATIN = frozenset({"latin"})
SCRIPTS: Mapping[str, frozenset[str]] = {
    "zh": frozenset({"han"}),
    "ja": frozenset({"han", "kana"}),
    "ko": frozenset({"hangul", "han"}),
    "ru": frozenset({"cyrillic"}),
    "uk": frozenset({"cyrillic"}),
    "ar": frozenset({"arabic"}),
    "hi": frozenset({"devanagari"}),
    "th": frozenset({"thai"}),
}
IDEOGRAPH = 3  # letters of an alphabet that one character of Han, kana or Hangul stands for
LONG = 160  # letters from which on the detector is asked
LOOK = 300  # characters of a text that are looked at
OWN_SHARE = 0.15  # of the letters in the language's own script: the rest may be names and formulas
SYMBOLS = 2  # so many letters of a third script are no text: α-helix

# How many times as long as the other side the left and the right one may be, beyond some letters.
SLACK = 60
PROPORTIONS: Mapping[str, tuple[float, float]] = {
    "sentence": (4, 4),
    "term": (4, 4),
    "abstract": (4, 4),
    "title": (4, 4),
    "summary": (8, 8),
    "halves": (8, 8),
    "title-abstract": (2, math.inf),
    "abstract-keywords": (math.inf, 2),
    "field": (math.inf, 2),
}


class Evidence(IntEnum):
    """Whether a text is of a language."""

    NO = 0
    MAYBE = 1  # Latin letters where another script is expected: a name, an abbreviation, a formula
    YES = 2


def evidence(text: str, language: str) -> Evidence:
    """Tell whether `text` may be of a language (ISO 639-1).

    >>> [evidence(text, "ja").name for text in ("機械学習", "BERT", "машина")]
    ['YES', 'MAYBE', 'NO']
    """
    text = text[:LOOK]
    letters = _letters(text)
    total = sum(letters.values())
    own = SCRIPTS.get(language, LATIN)
    share = sum(letters.get(script, 0) for script in own) / total if total else 1.0
    if share < OWN_SHARE:
        foreign = total - letters.get("latin", 0)
        is_latin = foreign <= max(SYMBOLS, total / 2)
        return Evidence.MAYBE if is_latin and total < LONG else Evidence.NO
    if total >= LONG:
        found = detect_language(text)
        if found not in {"", language} and SCRIPTS.get(found, LATIN) & own:
            return Evidence.NO
    return Evidence.YES


def promised(stream: str) -> tuple[str, str]:
    """Return the languages of the two sides, in either order, that a stream's name promises.

    An English side is not insisted on: a gloss may quote what it explains.

    >>> [promised(name) for name in ("zh/halves", "zh-en/title", "word/pt", "field")]
    [('zh', 'zh'), ('zh', 'en'), ('pt', ''), ('', '')]
    """
    one, other = languages_of(stream)
    return (other, ANY) if kind_of(stream) in FROM_ENGLISH else (one, other)


def is_wrong_language(left: str, right: str, languages: tuple[str, str]) -> bool:
    """Tell whether the sides cannot be of the two languages, in whichever order."""
    one, other = languages
    if one == ANY:
        return False
    if other == ANY:
        found = sorted((evidence(left, one), evidence(right, one)))
        return found[1] is Evidence.NO or (found[1] is Evidence.MAYBE and found[0] is Evidence.NO)
    straight = min(evidence(left, one), evidence(right, other))
    if straight is not Evidence.NO or one == other:
        return straight is Evidence.NO
    return min(evidence(right, one), evidence(left, other)) is Evidence.NO


def is_out_of_proportion(left: str, right: str, stream: str) -> bool:
    """Tell whether one side is far too long to say what the other says."""
    most_left, most_right = PROPORTIONS.get(kind_of(stream), (math.inf, math.inf))
    if max(len(left), len(right)) * IDEOGRAPH <= SLACK or most_left == most_right == math.inf:
        return False
    sizes = [_size(side) for side in (left, right)]
    return sizes[0] > most_left * sizes[1] + SLACK or sizes[1] > most_right * sizes[0] + SLACK


def _size(text: str) -> float:
    """Return the letters of a text, in letters of an alphabet, as its beginning lets expect them."""
    beginning = text[:LOOK]
    return sum(_letters(beginning).values()) * len(text) / max(1, len(beginning))


@lru_cache(maxsize=8)  # a pair asks for the same two texts several times
def _letters(text: str) -> Mapping[str, int]:
    """Count letters by script, in letters of an alphabet."""
    if text.isascii():
        return {"latin": sum(map(str.isalpha, text))}
    return {
        name: count * (IDEOGRAPH if name in IDEOGRAPHIC else 1)
        for name, count in letters_by_script(text).items()
    }
