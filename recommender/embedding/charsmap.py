"""SentencePiece's compiled table of character replacements, read as the `tokenizers` library reads it.

The table is a double-array trie (Aoe 1989) over UTF-8 bytes; a leaf says where its replacement begins in
one long string, and a NUL ends it. Layout: trie size in bytes as u32, trie units as u32, the string.
"""

import struct
from typing import NamedTuple

LEAF = 1 << 8
FAR = 1 << 9  # the offset of the unit is stored in steps of 256
LABEL = 1 << 31 | 0xFF
VALUE = (1 << 31) - 1


class Match(NamedTuple):
    """What the table says of a character.

    Attributes:
        replacement: What takes its place; None if it stays.
        is_key: Whether some key of the table begins with the character.
    """

    replacement: str | None
    is_key: bool


UNTOUCHED = Match(None, is_key=False)


class Charsmap:
    """A table of replacements; only what is asked for is decoded."""

    def __init__(self, compiled: bytes) -> None:
        """Read `compiled`.

        Raises:
            ValueError: It is cut off, or is no such table.
        """
        if len(compiled) < 8:
            raise ValueError("the table of replacements is cut off")
        units = int.from_bytes(compiled[:4], "little") // 4
        end = 4 + 4 * units
        if not units or end > len(compiled):
            raise ValueError("the table of replacements is cut off")
        self._units = struct.unpack(f"<{units}I", compiled[4:end])
        self._replacements = compiled[end:]
        self._replacements.decode()

    def match(self, character: str) -> Match:
        """Look up a character; of several keys the shortest counts, as it does in `tokenizers`.

        Raises:
            ValueError: The table is damaged there.
        """
        try:
            return self._match(character.encode())
        except IndexError as problem:
            raise ValueError(f"the table of replacements is damaged at {character!r}") from problem

    def _match(self, key: bytes) -> Match:
        position = _offset(self._units[0])
        for byte in key:
            if not byte:
                return UNTOUCHED
            position ^= byte
            unit = self._units[position]
            if unit & LABEL != byte:
                return UNTOUCHED
            position ^= _offset(unit)
            if unit & LEAF:
                return Match(self._replacement_at(self._units[position] & VALUE), is_key=True)
        return Match(None, is_key=True)

    def _replacement_at(self, start: int) -> str:
        if start > len(self._replacements):
            raise IndexError(start)
        end = self._replacements.find(b"\0", start)
        return self._replacements[start : None if end < 0 else end].decode()


def _offset(unit: int) -> int:
    return (unit >> 10) << ((unit & FAR) >> 6)
