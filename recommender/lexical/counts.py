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
from scipy.sparse import csc_matrix, csr_matrix, vstack

from recommender.arrays import map_array, write_array
from recommender.lexical.counting import CountedWords, count_words
from recommender.lexical.index import POSTINGS, STARTS, TERMS
from recommender.lexical.weighting import MOST_COUNTED, Terms
from recommender.vectors import Rows
from recommender.workers import HERE, Workers

COUNTS, PARTS = "kept.counts.npy", "kept.parts.npy"
FILES = (COUNTS, PARTS)
TEXTS_AT_ONCE = 4_096  # each token is named once for all of them


@dataclass(frozen=True, slots=True)
class TermCounts:
    """The counts of a corpus, its columns in the order of the terms' names.

    Attributes:
        terms: The name of each column, ascending; every one is in some text.
        parts: What each counts beside others that are as rare, see `weighting.part_of`.
        matrix: (n_rows, n_terms) of uint8, the columns of a row ascending.
    """

    terms: Terms
    parts: NDArray[np.float64]
    matrix: csr_matrix

    @classmethod
    def of(cls, texts: Iterable[str], workers: Workers = HERE) -> Self:
        """Count the words of texts. The same texts in the same order give the same counts.

        Args:
            texts: A row each.
            workers: Who counts.
        """
        found = [*workers.map(count_words, _batches(texts))] or [count_words([])]
        terms, first = np.unique(np.concatenate([part.names for part in found]), return_index=True)
        return cls(terms, np.concatenate([part.parts for part in found])[first], _joined(found, terms))

    def __len__(self) -> int:
        return int(self.matrix.shape[0])

    def going_on(self, rows: Rows, fresh: Self) -> Self:
        """Return the counts of another corpus, as `of` would find them, to the last bit.

        Args:
            rows: For each of its texts the row that has the same one here, -1 where none has.
            fresh: Of the texts of which none has it, in their order.
        """
        terms = np.union1d(self.terms, fresh.terms)
        both = [
            csr_matrix(
                (
                    one.matrix.data,
                    np.searchsorted(terms, one.terms).astype(np.int32)[one.matrix.indices],
                    one.matrix.indptr,
                ),
                shape=(len(one), len(terms)),
            )
            for one in (self, fresh)
        ]
        is_fresh = rows < 0
        places = np.where(is_fresh, len(self) + np.cumsum(is_fresh) - 1, rows)
        matrix = vstack(both, format="csr")[places]
        used = np.bincount(matrix.indices, minlength=len(terms)) > 0
        columns = (np.cumsum(used) - 1).astype(np.int32)[matrix.indices]
        parts = np.zeros(len(terms))
        for one in (self, fresh):
            parts[np.searchsorted(terms, one.terms)] = one.parts
        kept = csr_matrix((matrix.data, columns, matrix.indptr), shape=(len(rows), int(used.sum())))
        return type(self)(terms[used], parts[used], kept)

    def write(self, folder: Path) -> None:
        """Write what the index of the same corpus does not hold, and wait until it is on the disk."""
        write_array(self.matrix.tocsc().data, folder / COUNTS)
        write_array(self.parts.astype(np.float16), folder / PARTS)

    @classmethod
    def read(cls, folder: Path, n_rows: int) -> Self:
        """Read what was written for `n_rows` rows.

        Raises:
            BuildError: A file is missing or damaged.
        """
        terms, starts = map_array(folder / TERMS, np.uint64, 1), map_array(folder / STARTS, np.int64, 1)
        postings, counts = map_array(folder / POSTINGS, np.int32, 1), map_array(folder / COUNTS, np.uint8, 1)
        parts = map_array(folder / PARTS, np.float16, 1).astype(np.float64)
        matrix = csc_matrix((counts, postings, starts), shape=(n_rows, len(terms)))
        return cls(terms, parts, matrix.tocsr())


def _joined(found: list[CountedWords], terms: Terms) -> csr_matrix:
    """Return the counts of several batches as one matrix; the batches are used up."""
    starts = np.concatenate([[0], np.cumsum(np.concatenate([part.sizes for part in found]))])
    counts = np.concatenate([part.counts for part in found])
    columns = np.concatenate(
        [np.searchsorted(terms, part.names).astype(np.int32)[part.columns] for part in found]
    )
    found.clear()  # of a million papers they take a gigabyte
    matrix = csr_matrix((counts, columns, starts), shape=(len(starts) - 1, len(terms)))
    matrix.sum_duplicates()  # sorts the columns too: sums are then the same everywhere
    matrix.data = np.minimum(matrix.data, MOST_COUNTED).astype(np.uint8)
    return matrix


def _batches(texts: Iterable[str]) -> Iterator[list[str]]:
    rest = iter(texts)
    while batch := [*islice(rest, TEXTS_AT_ONCE)]:
        yield batch
