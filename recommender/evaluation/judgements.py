"""Judgements of similarity: known-similar pairs and TREC qrels, read from a file and written to one.

A pairs file is symmetric: its header is `id_a`, `id_b` and, where pairs are graded, `grade`, parted by tabs.
The grades are 3 same work, 2 same narrow topic, 1 same field; an ungraded pair has grade 1. TREC qrels
have no header and four columns, query, ignored, paper, grade, and are directed. In both, lines that begin
with # are comments.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from recommender.errors import RecordError, SourceError, UsageError

Grades = Mapping[str, int]  # paper id -> grade; below 1 means judged and not similar
Qrels = Mapping[str, Grades]  # query id -> its judged papers
Run = Mapping[str, Sequence[str]]  # query id -> ranked paper ids, best first, never the query itself

GRADES = range(-10, 101)  # TREC collections write -2 for spam; beyond that a number is a slip of the pen
WHOLE_NUMBER = re.compile(r"-?[0-9]{1,3}")
UNGRADED = ("id_a", "id_b")
GRADED = (*UNGRADED, "grade")
TREC_COLUMNS = 4


@dataclass(slots=True)
class _Judgements:
    """What was read so far, and the line that said it."""

    path: Path
    grades: dict[str, dict[str, int]] = field(default_factory=dict)
    lines: dict[tuple[str, str], int] = field(default_factory=dict)

    def add(self, query: str, paper: str, grade: int, line: int) -> None:
        before = self.grades.setdefault(query, {}).setdefault(paper, grade)
        said = self.lines.setdefault((query, paper), line)
        if before != grade:
            reason = f"grade {grade} for {query!r} and {paper!r}, but line {said} says {before}; keep one"
            raise RecordError(self.path, f"line {line}", reason)


def read(path: Path) -> Qrels:
    """Read a pairs file, of which each paper becomes a query, or TREC qrels.

    Raises:
        SourceError: The file cannot be read, is not UTF-8 or holds no judgement.
        RecordError: A line is no judgement, judges a paper against itself, or contradicts an earlier one.
    """
    try:
        with path.open(encoding="utf-8-sig") as file:
            judgements = _parsed(path, file)
    except OSError as problem:
        raise SourceError(f"{path}: cannot be read ({problem.strerror})") from problem
    except UnicodeDecodeError as problem:
        raise SourceError(f"{path}: not UTF-8 text; save it as UTF-8") from problem
    if not judgements.grades:
        raise SourceError(f"{path}: no judgement in it")
    return judgements.grades


def write(qrels: Qrels, path: Path) -> None:
    """Write `qrels` so that `read` gives them back: as pairs where they are symmetric, else as TREC qrels.

    Raises:
        UsageError: The file cannot be written.
        ValueError: An id or a grade could not be read back.
    """
    judged = [(query, paper, grade) for query, grades in qrels.items() for paper, grade in grades.items()]
    for query, paper, grade in judged:
        _refuse_unreadable(query, paper, grade)
    symmetric = all(qrels.get(paper, {}).get(query) == grade for query, paper, grade in judged)
    rows = _pair_rows(judged) if symmetric else _trec_rows(judged)
    partial = path.with_name(f".{path.name}.partial")
    try:
        partial.write_text("".join("\t".join(row) + "\n" for row in rows), encoding="utf-8")
        partial.replace(path)
    except OSError as problem:
        raise UsageError(f"{path}: cannot be written ({problem.strerror})") from problem


def _parsed(path: Path, lines: Iterable[str]) -> _Judgements:
    judgements = _Judgements(path)
    rows = [(number, line) for number, line in enumerate(lines, start=1) if _is_row(line)]
    if not rows:
        return judgements
    header = tuple(cell.casefold() for cell in _tabbed(rows[0][1]))
    if header in (UNGRADED, GRADED):
        _read_pairs(judgements, rows[1:], n_columns=len(header))
    elif len(_trec_cells(rows[0][1])) == TREC_COLUMNS:
        _read_trec(judgements, rows)
    else:
        reason = "expected the header id_a, id_b, grade (parted by tabs), or the four columns of TREC qrels"
        raise RecordError(path, f"line {rows[0][0]}", reason)
    return judgements


def _read_pairs(judgements: _Judgements, rows: Iterable[tuple[int, str]], *, n_columns: int) -> None:
    for number, line in rows:
        cells = _tabbed(line)
        try:
            _require_columns(cells, n_columns)
            one, other = _ids(*cells[:2])
            grade = _grade(cells[2]) if n_columns == len(GRADED) else 1
        except ValueError as problem:
            raise RecordError(judgements.path, f"line {number}", str(problem)) from problem
        judgements.add(one, other, grade, number)
        judgements.add(other, one, grade, number)


def _read_trec(judgements: _Judgements, rows: Iterable[tuple[int, str]]) -> None:
    for number, line in rows:
        cells = _trec_cells(line)
        try:
            _require_columns(cells, TREC_COLUMNS)
            query, paper = _ids(cells[0], cells[2])
            grade = _grade(cells[3])
        except ValueError as problem:
            raise RecordError(judgements.path, f"line {number}", str(problem)) from problem
        judgements.add(query, paper, grade, number)


def _is_row(line: str) -> bool:
    return bool(line.strip()) and not line.startswith("#")


def _tabbed(line: str) -> list[str]:
    return [cell.strip() for cell in line.split("\t")]


def _trec_cells(line: str) -> list[str]:
    cells = _tabbed(line)  # our ids may hold spaces; files of others are often parted by them
    return cells if len(cells) == TREC_COLUMNS else line.split()


def _require_columns(cells: Sequence[str], n: int) -> None:
    if len(cells) != n:
        raise ValueError(f"expected {n} columns, found {len(cells)}")


def _ids(one: str, other: str) -> tuple[str, str]:
    for paper in (one, other):
        if not paper or not paper.isprintable():
            raise ValueError(f"an id must be non-empty and printable, got {paper!r}")
    if one == other:
        raise ValueError(f"{one!r} is judged against itself")
    return one, other


def _grade(cell: str) -> int:
    if not WHOLE_NUMBER.fullmatch(cell) or (grade := int(cell)) not in GRADES:
        raise ValueError(f"a grade is a whole number from {GRADES[0]} to {GRADES[-1]}, got {cell!r}")
    return grade


def _refuse_unreadable(query: str, paper: str, grade: int) -> None:
    _ids(query, paper)
    _grade(str(grade))
    for name in (query, paper):
        if name != name.strip() or name.startswith("#"):
            raise ValueError(f"an id must not be padded or begin with #, got {name!r}")


def _pair_rows(judged: Iterable[tuple[str, str, int]]) -> Iterator[tuple[str, ...]]:
    yield GRADED
    said: set[tuple[str, str]] = set()
    for query, paper, grade in judged:
        if (paper, query) not in said:
            said.add((query, paper))
            yield query, paper, str(grade)


def _trec_rows(judged: Iterable[tuple[str, str, int]]) -> Iterator[tuple[str, ...]]:
    return ((query, "0", paper, str(grade)) for query, paper, grade in judged)
