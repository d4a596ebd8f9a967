"""Judgements of similarity: known-similar pairs and TREC qrels, read from a file and written to one.

A pairs file is symmetric: its header is `id_a`, `id_b` and, where pairs are graded, `grade`, parted by tabs.
The grades are 3 same work, 2 same narrow topic, 1 same field; an ungraded pair has grade 1. TREC qrels
have no header and four columns, query, ignored, paper, grade, and are directed. In both, lines that begin
with # are comments.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from recommender.errors import RecordError, SourceError
from recommender.evaluation import cells as c

Grades = Mapping[str, int]  # paper id -> grade; below 1 means judged and not similar
Qrels = Mapping[str, Grades]  # query id -> its judged papers
Run = Mapping[str, Sequence[str]]  # query id -> ranked paper ids, best first, never the query itself

UNGRADED = ("id_a", "id_b")
GRADED = (*UNGRADED, "grade")
TREC_COLUMNS = 4


@dataclass(slots=True)
class Judgements:
    """What was read so far, and the line that said it."""

    path: Path
    grades: dict[str, dict[str, int]] = field(default_factory=dict)
    lines: dict[tuple[str, str], int] = field(default_factory=dict)

    def add(self, query: str, paper: str, grade: int, line: int) -> None:
        """Keep one judgement.

        Raises:
            RecordError: An earlier line gives another grade.
        """
        before = self.grades.setdefault(query, {}).setdefault(paper, grade)
        said = self.lines.setdefault((query, paper), line)
        if before != grade:
            reason = f"grade {grade} for {query!r} and {paper!r}, but line {said} says {before}; keep one"
            raise RecordError(self.path, f"line {line}", reason)

    def whole(self) -> Qrels:
        """Return all of them.

        Raises:
            SourceError: There is none.
        """
        if not self.grades:
            raise SourceError(f"{self.path}: no judgement in it")
        return self.grades


def read(path: Path) -> Qrels:
    """Read a pairs file, of which each paper becomes a query, or TREC qrels.

    Raises:
        SourceError: The file cannot be read, is not UTF-8 or holds no judgement.
        RecordError: A line is no judgement, judges a paper against itself, or contradicts an earlier one.
    """
    judgements = Judgements(path)
    rows = [*c.rows_of(path)]
    if not rows:
        return judgements.whole()
    header = tuple(cell.casefold() for cell in c.tabbed(rows[0][1]))
    if header in (UNGRADED, GRADED):
        _read_pairs(judgements, rows[1:], n_columns=len(header))
    elif len(c.spaced(rows[0][1], TREC_COLUMNS)) == TREC_COLUMNS:
        _read_trec(judgements, rows)
    else:
        reason = "expected the header id_a, id_b, grade (parted by tabs), or the four columns of TREC qrels"
        raise RecordError(path, f"line {rows[0][0]}", reason)
    return judgements.whole()


def write(qrels: Qrels, path: Path) -> None:
    """Write `qrels` so that `read` gives them back: as pairs where they are symmetric, else as TREC qrels.

    Raises:
        UsageError: The file cannot be written.
        ValueError: An id or a grade could not be read back.
    """
    judged = _judged(qrels)
    symmetric = all(qrels.get(paper, {}).get(query) == grade for query, paper, grade in judged)
    c.write_rows(path, _pair_rows(judged) if symmetric else _trec_rows(judged))


def write_qrels(qrels: Qrels, path: Path) -> None:
    """Write `qrels` as TREC qrels.

    Raises:
        UsageError: The file cannot be written.
        ValueError: An id or a grade could not be read back.
    """
    c.write_rows(path, _trec_rows(_judged(qrels)))


def _judged(qrels: Qrels) -> list[tuple[str, str, int]]:
    judged = [(query, paper, grade) for query, grades in qrels.items() for paper, grade in grades.items()]
    for query, paper, grade in judged:
        c.require_writable(query, paper)
        _refuse_itself(query, paper)
        c.grade_of(str(grade))
    return judged


def _read_pairs(judgements: Judgements, rows: Iterable[c.Row], *, n_columns: int) -> None:
    for number, line in rows:
        cells = c.tabbed(line)
        with c.reading(judgements.path, number):
            c.require_columns(cells, n_columns)
            one, other = _two_ids(*cells[:2])
            grade = c.grade_of(cells[2]) if n_columns == len(GRADED) else 1
        judgements.add(one, other, grade, number)
        judgements.add(other, one, grade, number)


def _read_trec(judgements: Judgements, rows: Iterable[c.Row]) -> None:
    for number, line in rows:
        cells = c.spaced(line, TREC_COLUMNS)
        with c.reading(judgements.path, number):
            c.require_columns(cells, TREC_COLUMNS)
            query, paper = _two_ids(cells[0], cells[2])
            grade = c.grade_of(cells[3])
        judgements.add(query, paper, grade, number)


def _two_ids(one: str, other: str) -> tuple[str, str]:
    c.require_ids(one, other)
    _refuse_itself(one, other)
    return one, other


def _refuse_itself(one: str, other: str) -> None:
    if one == other:
        raise ValueError(f"{one!r} is judged against itself")


def _pair_rows(judged: Iterable[tuple[str, str, int]]) -> Iterator[tuple[str, ...]]:
    yield GRADED
    said: set[tuple[str, str]] = set()
    for query, paper, grade in judged:
        if (paper, query) not in said:
            said.add((query, paper))
            yield query, paper, str(grade)


def _trec_rows(judged: Iterable[tuple[str, str, int]]) -> Iterator[tuple[str, ...]]:
    return ((query, "0", paper, str(grade)) for query, paper, grade in judged)
