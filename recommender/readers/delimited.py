"""CSV and TSV with a header line."""

import csv
import io
import json
import re
from collections.abc import Iterator
from itertools import islice
from typing import Any

from recommender.errors import SourceError
from recommender.paper import FIELDS
from recommender.readers.columns import TEXT_FIELDS, Row, columns_of, ignored_in, known_columns, papers_of
from recommender.readers.reader import Reject, SourcePaper, rejection
from recommender.readers.source import SourceFile
from recommender.text.printable import unguarded

SEPARATOR = re.compile(r"\ufeff?\"?sep=([,;\t|])\"?[^\S\n]*\r?\n", re.IGNORECASE)
DELIMITERS = (",", "\t", ";")
LISTS = ("authors", "keywords")
LONGEST_FIELD = 2**31 - 1
OF_ANSWERS = {*FIELDS, "rank", "score", "similarity", "label", "citation"}  # columns
LONGEST_NAME = 40  # characters; a longer "column name" is a sentence with a comma in it


class Delimited:
    """Reads tables with the column names of `aliases.ALIASES`, and says which others there are.

    The delimiter (comma, tab or semicolon) is the one under which the header has most known columns.
    A first line `sep=;`, which Excel writes and hides, names it.
    Without an id column the id is the line number where the record begins. Empty rows hold no record.
    """

    name = "delimited"
    suffixes: tuple[str, ...] = (".csv", ".tsv")

    def matches(self, source: SourceFile) -> bool:
        header = _header(source, _delimiter(source))
        known = known_columns(header)
        return len(known) > 1 and bool(known & set(TEXT_FIELDS)) and max(map(len, header)) <= LONGEST_NAME

    def read(self, source: SourceFile, on_reject: Reject) -> Iterator[SourcePaper]:
        return papers_of(_rows(source, on_reject), source.path, on_reject)


def _delimiter(source: SourceFile) -> str:
    if said := SEPARATOR.match(source.head):
        return said[1]
    preferred = "\t" if source.suffix == ".tsv" else ","

    def fitness(delimiter: str) -> tuple[int, bool]:
        return len(known_columns(_header(source, delimiter))), delimiter == preferred

    return max(DELIMITERS, key=fitness)


def _header(source: SourceFile, delimiter: str) -> list[str]:
    lines = io.StringIO(SEPARATOR.sub("", source.head, count=1), newline="")
    try:
        return next((row for row in csv.reader(lines, delimiter=delimiter) if _has_content(row)), [])
    except csv.Error:
        return []  # not a table with this delimiter: no column of it is known


def _has_content(row: list[str]) -> bool:
    return any(map(str.strip, row))


def _rows(source: SourceFile, on_reject: Reject) -> Iterator[Row]:
    records = _records(source)
    place, header = next(records, ("", []))
    _check(header, source)
    if not {*header} >= OF_ANSWERS:  # an answer of ours has more than a paper, and is known
        source.ignored.update(ignored_in(tuple(header)))
    for line, row in records:
        place = f"line {line}"
        if len(row) == len(header):
            yield Row(line, place, _values(header, row))
        else:
            problem = ValueError(f"{len(row)} columns, but the header has {len(header)}")
            on_reject(rejection(source.path, place, problem))


def _values(header: list[str], row: list[str]) -> dict[str, Any]:
    """Return the cells by column; those of our exports and answers as they guard them."""
    if tuple(header) != FIELDS and not {*header} >= OF_ANSWERS:
        return dict(zip(header, row, strict=True))
    return {
        name: _list(cell) if name in LISTS and cell.startswith("[") else unguarded(cell)
        for name, cell in zip(header, row, strict=True)
    }


def _list(cell: str) -> list[str] | str:
    try:
        names = json.loads(cell)
    except ValueError:
        return cell
    return names if isinstance(names, list) and all(isinstance(name, str) for name in names) else cell


def _check(header: list[str], source: SourceFile) -> None:
    try:
        columns_of(tuple(header))
    except ValueError as problem:
        raise SourceError(f"{source.path}, header: {problem}; rename them in the first line") from problem


def _records(source: SourceFile) -> Iterator[tuple[int, list[str]]]:
    """Yield each row that has content, with the number of its first line."""
    csv.field_size_limit(LONGEST_FIELD)  # the module has one limit for all readers, of 128 KiB
    lines = source.lines(newline="")
    n_before = 1 if SEPARATOR.match(source.head) else 0
    reader = csv.reader(islice(lines, n_before, None), delimiter=_delimiter(source), strict=True)
    while True:
        line = n_before + reader.line_num + 1
        try:
            row = next(reader, None)
        except csv.Error as problem:
            # Where a quote is open, nobody knows where the next record begins: no policy can go on.
            raise SourceError(
                f"{source.path}, line {line}: {problem}; close the quotes, and double those inside a field"
            ) from problem
        if row is None:
            return
        if _has_content(row):
            yield line, row
