"""The Unigram model of words: the best path through a word by Viterbi's algorithm.

Kudo 2018, arXiv:1804.10959. Tokens are the very same as those of the `tokenizers` library, ties and
rounding included; nothing is built beforehand but one dictionary, which is what a question needs.
"""

import math
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

Tokens = NDArray[np.int32]  # token numbers
TOKEN = np.dtype(np.int32)
Number = bytes | int  # as in JSON: a decimal with its digits, or a whole number

UNKNOWN_PENALTY = 10.0  # below the worst token
NEAR = 1e-9  # more than any rounding moves a score
EXACT = 2**53  # whole numbers up to here are exact as floats
LARGEST_SIGNIFICAND = 2**64
LARGEST_POWER = 308
SURE_LENGTH = 19  # a decimal of so few characters and no exponent can be read in one way only


class Unigram:
    """Tokens with scores, numbered from 0. Safe to share between threads.

    Attributes:
        numbers: The number of each token.
        unknown_score: Of a character that no token covers.
    """

    def __init__(
        self, tokens: Sequence[str], scores: Sequence[Number], *, unknown: int, byte_fallback: bool
    ) -> None:
        """Take the tokens with their scores.

        Args:
            tokens: At least one; of a token that stands there twice, the last counts.
            scores: One a token.
            unknown: The number of the token for whatever no token covers.
            byte_fallback: Whether such is read as its UTF-8 bytes, where there are tokens for all of them.

        Raises:
            ValueError: A score is without bound, or may be read in two ways.
        """
        self.numbers = dict(zip(tokens, range(len(scores)), strict=True))
        self._written = scores
        self._scores = _Scores()
        self._longest = max(map(len, tokens))
        self._unknown = unknown
        self.unknown_score = self._lowest_score() - UNKNOWN_PENALTY
        pieces = {byte: f"<0x{byte:02X}>" for byte in range(256)} if byte_fallback else {}
        self._bytes = {byte: self.numbers[piece] for byte, piece in pieces.items() if piece in self.numbers}

    def __len__(self) -> int:
        return len(self._written)

    def scores(self) -> list[float]:
        """Return the score of each token, by number."""
        return [self._scores[written] for written in self._written]

    def number_of(self, token: str) -> int | None:
        """Return the number of a token, or None: there is no such token."""
        return self.numbers.get(token)

    def score_of(self, number: int) -> float:
        """Return the score of a token."""
        return self._scores[self._written[number]]

    def description(self) -> dict[str, object]:
        """Return everything but the tokens themselves, ready for JSON."""
        return {
            "longest": self._longest,
            "unknown": self._unknown,
            "unknown score": self.unknown_score.hex(),
            "bytes": self._bytes,
        }

    def tokens(self, word: str) -> Iterator[int]:
        """Yield the token numbers of a word; neighbours that no token covers are read together."""
        uncovered = ""
        for start, end, number in self._best_path(word):
            if number == self._unknown:
                uncovered += word[start:end]
                continue
            yield from self._fallback(uncovered)
            yield number
            uncovered = ""
        yield from self._fallback(uncovered)

    def segments(self, word: str) -> list[str]:
        """Return the parts of a word that its tokens stand for; a character that none covers is one."""
        return [word[start:end] for start, end, _ in self._best_path(word)]

    def _best_path(self, word: str) -> Iterator[tuple[int, int, int]]:
        """Return (start, end, token) of the highest sum of scores; of equal sums the first found stays."""
        length = len(word)
        sums = [0.0] + [-math.inf] * length
        starts, numbers = [0] * (length + 1), [self._unknown] * (length + 1)
        for start in range(length):
            for end, number, score in self._pieces(word, start):
                total = sums[start] + score
                if total > sums[end]:
                    sums[end], starts[end], numbers[end] = total, start, number
        path, end = [], length
        while end:
            path.append((starts[end], end, numbers[end]))
            end = starts[end]
        return reversed(path)

    def _pieces(self, word: str, start: int) -> Iterator[tuple[int, int, float]]:
        """Yield (end, token, score) of all that may begin at `start`; a character always does."""
        find = self.number_of
        if find(word[start]) is None:
            yield start + 1, self._unknown, self.unknown_score
        for end in range(start + 1, min(len(word), start + self._longest) + 1):
            number = find(word[start:end])
            if number is not None:
                yield end, number, self.score_of(number)

    def _fallback(self, uncovered: str) -> list[int]:
        if not uncovered:
            return []
        if (known := self.number_of(uncovered)) is not None:
            return [known]
        encoded = uncovered.encode()
        found = [self._bytes[byte] for byte in encoded if byte in self._bytes]
        return found if len(found) == len(encoded) else [self._unknown]

    def _lowest_score(self) -> float:
        written = set(self._written)
        rough = [*map(float, written)]
        if not (math.isfinite(min(rough)) and math.isfinite(max(rough))):
            raise ValueError("a score without bound")
        bound = min(rough) + NEAR
        lowest = min(
            self._scores[score] for score, value in zip(written, rough, strict=True) if value <= bound
        )
        for score in written:
            if not isinstance(score, bytes) or len(score) > SURE_LENGTH or b"e" in score or b"E" in score:
                self._scores[score]  # now, not in the midst of a text, is the time to refuse it
        return lowest


class _Scores(dict[Number, float]):
    """Scores as serde_json reads them: rounded twice, so that the last bit may differ from Python's."""

    def __missing__(self, number: Number) -> float:
        self[number] = _read_decimal(number.decode()) if isinstance(number, bytes) else _read_whole(number)
        return self[number]


def _read_whole(number: int) -> float:
    if abs(number) > EXACT:
        raise ValueError(f"score {number} may be read in two ways")
    return float(number)


def _read_decimal(number: str) -> float:
    """Return a decimal as its digits, rounded, over a power of ten, rounded.

    >>> _read_decimal("-0.5"), _read_decimal("25e-1")
    (-0.5, 2.5)
    """
    mantissa, _, exponent = number.lower().partition("e")
    whole, _, decimals = mantissa.removeprefix("-").partition(".")
    digits, power = int(whole + decimals), int(exponent or 0) - len(decimals)
    if digits >= LARGEST_SIGNIFICAND or abs(power) > LARGEST_POWER:
        raise ValueError(f"score {number} may be read in two ways")
    scale = float(f"1e{abs(power)}")
    value = digits * scale if power > 0 else digits / scale
    return -value if number.startswith("-") else value
