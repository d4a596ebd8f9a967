"""Parquet tables."""

import datetime
import decimal
import math
from collections.abc import Iterator
from typing import Any

from recommender.errors import SourceError
from recommender.extras import require
from recommender.readers.columns import Row, columns_of, ignored_in, papers_of
from recommender.readers.reader import Reject, SourcePaper
from recommender.readers.source import SourceFile

MAGIC = b"PAR1"
ROWS_AT_ONCE = 1_000
MOST_BYTES = 1 << 31  # of one group of rows in memory


class Parquet:
    """Reads tables with the column names of `aliases.ALIASES`, and says which others there are.

    Without an id column the id is the number of the row, from 1.
    """

    name = "parquet"
    suffixes: tuple[str, ...] = (".parquet",)

    def matches(self, source: SourceFile) -> bool:
        return source.start.startswith(MAGIC)

    def read(self, source: SourceFile, on_reject: Reject) -> Iterator[SourcePaper]:
        return papers_of(_rows(source), source.path, on_reject)


def _rows(source: SourceFile) -> Iterator[Row]:
    arrow = require("pyarrow", "parquet")
    parquet = require("pyarrow.parquet", "parquet")
    number = 0
    with source.binary() as file:
        try:
            table = parquet.ParquetFile(file)
            wanted = _wanted(source, table)
            for batch in table.iter_batches(batch_size=ROWS_AT_ONCE, columns=wanted, use_threads=False):
                for values in batch.to_pylist():
                    number += 1
                    yield Row(
                        number, f"row {number}", {name: _plain(value) for name, value in values.items()}
                    )
        except (arrow.ArrowException, OSError, ValueError) as problem:
            place = f"{source.path}, after row {number}" if number else str(source.path)
            said = " ".join(str(problem).split())[:200]
            raise SourceError(f"{place}: no readable Parquet file: {said}; export it again") from problem


def _wanted(source: SourceFile, table: Any) -> list[str]:
    """Return the columns that are read, and refuse a table that has none or would not fit into memory."""
    names = table.schema_arrow.names
    try:
        columns = columns_of(tuple(names))
    except ValueError as problem:
        raise SourceError(f"{source.path}, schema: {problem}; rename them") from problem
    groups = (table.metadata.row_group(number) for number in range(table.metadata.num_row_groups))
    if (largest := max((group.total_byte_size for group in groups), default=0)) > MOST_BYTES:
        raise SourceError(
            f"{source.path} has a row group of {largest:,} bytes; write it with smaller row groups"
        )
    source.ignored.update(ignored_in(tuple(names)))
    held = {name for found in columns.values() for name in found}
    return [name for name in names if name in held]


def _plain(value: Any) -> Any:
    """Return a value as JSON would have it."""
    if isinstance(value, float) and math.isnan(value):
        return None  # what pandas writes for a missing number
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    if isinstance(value, decimal.Decimal):
        return str(value)
    if isinstance(value, bytes):
        return value.decode("utf-8", "backslashreplace")
    return value
