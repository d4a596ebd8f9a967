"""Which tokens an English vocabulary gets from the other languages, and what they begin as."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import regex
from numpy.typing import NDArray
from tokenizers import Tokenizer

from recommender.training.grafting.wordpieces import IS_UNSPACED, PREFIX, without_accents

LATIN = regex.compile(rf"[\p{{Latin}}\p{{N}}{PREFIX}]+")
NOT_LATIN = frozenset({"zh", "ja", "ko", "th", "ru", "uk", "ar", "hi"})
SHORTEST_LATIN = 3  # letters; shorter pieces say nothing and stand in English words
RAREST = 3  # times that a piece must be seen
NEAREST = 8
SHARPNESS = 0.05
CHUNK = 4_096

Vectors = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Choice:
    """Pieces to add.

    Attributes:
        sources: The static model's token that each piece was counted as, by piece.
        shares: Its highest share of the pieces of a language, by piece.
    """

    sources: dict[str, str]
    shares: dict[str, float]

    def in_order(self) -> list[str]:
        """Return the pieces, most used first."""
        return sorted(self.sources, key=lambda piece: (-self.shares[piece], piece))

    def drop(self, pieces: Iterable[str]) -> None:
        """Take pieces out again."""
        for piece in pieces:
            del self.sources[piece], self.shares[piece]


def choose(
    counts: Mapping[str, Counter[str]], english: Mapping[str, int], quotas: Mapping[str, int]
) -> Choice:
    """Choose the most used pieces of each language that English does not have.

    Args:
        counts: Pieces of running text by language (see `piece_counts`), English among them.
        english: The English vocabulary.
        quotas: How many pieces to take by language, "other" for the languages not named.

    A piece of Latin letters is left out if English uses it a tenth as often as its language, since it
    would change how English text is cut.
    """
    choice = Choice({}, {})
    own = Counter[str]()
    for piece, count in counts["en"].items():
        own[without_accents(piece)] += count
    for language in sorted(set(counts) - {"en"}):
        total = counts[language].total()
        taken = 0
        for piece, (count, source) in _folded(counts[language]).items():
            if taken >= quotas.get(language, quotas["other"]) or count < RAREST:
                break
            if piece in english or not _may_be_added(piece, language, own, own.total() * count / total):
                continue
            taken += 1
            choice.sources.setdefault(piece, source)
            choice.shares[piece] = max(choice.shares.get(piece, 0.0), count / total)
    for piece, source in _characters(counts).items():
        if piece not in english and piece not in choice.sources:
            choice.sources[piece], choice.shares[piece] = source, 0.0
    return choice


def _folded(counts: Counter[str]) -> dict[str, tuple[int, str]]:
    """Add up pieces that differ by accents alone; return count and most frequent spelling, by piece."""
    totals, spelling = Counter[str](), dict[str, str]()
    for piece, count in counts.most_common():
        folded = without_accents(piece)
        totals[folded] += count
        spelling.setdefault(folded, piece.removeprefix(PREFIX))
    return {piece: (count, spelling[piece]) for piece, count in totals.most_common()}


def _may_be_added(piece: str, language: str, english: Counter[str], expected: float) -> bool:
    if "<" in piece:  # a byte
        return False
    if not LATIN.fullmatch(piece):
        return True
    long_enough = len(piece.removeprefix(PREFIX)) >= SHORTEST_LATIN
    return language not in NOT_LATIN and long_enough and english[piece] <= 0.1 * expected


def _characters(counts: Mapping[str, Counter[str]]) -> dict[str, str]:
    """Return single characters as pieces: without them a word with a rare one would be unknown."""
    seen = Counter[str]()
    for pieces in counts.values():
        for piece, count in pieces.items():
            for character in piece.removeprefix(PREFIX):
                seen[character] += count
    found: dict[str, str] = {}
    for character, count in sorted(seen.items()):
        if count >= RAREST and character.isalnum() and not LATIN.fullmatch(character):
            found[PREFIX + character] = character
            if not IS_UNSPACED.match(character):
                found[character] = character
    return found


def used_by_english(words: list[str], tokenizer: Tokenizer, n_english: int) -> set[str]:
    """Return added pieces that English words would be cut into.

    Args:
        words: English words.
        tokenizer: With the added tokens.
        n_english: Rows of the English vocabulary.
    """
    encodings = tokenizer.encode_batch_fast(words, add_special_tokens=False)
    rows = {row for encoding in encodings for row in encoding.ids if row >= n_english}
    return {piece for piece in map(tokenizer.id_to_token, rows) if piece is not None}


def translated_rows(tokens: Vectors, english: Vectors, english_rows: Vectors) -> Vectors:
    """Return first vectors for new tokens: the mean of the rows of their nearest English words.

    Args:
        tokens: Unit vectors of the new tokens in a multilingual static model (n_tokens, d).
        english: Unit vectors of English words there (n_words, d).
        english_rows: Rows of the same words in the transformer (n_words, dim).
    """
    rows = np.empty((len(tokens), english_rows.shape[1]), dtype=np.float32)
    length = float(np.linalg.norm(english_rows, axis=1).mean())
    for start in range(0, len(tokens), CHUNK):
        cosines = tokens[start : start + CHUNK] @ english.T
        best = np.argpartition(-cosines, NEAREST - 1, axis=1)[:, :NEAREST]
        shares = np.exp(np.take_along_axis(cosines, best, axis=1) / SHARPNESS)
        shares /= shares.sum(axis=1, keepdims=True)
        means = np.einsum("nk,nkd->nd", shares, english_rows[best])
        rows[start : start + CHUNK] = means / np.linalg.norm(means, axis=1, keepdims=True) * length
    return rows
