"""Writes what papers can be filtered by: from the papers, or from a build before and the papers it has not.

A spelling keeps its number from build to build as long as a paper has it; then the next new one takes it.
"""

import shutil
import sqlite3
from array import array
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Self

import numpy as np

from recommender.builds.database import changed, created
from recommender.builds.facet_rows import FacetRows, Keys, keys_of
from recommender.builds.facets import AUTHOR, FILE, LANGUAGE, SUBJECT, VENUE, YEAR
from recommender.digests import NONE
from recommender.paper import Paper
from recommender.text.han import folded
from recommender.vectors import Rows

SCHEMA = """
CREATE TABLE spellings (
    facet TEXT NOT NULL, folded TEXT NOT NULL, name TEXT NOT NULL, number INTEGER NOT NULL,
    PRIMARY KEY (facet, folded, name)) WITHOUT ROWID;
"""
ADD = "INSERT INTO spellings VALUES (?, ?, ?, ?)"
Spelling = tuple[str, str, str]  # facet, folded, name


class FacetWriter:
    """Gathers which papers have which value of every facet, one paper after the other."""

    def __init__(self) -> None:
        self._spelt: dict[tuple[str, str], array[int]] = {}
        self._n = 0

    def add(self, paper: Paper) -> None:
        """Add the next paper."""
        for value in dict.fromkeys(_values(paper)):  # each once: an author may stand there twice
            self._papers_of(value).append(self._n)
        self._n += 1

    def extend(self, other: Self) -> None:
        """Add the papers of another one after the own."""
        for value, papers in other._spelt.items():
            self._papers_of(value).extend([self._n + paper for paper in papers])
        self._n += other._n

    def _papers_of(self, value: tuple[str, str]) -> "array[int]":
        if (papers := self._spelt.get(value)) is None:
            papers = self._spelt[value] = array("i")
        return papers

    def write(self, folder: Path) -> None:
        """Write them into the folder of a build of which they are all, row by row."""
        spellings, papers = self._spellings()
        numbers = np.arange(len(spellings))
        with created(folder / FILE, SCHEMA) as connection:
            connection.executemany(ADD, _numbered(spellings, numbers))
        keys = _keys(numbers, papers, np.arange(self._n))
        FacetRows.none().write_with(keys, len(spellings), folder)

    def write_onto(self, before: Path, now: Rows, rows: Rows, folder: Path) -> None:
        """Write them into the folder of a build, beside the papers that a build before has too.

        Args:
            before: The folder of that build, its files compared with their digests.
            now: The row in the new build of each of its rows, -1 where it is gone.
            rows: The row of each own paper in the new build, ascending.
            folder: Of the new build.

        Raises:
            BuildError: A file of the build before is missing.
        """
        earlier = FacetRows.of(before, now)
        spellings, papers = self._spellings()
        shutil.copyfile(before / FILE, folder / FILE)
        with changed(folder / FILE) as connection:
            numbers = _known(connection, spellings)
            is_new = numbers == NONE
            is_free = earlier.now == 0
            is_free[numbers[~is_new]] = False
            free = np.flatnonzero(is_free)
            _forget(connection, free[earlier.before[free] > 0])
            beyond = np.arange(len(earlier), len(earlier) + len(numbers))
            numbers[is_new] = np.concatenate([free, beyond])[: is_new.sum()]
            new = [spellings[place] for place in np.flatnonzero(is_new).tolist()]
            connection.executemany(ADD, _numbered(new, numbers[is_new]))
        n_numbers = max(len(earlier), int(numbers.max(initial=NONE)) + 1)
        earlier.write_with(np.sort(_keys(numbers, papers, rows)), n_numbers, folder)

    def _spellings(self) -> "tuple[list[Spelling], list[array[int]]]":
        """Return the spellings in order, and the papers of each; what folds to nothing is none."""
        found = sorted((facet, key, name) for facet, name in self._spelt if (key := folded(name)))
        return found, [self._spelt[facet, name] for facet, _, name in found]


def _values(paper: Paper) -> Iterator[tuple[str, str]]:
    if paper.year is not None:
        yield YEAR, f"{paper.year:04}"
    yield VENUE, paper.venue
    yield SUBJECT, paper.subject
    yield LANGUAGE, paper.language
    for author in paper.authors:
        yield AUTHOR, author


def _known(connection: sqlite3.Connection, spellings: Sequence[Spelling]) -> Rows:
    """Return the numbers of spellings (n,), -1 of those that are not there."""
    question = "SELECT number FROM spellings WHERE facet = ? AND folded = ? AND name = ?"
    found = (connection.execute(question, spelling).fetchone() for spelling in spellings)
    return np.fromiter((number[0] if number else NONE for number in found), dtype=np.int64)


def _forget(connection: sqlite3.Connection, numbers: Rows) -> None:
    """Take out spellings that no paper has any more."""
    connection.execute("CREATE TEMP TABLE gone (number INTEGER PRIMARY KEY)")
    connection.executemany("INSERT INTO gone VALUES (?)", ((number,) for number in numbers.tolist()))
    connection.execute("DELETE FROM spellings WHERE number IN (SELECT number FROM gone)")


def _numbered(spellings: Sequence[Spelling], numbers: Rows) -> Iterator[tuple[str, str, str, int]]:
    for spelling, number in zip(spellings, numbers.tolist(), strict=True):
        yield *spelling, number


def _keys(numbers: Rows, papers: "Sequence[array[int]]", rows: Rows) -> Keys:
    """Return the keys of spellings by number, given the papers of each and the row of every paper."""
    lengths = np.fromiter(map(len, papers), dtype=np.int64, count=len(papers))
    flat = np.frombuffer(b"".join(papers), dtype=np.intc)
    return keys_of(np.repeat(numbers, lengths), rows[flat])
