"""How many columns of a terminal a text takes: two a Chinese character, none a combining mark."""

import unicodedata

JOINED_JAMO = ("\u1160", "\u11ff")  # the vowel and the final of a syllable that began before


def columns(text: str) -> int:
    """Return how many columns `text` takes.

    >>> columns("产教 ok"), columns("e\u0301"), columns("😀")
    (7, 1, 2)
    """
    return len(text) if text.isascii() else sum(map(columns_of, text))


def columns_of(character: str) -> int:
    """Return how many columns one character takes."""
    if unicodedata.category(character) in ("Mn", "Me", "Cf") or JOINED_JAMO[0] <= character <= JOINED_JAMO[1]:
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
