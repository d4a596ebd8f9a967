"""DataFrames of pandas and Polars, in and out: from a table of abstracts to recommendations.

recommender = recommender_of(pandas.read_csv("papers.csv"), "my-papers")
table = to_pandas(recommender.similar_to("9", k=5))
"""

import math
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from recommender.errors import UsageError
from recommender.extras import require
from recommender.library import Source
from recommender.paper import FIELDS, Paper
from recommender.readers.columns import Row, columns_of, known_columns, papers_of
from recommender.readers.reader import Reject, SourcePaper
from recommender.recommendation import Answer, Recommender
from recommender.settings import Settings
from recommender.workspace import UTC_CLOCK, Workspace
from recommender.writers.citations import citation_line

if TYPE_CHECKING:
    import pandas
    import polars

PLACE = Path("DataFrame")  # where a record stands, for messages
OF_RESULTS = ("rank", "score", "similarity", "label")
COLUMNS = (*FIELDS, "citation")


def recommender_of(
    frame: "pandas.DataFrame | polars.DataFrame", home: Path | str, *, model: str = ""
) -> Recommender:
    """Return what answers from the papers of a table, which become the library of a home folder.

    Columns are named as in files: `id`, `title`, `abstract`, `authors`, `year`, … or 编号, 篇名, 摘要; others
    are left alone. Without a column of ids, the index of a pandas table counts if it has the name of one,
    else the number of the row, from 1. Texts that were embedded before in this folder are not embedded again.

    Args:
        frame: The table.
        home: The folder.
        model: Name or folder; empty: that of the build that is there, else `fast`.

    Raises:
        UsageError: It is no table of pandas or Polars, or has no column of titles or abstracts.
        RecordError: A row is no paper, or its id is used twice; nothing was changed.
    """
    rows = _rows(frame)
    workspace = Workspace(Settings(home=Path(home).expanduser().absolute(), model=model))

    def read(on_reject: Reject) -> Iterator[SourcePaper]:
        return papers_of(rows, PLACE, on_reject)

    with workspace.writing():
        with workspace.library(create=True) as library:
            source = Source(name=str(PLACE), format=_library_of(frame), read=read)
            library.import_papers([source], now=UTC_CLOCK(), replace=True)
        workspace.rebuild()
    return workspace.recommender()


def papers_from(frame: "pandas.DataFrame | polars.DataFrame") -> list[Paper]:
    """Return the papers of a table, read as `recommender_of` reads it; languages are not guessed.

    Raises:
        UsageError: It is no table of pandas or Polars, or has no column of titles or abstracts.
        RecordError: A row is no paper.
    """

    def stop(error: Exception) -> None:
        raise error

    return [entry.paper for entry in papers_of(_rows(frame), PLACE, stop)]


def to_pandas(found: Answer | Iterable[Paper]) -> "pandas.DataFrame":
    """Return an answer, or papers, as a pandas table: one a row, every field a column.

    Raises:
        MissingExtraError: pandas is not installed.
    """
    columns, rows = _table(found)
    table: pandas.DataFrame = require("pandas", "pandas").DataFrame(rows, columns=columns)
    return table


def to_polars(found: Answer | Iterable[Paper]) -> "polars.DataFrame":
    """Return an answer, or papers, as a Polars table: one a row, every field a column.

    Raises:
        MissingExtraError: Polars is not installed.
    """
    library = require("polars", "polars")
    columns, rows = _table(found)
    kinds = {
        "rank": library.Int64, "score": library.Float64, "similarity": library.Float64, "year": library.Int64,
        "authors": library.List(library.String), "keywords": library.List(library.String),
    }  # fmt: skip
    schema = {name: kinds.get(name, library.String) for name in columns}
    table: polars.DataFrame = library.DataFrame(rows, schema=schema)
    return table


def _table(found: Answer | Iterable[Paper]) -> tuple[list[str], list[dict[str, Any]]]:
    if not isinstance(found, Answer):
        return [*COLUMNS], [_record(paper) for paper in found]
    rows = [
        {"rank": one.rank, "score": one.score, "similarity": one.similarity, "label": one.label.words}
        | _record(one.paper)
        for one in found.results
    ]
    return [*OF_RESULTS, *COLUMNS], rows


def _record(paper: Paper) -> dict[str, Any]:
    return paper.as_dict() | {"citation": citation_line(paper)}


def _library_of(frame: object) -> str:
    """Return which library a table is of, "" for anything else."""
    known = type(frame).__module__.partition(".")[0]
    return known if known in ("pandas", "polars") and type(frame).__name__ == "DataFrame" else ""


def _rows(frame: Any) -> Iterator[Row]:
    """Return the rows of a table, which is refused at once where it is none."""
    if not (library := _library_of(frame)):
        raise UsageError(f"give a DataFrame of pandas or Polars, not {type(frame).__name__}")
    if library == "pandas":
        if frame.index.name and "id" in known_columns([str(frame.index.name)]):
            frame = frame.reset_index()
        frame = frame.rename(columns=str)
    try:
        columns = columns_of(tuple(frame.columns))
    except ValueError as problem:
        raise UsageError(f"the DataFrame cannot be read: {problem}; rename them") from problem
    held = [name for names in columns.values() for name in names]
    records = (
        frame[held].to_dict("records") if library == "pandas" else frame.select(held).iter_rows(named=True)
    )
    return (
        Row(number, f"row {number}", {name: _plain(value) for name, value in record.items()})
        for number, record in enumerate(records, start=1)
    )


def _plain(value: Any) -> Any:
    """Return a value as JSON would have it."""
    if value is None or isinstance(value, str | bool | int | list):
        return value
    if isinstance(value, float):
        return None if math.isnan(value) else value
    if type(value).__name__ in ("NaTType", "NAType"):
        return None  # a missing time, a missing anything
    if hasattr(value, "isoformat"):
        return value.isoformat()
    if hasattr(value, "tolist"):
        return value.tolist()  # an array
    return [*value] if isinstance(value, tuple) else str(value)
