"""The lexical leg on the disk: for every term the rows that have it, mapped into memory when read.

`lexical.terms.npy` holds the names of the terms, ascending; `lexical.postings.npy` the rows of each term,
ascending, one term after the other, `lexical.weights.npy` the weights beside; `lexical.starts.npy` says
where each term begins; `lexical.pivots.npy` by what the cosine of a few words with each row is multiplied.
In how many texts the weights take each term to be says `lexical.frequencies.npy`, what else they go by
`lexical.json`: both are of the last corpus that was weighed anew, see `updating`.
"""

import json
import math
from collections import Counter
from collections.abc import Set
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Self

import numpy as np
from numpy.typing import NDArray

from recommender.arrays import ArrayWriter, map_array, write_array
from recommender.errors import BuildError
from recommender.files import write_through
from recommender.lexical.matches import Matches
from recommender.lexical.postings import Coverage, LookedUpWords, Postings, Words
from recommender.lexical.weighting import (
    POWER,
    POWER_OF_FEW,
    Terms,
    Usual,
    counted,
    idf,
    is_few,
    name_of,
    part_of,
    saturated,
    shares,
)
from recommender.vectors import Rows, Values, distinct

if TYPE_CHECKING:
    from recommender.lexical.counts import TermCounts
    from recommender.lexical.matrix import TermMatrix

COMPILED_FROM = 50_000  # rows; of fewer NumPy adds the words up in a millisecond
LOOKED_UP_FROM = 200_000  # rows; of fewer compiled code adds common words up in a millisecond or two
COMMON = 64  # rows for one that has a word, up to which it is common
SAID_BY_COMMON = 0.1  # of all that a row with every word of a question would score, at most
COMPILED_AFTER = 8  # questions: who asks so many will ask more, and a command that asks one does not wait
FEW_OF = 32  # rows for one that shares a word, from which on it pays to look at these alone
TERMS, STARTS, POSTINGS = "lexical.terms.npy", "lexical.starts.npy", "lexical.postings.npy"
WEIGHTS, PIVOTS = "lexical.weights.npy", "lexical.pivots.npy"
FREQUENCIES, USUAL = "lexical.frequencies.npy", "lexical.json"
COUNTS = "kept.counts.npy"  # for the next rebuild, how often each text has each term: beside the postings
FILES: dict[str, type[np.generic]] = {
    TERMS: np.uint64,
    FREQUENCIES: np.int32,
    STARTS: np.int64,
    POSTINGS: np.int32,
    WEIGHTS: np.float16,
    PIVOTS: np.float32,
}


@dataclass(frozen=True, slots=True)
class Question:
    """A text as the index reads it: the terms that the corpus knows, ascending.

    Attributes:
        tokens: As they are written.
        columns: Their places among the terms.
        weights: Their weights; of unit length together with those of the unknown terms.
        shares: What part of the whole text each of these terms is, see `weighting.shares`.
        unknown: What part each token is that the corpus does not know.
        known: The share of its distinct tokens that the corpus knows.
        wants_all: Whether it is a few words, see `LexicalIndex.request`.
    """

    tokens: tuple[str, ...]
    columns: NDArray[np.int64]
    weights: NDArray[np.float32]
    shares: NDArray[np.float64]
    unknown: dict[str, float]
    known: float
    wants_all: bool

    def share_of(self, tokens: Set[str]) -> float:
        """Return what part of the whole text some of its tokens are, whether the corpus knows them or not."""
        own = float(self.only(tokens).shares.sum())
        return own + math.fsum(share for token, share in self.unknown.items() if token in tokens)

    def only(self, tokens: Set[str]) -> Self:
        """Return the question with no other terms than some tokens, each with the part that it has here."""
        kept = np.array([token in tokens for token in self.tokens], dtype=bool)
        return replace(
            self,
            tokens=tuple(token for token in self.tokens if token in tokens),
            columns=self.columns[kept],
            weights=self.weights[kept],
            shares=self.shares[kept],
        )


