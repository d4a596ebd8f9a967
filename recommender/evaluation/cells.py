"""Files of rows parted into cells: what judgements and runs have in common, read and written."""

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from recommender.errors import RecordError, SourceError, UnwritableError
from recommender.text.spellings import composed

GRADES = range(-10, 101)  # TREC collections write -2 for spam; beyond that a number is a slip of the pen
WHOLE_NUMBER = re.compile(r"-?[0-9]{1,3}")
LONGEST_LINE = 100_000  # characters; ids, grades and scores take some dozen
Row = tuple[int, str]  # number of the line, from 1, and the line


def rows_of(path: Path) -> Iterator[Row]:
    """Yield the lines of a file that are neither blank nor comments, which begin with #.

    Raises:
        SourceError: The file cannot be read, or is not UTF-8.
        RecordError: A line is too long to be one.
    """
    try:
        with path.open(encoding="utf-8-sig") as file:
            number = 0
            while line := file.readline(LONGEST_LINE):
                number += 1
                if len(line) == LONGEST_LINE:
                    raise RecordError(path, f"line {number}", f"longer than {LONGEST_LINE:,} characters")
                if line.strip() and not line.startswith("#"):
                    yield number, composed(line)  # as papers have their ids
    except OSError as problem:
        raise SourceError(f"{path}: cannot be read ({problem.strerror})") from problem
    except UnicodeDecodeError as problem:
        raise SourceError(f"{path}: not UTF-8 text; save it as UTF-8") from problem


@contextmanager
def reading(path: Path, number: int) -> Iterator[None]:
    """Turn what is wrong with a line into an error that names it."""
    try:
        yield
    except ValueError as problem:
        raise RecordError(path, f"line {number}", str(problem)) from problem


def tabbed(line: str) -> list[str]:
    """Return the cells between tabs, without padding."""
    return [cell.strip() for cell in line.split("\t")]


def spaced(line: str, n: int) -> list[str]:
    """Return `n` cells between tabs, else those between white space.

    Our ids may hold spaces; files of others are often parted by them.
    """
    cells = tabbed(line)
    return cells if len(cells) == n else line.split()


def require_columns(cells: Sequence[str], n: int) -> None:
    """Refuse another number of cells than `n`."""
    if len(cells) != n:
        raise ValueError(f"expected {n} columns, found {len(cells)}")


def require_ids(*names: str) -> None:
    """Refuse what cannot be an id."""
    for name in names:
        if not name or not name.isprintable():
            raise ValueError(f"an id must be non-empty and printable, got {name!r}")


def require_writable(*names: str) -> None:
    """Refuse an id that would be read back as another, or as a comment."""
    require_ids(*names)
    for name in names:
        if name != name.strip() or name.startswith("#"):
            raise ValueError(f"an id must not be padded or begin with #, got {name!r}")


def grade_of(cell: str) -> int:
    """Return the grade that a cell says."""
    if not WHOLE_NUMBER.fullmatch(cell) or (grade := int(cell)) not in GRADES:
        raise ValueError(f"a grade is a whole number from {GRADES[0]} to {GRADES[-1]}, got {cell!r}")
    return grade


def write_rows(path: Path, rows: Iterable[Sequence[str]]) -> None:
    """Write rows parted by tabs: all of them, or the file stays as it was.

    Raises:
        UnwritableError: The file cannot be written.
    """
    partial = path.with_name(f".{path.name}.partial")
    try:
        partial.write_text("".join("\t".join(row) + "\n" for row in rows), encoding="utf-8")
        partial.replace(path)
    except OSError as problem:
        raise UnwritableError(path, problem) from problem
