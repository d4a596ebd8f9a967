"""How often every text of a corpus has every term, and the files that keep it beside the index of a build.

From the counts of the build before a rebuild takes the rows of texts that it knows, so that a night counts
the words of new texts only. Weights are not taken over: they depend on the whole corpus.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, vstack

from recommender.arrays import map_array, write_array
from recommender.lexical.counting import CountedWords, count_words
from recommender.lexical.index import COUNTS, POSTINGS, STARTS, TERMS
from recommender.lexical.sparse import ROWS_AT_ONCE, SparseRows, Spool, transposed
from recommender.lexical.weighting import Terms, united
from recommender.vectors import Rows
from recommender.workers import HERE, THREADS, Workers

PARTS = "kept.parts.npy"
FILES = (COUNTS, PARTS)
NAMES_AT_ONCE = 4_000_000  # of batches, before each distinct one is kept once
TEXTS_AT_ONCE = 4_096  # each token is named once for all of them


@dataclass(frozen=True, slots=True)
class TermCounts:
    """The counts of a corpus, its columns in the order of the terms' names.

    Attributes:
        terms: The name of each column, ascending; every one is in some text.
        parts: What each counts beside others that are as rare, see `weighting.part_of`.
        frequencies: In how many texts each is.
        matrix: (n_rows, n_terms) of uint8, `MOST_COUNTED` at most.
    """

    terms: Terms
    parts: NDArray[np.float16]
    frequencies: NDArray[np.int64]
    matrix: SparseRows

    @classmethod
    def of(cls, texts: Iterable[str], workers: Workers = HERE, folder: Path | None = None) -> Self:
        """Count the words of texts. The same texts in the same order give the same counts.

        Args:
            texts: A row each.
            workers: Who counts.
            folder: Where there is room for what does not last; None: where the system keeps such files.
        """
        vocabulary = _Vocabulary(folder)
        columns, counts, sizes = Spool(np.int32, folder), Spool(np.uint8, folder), Spool(np.int64, folder)
        for found in workers.map(count_words, _batches(texts)):
            vocabulary.add(found)
            columns.add(found.columns)
            counts.add(found.counts)
            sizes.add(found.sizes)
        terms, parts = vocabulary.whole()
        own, end = columns.mapped(), 0
        frequencies, numbered = np.zeros(len(terms), dtype=np.int64), Spool(np.int32, folder)
        for names, size in vocabulary.batches():
            start, end = end, end + size
            places = np.searchsorted(terms, names).astype(np.int32)
            frequencies[places] += np.bincount(own[start:end], minlength=len(names))
            numbered.add(places[own[start:end]])
        matrix = SparseRows(_starts(sizes.mapped()), numbered.mapped(), counts.mapped(), len(terms))
        return cls(terms, parts, frequencies, matrix)

    def __len__(self) -> int:
        return len(self.matrix)

    def going_on(self, rows: Rows, fresh: Self, folder: Path | None = None) -> Self:
        """Return the counts of another corpus, as `of` would find them, to the last bit.

        Args:
            rows: For each of its texts the row that has the same one here, -1 where none has.
            fresh: Of the texts of which none has it, in their order.
            folder: As for `of`.
        """
        terms = united(self.terms, fresh.terms)
        frequencies, parts = np.zeros(len(terms), dtype=np.int64), np.zeros(len(terms), dtype=np.float16)
        for one, times in ((self, self._frequencies_in(rows)), (fresh, fresh.frequencies)):
            places = np.searchsorted(terms, one.terms)
            frequencies[places] += times
            parts[places] = one.parts
        used = frequencies > 0
        terms = terms[used]
        columns = [np.searchsorted(terms, one.terms).astype(np.int32) for one in (self, fresh)]
        numbered, counts, sizes = Spool(np.int32, folder), Spool(np.uint8, folder), Spool(np.int64, folder)
        n_fresh = _starts(rows < 0)

        def joined(start: int) -> csr_matrix:
            part = rows[start : start + ROWS_AT_ONCE]
            is_fresh = part < 0
            others = np.arange(n_fresh[start], n_fresh[start + len(part)])
            both = [self.matrix[part[~is_fresh]], fresh.matrix[others]]
            for lines, own in zip(both, columns, strict=True):
                lines.indices = own[lines.indices]
                lines.resize(lines.shape[0], len(terms))
            return vstack(both, format="csr")[np.argsort(np.argsort(is_fresh, kind="stable"))]

        for lines in THREADS.map(joined, range(0, len(rows), ROWS_AT_ONCE)):
            numbered.add(lines.indices)
            counts.add(lines.data)
            sizes.add(np.diff(lines.indptr))
        matrix = SparseRows(_starts(sizes.mapped()), numbered.mapped(), counts.mapped(), len(terms))
        return type(self)(terms, parts[used], frequencies[used], matrix)

    def _frequencies_in(self, rows: Rows) -> NDArray[np.int64]:
        """Return in how many of some rows, -1 is none, each term is."""
        times = np.bincount(rows[rows >= 0], minlength=len(self))
        frequencies = self.frequencies.copy()
        changed = np.flatnonzero(times != 1)
        for start in range(0, len(changed), ROWS_AT_ONCE):
            part = changed[start : start + ROWS_AT_ONCE]
            lines = self.matrix[part]
            np.add.at(frequencies, lines.indices, np.repeat(times[part] - 1, np.diff(lines.indptr)))
        return frequencies

    def write(self, folder: Path) -> None:
        """Write what `write_lexical`, given these counts, does not, and wait until it is on the disk."""
        write_array(self.parts, folder / PARTS)

    @classmethod
    def read(cls, folder: Path, n_rows: int, room: Path | None = None) -> Self:
        """Read what was written for `n_rows` rows.

        Args:
            folder: Of the build.
            n_rows: How many.
            room: The folder where there is room for what does not last; None: where the system keeps such
                files.

        Raises:
            BuildError: A file is missing or damaged.
        """
        terms, starts = map_array(folder / TERMS, np.uint64, 1), map_array(folder / STARTS, np.int64, 1)
        postings, counts = map_array(folder / POSTINGS, np.int32, 1), map_array(folder / COUNTS, np.uint8, 1)
        parts = map_array(folder / PARTS, np.float16, 1)
        turned = SparseRows(starts, postings, counts, n_rows)
        indptr = turned.column_starts()
        columns, data = Spool(np.int32, room), Spool(np.uint8, room)
        for rows_columns, rows_counts in transposed(turned, [counts], indptr, room):
            columns.add(rows_columns)
            data.add(rows_counts)
        matrix = SparseRows(indptr, columns.mapped(), data.mapped(), len(terms))
        return cls(terms, parts, np.diff(starts), matrix)


class _Vocabulary:
    """The distinct terms of many batches of texts, and those of each batch."""

    def __init__(self, folder: Path | None) -> None:
        self._names = Spool(np.uint64, folder)
        self._sizes: list[tuple[int, int]] = []  # of each batch: how many names, how many entries
        self._terms: list[Terms] = [np.zeros(0, dtype=np.uint64)]
        self._parts: list[NDArray[np.float16]] = [np.zeros(0, dtype=np.float16)]
        self._n_fresh = 0

    def add(self, found: CountedWords) -> None:
        """Add the terms of the next batch."""
        self._names.add(found.names)
        self._sizes.append((len(found.names), len(found.columns)))
        self._terms.append(found.names)
        self._parts.append(found.parts)
        self._n_fresh += len(found.names)
        if self._n_fresh > NAMES_AT_ONCE:
            self._unite()

    def whole(self) -> tuple[Terms, NDArray[np.float16]]:
        """Return all terms, ascending, and their parts."""
        self._unite()
        return self._terms[0], self._parts[0]

    def batches(self) -> Iterator[tuple[Terms, int]]:
        """Yield the terms of each batch, ascending, and how many entries its texts have."""
        names, end = self._names.mapped(), 0
        for size, n_entries in self._sizes:
            start, end = end, end + size
            yield names[start:end], n_entries

    def _unite(self) -> None:
        terms, first = np.unique(np.concatenate(self._terms), return_index=True)
        self._terms, self._parts = [terms], [np.concatenate(self._parts)[first]]
        self._n_fresh = 0


def _starts(sizes: NDArray[np.integer | np.bool_]) -> NDArray[np.int64]:
    """Return where rows of these sizes begin, and where the last one ends (n_rows + 1,)."""
    return np.concatenate([[0], np.cumsum(sizes, dtype=np.int64)])


def _batches(texts: Iterable[str]) -> Iterator[list[str]]:
    rest = iter(texts)
    while batch := [*islice(rest, TEXTS_AT_ONCE)]:
        yield batch