class LexicalIndex:
    """An opened, read-only index. Safe to share between threads."""

    def __init__(self, folder: Path, n_rows: int) -> None:
        """Map what `write_lexical` wrote for `n_rows` rows.

        Raises:
            BuildError: A file is missing or is not of the others.
        """
        self._n = n_rows
        arrays = [map_array(folder / name, kind, 1) for name, kind in FILES.items()]
        self._terms, self._frequencies, starts, rows, weights, self._pivots = arrays
        self._usual = read_usual(folder)
        self._asked = 0
        if (
            len(starts) != len(self._terms) + 1
            or len(self._frequencies) != len(self._terms)
            or starts[-1] != len(rows)
            or len(rows) != len(weights)
            or len(self._pivots) != n_rows
        ):
            raise BuildError(f"{folder}: the files of the lexical index do not fit each other; rebuild")
        self._postings = Postings(starts, rows, weights, n_rows)

    def __len__(self) -> int:
        return self._n

    def question(self, text: str) -> Question:
        """Return `text` as a question, weighted as the rows are.

        A word that no row has is left out, but counts for the length: where most of a text is unknown, as
        in a foreign language, the few words that are shared say little.
        """
        return self._weighted(counted(text), wants_all=False)

    def request(self, text: str) -> Question:
        """Return what somebody asks for as a question: a title or less (`is_few`) wants all of its words.

        The rarity of such words counts less than in a paper, so that none hides the others, and papers that
        have them count by their words, not by their length. A longer text is compared as a paper.
        """
        counts = counted(text)
        return self._weighted(counts, wants_all=is_few(counts))

    def _weighted(self, counts: Counter[str], *, wants_all: bool) -> Question:
        named = sorted((name_of(token), token) for token in counts)
        names = np.array([name for name, _ in named], dtype=np.uint64)
        places = np.searchsorted(self._terms, names)
        known = places < len(self._terms)
        known[known] = self._terms[places[known]] == names[known]
        columns = places[known]
        weights = saturated(np.array([counts[token] for _, token in named], dtype=np.int64))
        frequencies = np.zeros(len(named), dtype=np.int64)
        frequencies[known] = self._frequencies[columns]
        weights *= idf(frequencies, self._usual.n_texts, POWER_OF_FEW if wants_all else POWER)
        weights *= np.array([part_of(token) for _, token in named])
        norm = np.sqrt(np.sum(weights**2)) or 1.0
        parts = shares([token for _, token in named], weights)
        unknown = [token for (_, token), kept in zip(named, known, strict=True) if not kept]
        return Question(
            tuple(token for (_, token), kept in zip(named, known, strict=True) if kept),
            columns,
            (weights[known] / norm).astype(np.float16).astype(np.float32),
            parts[known],
            dict(zip(unknown, parts[~known].tolist(), strict=True)),
            float(known.mean()) if len(known) else 0.0,
            wants_all,
        )

    def covered(self, question: Question, rows: Rows) -> Values:
        """Return how much of a question each of some rows has (m,), from 0 to 1: all if every word."""
        return self.coverage(question).of(rows)

    def coverage(self, question: Question) -> Coverage:
        """Return what tells how much of a question rows have, see `covered`."""
        are_parts = question.shares > 0
        return Coverage(self._postings, question.columns[are_parts], question.shares[are_parts])

    def has_all(self, question: Question, rows: Rows) -> NDArray[np.bool_]:
        """Tell which of some rows (m,) have every word of a question, and every pair of its characters."""
        if question.known < 1:
            return np.zeros(len(rows), dtype=bool)
        n = len(question.columns)
        found: NDArray[np.bool_] = self._postings.having(question.columns, np.ones(n), rows) == n
        return found

    def shared(self, one: Question, other: Question) -> dict[str, float]:
        """Return the terms that two questions share, each with its part of their lexical cosine."""
        _, ours, theirs = np.intersect1d(one.columns, other.columns, return_indices=True)
        products = one.weights[ours].astype(np.float64) * other.weights[theirs]
        return {one.tokens[place]: float(part) for place, part in zip(ours.tolist(), products, strict=True)}

    def scores(self, question: Question) -> Matches:
        """Return the cosine of a question with every row, 0 where they share no term.

        That of a few words with a row is multiplied by the row's pivot. Only the rows that share a term are
        looked at, if they are few; if there are many, common words are left out of what tells rows apart, and
        compiled code adds up in single precision: then the words of a row are looked up when it is asked for.
        """
        self._count_question()
        words = Words(question.columns, question.weights)
        pivots = self._pivots if question.wants_all else self._pivots[:0]
        frequencies = self._postings.frequencies(words.columns)
        if FEW_OF * int(frequencies.sum()) < self._n:
            values, rows = self._postings.sums(words)
            sharing = distinct(rows)
            if len(pivots):
                values[sharing] *= pivots[sharing]
            return Matches(values, sharing)
        are_common = self._are_common(question, frequencies)
        telling, blocks = self._postings.sums_and_blocks(words[~are_common], pivots)
        if telling.dtype == np.float64 and not are_common.any():
            return Matches(telling, blocks)
        exact = LookedUpWords(self._postings, words, pivots)
        common = LookedUpWords(self._postings, words[are_common], pivots) if are_common.any() else None
        return Matches(telling, blocks, exact, common)

    def _are_common(self, question: Question, frequencies: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Tell which words (words,) are in so many rows, and say so little, that they need not be added up.

        From the most frequent one on, as long as all of them together say next to nothing beside the others.
        """
        found = np.zeros(len(frequencies), dtype=bool)
        if self._n >= LOOKED_UP_FROM:
            parts = np.array([part_of(token) for token in question.tokens])
            said = question.weights * idf(frequencies, self._n) * parts  # by a row that has the word
            order = np.argsort(-frequencies, kind="stable")
            found[order] = np.cumsum(said[order]) <= SAID_BY_COMMON * said.sum()
            found &= COMMON * frequencies > self._n
        return found

    def _count_question(self) -> None:
        """Have compiled what looks at many rows, in the background, where that pays."""
        asked = self._asked = self._asked + 1  # read once: among threads too, somebody counts to the number
        if asked == COMPILED_AFTER and self._n >= COMPILED_FROM:
            Thread(target=self._postings.compile, name="compiling").start()


def write_lexical(
    matrix: "TermMatrix", folder: Path, counts: "TermCounts | None" = None, room: Path | None = None
) -> None:
    """Write the index of a corpus into an existing folder and wait until it is on the disk.

    Args:
        matrix: Of the corpus.
        folder: Where to.
        counts: What is to be kept beside the weights for the next rebuild; None: nothing.
        room: The folder where there is room for what does not last; None: where the system keeps such files.
    """
    from recommender.lexical.sparse import transposed

    starts = matrix.weights.column_starts()
    kept: dict[str, type[np.generic]] = {POSTINGS: np.int32, WEIGHTS: np.float16}
    values = [matrix.weights.data]
    if counts is not None:
        kept[COUNTS] = np.uint8
        values.append(counts.matrix.data)
    with ExitStack() as stack:
        files = [
            stack.enter_context(ArrayWriter(folder / name, kind, int(starts[-1])))
            for name, kind in kept.items()
        ]
        for found in transposed(matrix.weights, values, starts, room):
            for file, part in zip(files, found, strict=True):
                file.add(part)
    write_terms(folder, matrix.terms, starts, matrix.frequencies, matrix.pivots)
    write_usual(matrix.usual, folder)


def write_terms(
    folder: Path,
    terms: Terms,
    starts: NDArray[np.int64],
    frequencies: NDArray[np.integer],
    factors: NDArray[np.floating],
) -> None:
    """Write what there is beside the postings, and wait until it is on the disk.

    Args:
        folder: Where to.
        terms: The names, ascending.
        starts: Where the list of each term begins, and where the last one ends (n_terms + 1,).
        frequencies: In how many texts the weights take each term to be.
        factors: The pivots of the rows.
    """
    for name, array in ((TERMS, terms), (STARTS, starts), (FREQUENCIES, frequencies), (PIVOTS, factors)):
        write_array(np.asarray(array, dtype=FILES[name]), folder / name)


def write_usual(usual: Usual, folder: Path) -> None:
    """Write what is usual, and wait until it is on the disk."""
    write_through(folder / USUAL, json.dumps(usual._asdict()).encode())


def read_usual(folder: Path) -> Usual:
    """Read what `write_usual` wrote.

    Raises:
        BuildError: The file is missing or damaged.
    """
    try:
        found = json.loads((folder / USUAL).read_bytes())
        return Usual(int(found["n_texts"]), float(found["length"]))
    except (OSError, ValueError, KeyError, TypeError) as problem:
        raise BuildError(f"{folder / USUAL} cannot be read ({problem}); rebuild") from problem
