"""TREC runs, read from a file and written to one: query, Q0, paper, rank, score, tag.

Qrels in the format of TREC are read and written by `judgements`.
"""

from dataclasses import dataclass
from math import isfinite
from pathlib import Path

from recommender.errors import RecordError, SourceError
from recommender.evaluation import cells as c
from recommender.evaluation.judgements import Run

COLUMNS = 6
TAG = "recommender"


@dataclass(frozen=True, slots=True)
class _Place:
    """One line of a run; `order` sorts by score, the highest first, then by rank."""

    query: str
    paper: str
    order: tuple[float, float]


def read_run(path: Path) -> Run:
    """Read a run, with the lists in the order of their scores; of one score, in the order of the ranks.

    Raises:
        SourceError: The file cannot be read, is not UTF-8 or holds no line.
        RecordError: A line is not one of a run, or a query has a paper twice.
    """
    places: dict[str, list[_Place]] = {}
    said: dict[tuple[str, str], int] = {}
    for number, line in c.rows_of(path):
        with c.reading(path, number):
            place = _place(c.spaced(line, COLUMNS))
        before = said.setdefault((place.query, place.paper), number)
        if before != number:
            reason = f"{place.paper!r} is in the list of {place.query!r} already, see line {before}"
            raise RecordError(path, f"line {number}", reason)
        places.setdefault(place.query, []).append(place)
    if not places:
        raise SourceError(f"{path}: no line of a run in it")
    return {
        query: [place.paper for place in sorted(found, key=lambda place: place.order)]
        for query, found in places.items()
    }


def write_run(run: Run, path: Path, *, tag: str = TAG) -> None:
    """Write a run so that any reader puts the lists in this order: the scores fall, and no two tie.

    Raises:
        UsageError: The file cannot be written.
        ValueError: An id could not be read back.
    """
    for query, ranked in run.items():
        c.require_writable(query, *ranked)
    c.write_rows(
        path,
        (
            (query, "Q0", paper, str(rank), str(-rank), tag)
            for query, ranked in run.items()
            for rank, paper in enumerate(ranked, start=1)
        ),
    )


def _place(cells: list[str]) -> _Place:
    c.require_columns(cells, COLUMNS)
    query, _, paper, rank, score, _ = cells
    c.require_ids(query, paper)
    return _Place(query, paper, (-_number("score", score), _number("rank", rank)))


def _number(name: str, cell: str) -> float:
    try:
        number = float(cell)
    except ValueError:
        number = float("nan")
    if not isfinite(number):
        raise ValueError(f"a {name} is a number, got {cell!r}")
    return number
