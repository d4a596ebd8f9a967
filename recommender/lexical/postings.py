"""The rows that have each term, with its weights there: added up of all rows, or looked up of some.

Two ways of each: by NumPy, and by compiled code (`compiled`), which takes half a second to make and is faster
where there are many rows.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from recommender.lexical.matches import Blocks
from recommender.vectors import Rows, Scores, Values

Stretches = tuple[NDArray[np.int64], NDArray[np.int64]]  # where the lists of some words begin and end
Lists = tuple[NDArray[np.int32], NDArray[np.float16]]  # of all words: rows, ascending in each, and weights
Weights = NDArray[np.float32]
Summed = Callable[[int, Stretches, Lists, Weights, Weights], tuple[Values | Scores, Blocks]]  # see `summed`
LookUp = Callable[[Stretches, Lists, Weights, Rows], Values]  # see `looked_up`
Had = Callable[[Stretches, Lists, Values, Rows], Values]  # see `had`


@dataclass(frozen=True, slots=True)
class Words:
    """Words of a question.

    Attributes:
        columns: Their places among the terms, ascending; of each there is a row that has it.
        weights: In the question.
    """

    columns: NDArray[np.int64]
    weights: Weights

    def __len__(self) -> int:
        return len(self.columns)

    def __getitem__(self, chosen: NDArray[np.bool_]) -> Self:
        return type(self)(self.columns[chosen], self.weights[chosen])


class Postings:
    """The lists of all terms. Safe to share between threads."""

    def __init__(
        self, starts: NDArray[np.int64], rows: NDArray[np.int32], weights: NDArray[np.float16], n_rows: int
    ) -> None:
        """Take the lists of the terms one after the other.

        Args:
            starts: Where the list of each term begins, and where the last one ends (n_terms + 1,).
            rows: Ascending within each list.
            weights: Beside the rows.
            n_rows: How many rows there are.
        """
        self._starts = starts
        self._lists = rows, weights
        self._n = n_rows
        self._summed: Summed = summed
        self._looked_up: LookUp = looked_up
        self._had: Had = had

    def compile(self) -> None:
        """Have compiled code do the work from now on."""
        from recommender.lexical import compiled

        self._summed, self._looked_up, self._had = compiled.summed, compiled.looked_up, compiled.had

    def frequencies(self, columns: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return how many rows have each of some terms."""
        starts, ends = self._stretches(columns)
        return ends - starts

    def sums(self, words: Words) -> tuple[Values, NDArray[np.int32]]:
        """Return the cosine of words with every row (n_rows,), and the rows that have any, once for each."""
        values = np.zeros(self._n)
        return values, _add(values, self._stretches(words.columns), self._lists, words.weights)

    def sums_and_blocks(self, words: Words, pivots: Weights) -> tuple[Values | Scores, Blocks]:
        """Return the cosine of words with every row (n_rows,), and what is known of blocks of them.

        Args:
            words: Which.
            pivots: By what the value of each row is multiplied; empty: by nothing.
        """
        return self._summed(self._n, self._stretches(words.columns), self._lists, words.weights, pivots)

    def look_up(self, words: Words, rows: Rows) -> Values:
        """Return the cosine of words with some rows alone (m,)."""
        return self._looked_up(self._stretches(words.columns), self._lists, words.weights, rows)

    def having(self, columns: NDArray[np.int64], shares: Values, rows: Rows) -> Values:
        """Return the sum of the shares (words,) of those words that each of some rows has (m,)."""
        return self._had(self._stretches(columns), self._lists, shares, rows)

    def _stretches(self, columns: NDArray[np.int64]) -> Stretches:
        return self._starts[columns], self._starts[columns + 1]


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much of a request rows have, from 0 to 1, see `matches.Worth`.

    Attributes:
        postings: Where.
        columns: The words of the request.
        shares: What part of it each is.
    """

    postings: Postings
    columns: NDArray[np.int64]
    shares: Values

    def of(self, rows: Rows) -> Values:
        return self.postings.having(self.columns, self.shares, rows)


@dataclass(frozen=True, slots=True)
class LookedUpWords:
    """Words of a question that are looked up, see `matches.LookedUp`.

    Attributes:
        postings: Where.
        words: Which, at least one.
        pivots: By what the value of each row is multiplied; empty: by nothing.
    """

    postings: Postings
    words: Words
    pivots: Weights

    def __len__(self) -> int:
        return len(self.words)

    def of(self, rows: Rows) -> Values:
        values = self.postings.look_up(self.words, rows)
        return values * self.pivots[rows] if len(self.pivots) else values


def summed(
    n: int, stretches: Stretches, lists: Lists, question: Weights, pivots: Weights
) -> tuple[Values, Blocks]:
    """Return the cosine of a question with every row (n,), and what is known of blocks of them.

    Args:
        n: How many rows there are, at least one.
        stretches: Where the lists of the question's words begin and end (words,).
        lists: Of all words.
        question: The weights of its words.
        pivots: By what the value of each row is multiplied; empty: by nothing.
    """
    values = np.zeros(n)
    _add(values, stretches, lists, question)
    if len(pivots):
        values *= pivots
    return values, Blocks.of(values)


def looked_up(stretches: Stretches, lists: Lists, question: Weights, asked: Rows) -> Values:
    """Return what words add to the cosine of a question with some rows alone (m,).

    Args:
        stretches: As of `summed`; each word has a row.
        lists: The same.
        question: The same.
        asked: The rows.
    """
    rows, weights = lists
    values = np.zeros(len(asked))
    found = _found(stretches, rows, asked)
    for (entries, places), weight in zip(found, question, strict=True):
        values[places] += weights[entries].astype(np.float32) * weight
    return values


def had(stretches: Stretches, lists: Lists, shares: Values, asked: Rows) -> Values:
    """Return the sum of the shares of those words that each of some rows has (m,).

    Args:
        stretches: As of `summed`; each word has a row.
        lists: The same.
        shares: What part of a question each word is (words,).
        asked: The rows.
    """
    values = np.zeros(len(asked))
    for (_, places), share in zip(_found(stretches, lists[0], asked), shares, strict=True):
        values[places] += share
    return values


def _found(stretches: Stretches, rows: NDArray[np.int32], asked: Rows) -> Iterator[tuple[Rows, Rows]]:
    """Yield for each word which entries of its list are rows asked for, and at which places of these."""
    firsts, lasts, numbers = runs_of(asked)
    bounds = np.stack([firsts, lasts]).astype(rows.dtype)  # or the lists would be converted
    for start, end in zip(*map(np.ndarray.tolist, stretches), strict=True):
        begins, ends = np.searchsorted(rows[start:end], bounds) + start
        sizes = ends - begins
        entries = np.repeat(begins - np.cumsum(sizes) + sizes, sizes) + np.arange(sizes.sum())
        yield entries, np.repeat(numbers - firsts, sizes) + rows[entries]


def runs_of(asked: Rows) -> tuple[Rows, Rows, Rows]:
    """Return of rows that follow each other the first, the one after the last, and the place of the first."""
    ends = np.flatnonzero(asked[1:] - asked[:-1] != 1) + 1
    numbers = np.concatenate([np.zeros(min(1, len(asked)), dtype=np.int64), ends])
    return asked[numbers], asked[np.append(ends, len(asked))[: len(numbers)] - 1] + 1, numbers


def _add(values: Values, stretches: Stretches, lists: Lists, question: Weights) -> NDArray[np.int32]:
    """Add the words of a question to the values of the rows (n,), word by word, and return these rows."""
    rows, weights = lists
    parts = [slice(start, end) for start, end in zip(*map(np.ndarray.tolist, stretches), strict=True)]
    for part, weight in zip(parts, question, strict=True):
        values[rows[part]] += weights[part].astype(np.float32) * weight
    return np.concatenate([np.zeros(0, dtype=np.int32), *(rows[part] for part in parts)])
