"""From a text to its words: NFC, a table of replacements, and a cut wherever no letter, mark or digit is.

Done in Python as `tokenizers` does it, for characters of which that is certain. `tokenizers` replaces by
grapheme cluster, and its tables of Unicode are of another age than Python's; where either could make a
difference, this module says so instead of guessing.
"""

import unicodedata
from functools import cache
from itertools import pairwise

from recommender.embedding.charsmap import Charsmap

# Whatever Unicode 3.2 knew has kept its class and its normal form ever since, by Unicode's own promise.
SETTLED = unicodedata.ucd_3_2_0
UNSETTLED = {"Cn", "Cs"}
PREPENDED = {"\N{ARABIC END OF AYAH}", "\N{SYRIAC ABBREVIATION MARK}"}  # one cluster with what follows
JOINING = {"Mn", "Me", "Mc", "Cf"}  # may be one cluster with what comes before
ALSO_JOINING = {
    "\N{THAI CHARACTER SARA AM}",
    "\N{LAO VOWEL SIGN AM}",
    "\N{HALFWIDTH KATAKANA VOICED SOUND MARK}",
    "\N{HALFWIDTH KATAKANA SEMI-VOICED SOUND MARK}",
}
CLUSTER_BYTES = 6  # from here on `tokenizers` replaces character by character
IN_WORDS = "LMN"  # \p{L}, \p{M}, \p{N}
UNCERTAIN, JOINED = "\0", "\1"  # marks in what was read; neither is in any word
LONGEST_WORD = 2_000  # beyond that `tokenizers` is faster


class Words:
    """Cuts texts into normalised words. Safe to share between threads."""

    def __init__(self, charsmap: Charsmap) -> None:
        """Normalise by `charsmap`.

        Raises:
            ValueError: It replaces line ends, where CR LF would count as one character.
        """
        if charsmap.match("\r").is_key:
            raise ValueError("the table replaces line ends")
        self._charsmap = charsmap
        self._readings = _Readings(charsmap)

    def of(self, text: str) -> list[str] | None:
        """Return the words of `text`, or None where it is not certain what `tokenizers` makes of it.

        Raises:
            ValueError: The table is damaged.
        """
        if not unicodedata.is_normalized("NFC", text):
            if not all(map(_is_settled, text)):
                return None
            text = unicodedata.normalize("NFC", text)
        read = text.translate(self._readings)
        if UNCERTAIN in read:
            return None
        if JOINED in read:
            if any(_joins(after) and self._is_lost(after, before) for before, after in pairwise(text)):
                return None
            read = read.replace(JOINED, "")
        words = read.split()
        are_short = len(read) <= LONGEST_WORD or max(map(len, words), default=0) <= LONGEST_WORD
        return words if are_short else None

    def _is_lost(self, after: str, before: str) -> bool:
        """Tell whether `after` would stay, but for the cluster that it may form with `before`."""
        if len((before + after).encode()) >= CLUSTER_BYTES:
            return False
        first = self._charsmap.match(before)
        is_lost_anyway = first.replacement is not None and self._charsmap.match(after).replacement == ""
        return first.is_key and not is_lost_anyway


class _Readings(dict[int, str]):
    """What each code point is read as, for `str.translate`; all that is in no word is a blank."""

    def __init__(self, charsmap: Charsmap) -> None:
        super().__init__()
        self._charsmap = charsmap

    def __missing__(self, code_point: int) -> str:
        self[code_point] = self._reading(chr(code_point))
        return self[code_point]

    def _reading(self, character: str) -> str:
        if not _is_settled(character):
            return UNCERTAIN
        replacement = self._charsmap.match(character).replacement
        read = character if replacement is None else replacement
        if not all(map(_is_settled, read)):
            return UNCERTAIN
        return "".join(map(_in_words, read)) + (JOINED if _joins(character) else "")


def _in_words(character: str) -> str:
    return character if unicodedata.category(character)[0] in IN_WORDS else " "


@cache
def _is_settled(character: str) -> bool:
    return SETTLED.category(character) not in UNSETTLED and character not in PREPENDED


@cache
def _joins(character: str) -> bool:
    return unicodedata.category(character) in JOINING or character in ALSO_JOINING
