"""Source files → papers. A format is one module with a `Reader`, and one entry in `READERS`."""

from collections.abc import Iterator
from pathlib import Path

from recommender.errors import RecordError, SourceError, UsageError
from recommender.readers.delimited import Delimited
from recommender.readers.jsonl import JsonLines
from recommender.readers.plain import PlainText
from recommender.readers.reader import Reader, Reject, SourcePaper, stop
from recommender.readers.similar_page import SimilarPage
from recommender.readers.source import SourceFile

__all__ = ["READERS", "Reader", "Reject", "SourceFile", "SourcePaper", "detect", "read_papers", "stop"]

# The order in which an unknown file is offered to them.
READERS: tuple[Reader, ...] = (SimilarPage(), JsonLines(), Delimited(), PlainText())


def read_papers(path: Path, on_reject: Reject = stop, *, reader: str | None = None) -> Iterator[SourcePaper]:
    """Open a source file, and return its papers one by one, in the order of the file.

    Args:
        path: The file.
        on_reject: What becomes of a record that is not a paper; `stop` raises.
        reader: Name of the format; without it the format is detected.

    Raises:
        SourceError: The file cannot be read, in no known format, or, at its end, without any record.
        UsageError: There is no format of the given name.
    """
    source = SourceFile(path)
    return _counted(_named(reader) if reader else _detected(source), source, on_reject)


def detect(path: Path) -> Reader:
    """Return the reader for a file: by its suffix, unless its content can only be another format.

    Raises:
        SourceError: The file cannot be read, or is in no known format.
    """
    return _detected(SourceFile(path))


def _detected(source: SourceFile) -> Reader:
    by_suffix = [reader for reader in READERS if source.path.suffix.lower() in reader.suffixes]
    for reader in (*by_suffix, *READERS):
        if reader.matches(source):
            return reader
    if by_suffix:
        return by_suffix[0]
    formats = "; ".join(f"{reader.name} ({', '.join(reader.suffixes)})" for reader in READERS)
    raise SourceError(f"{source.path} is in no known format; the formats are: {formats}")


def _named(name: str) -> Reader:
    for reader in READERS:
        if reader.name == name:
            return reader
    known = ", ".join(reader.name for reader in READERS)
    raise UsageError(f"there is no format {name!r}; choose one of: {known}")


def _counted(reader: Reader, source: SourceFile, on_reject: Reject) -> Iterator[SourcePaper]:
    """Yield what `reader` yields, and refuse a file of which nothing came: neither a paper nor a reject."""
    is_empty = True

    def reject(error: RecordError) -> None:
        nonlocal is_empty
        is_empty = False
        on_reject(error)

    for paper in reader.read(source, reject):
        is_empty = False
        yield paper
    if is_empty:
        raise SourceError(f"{source.path} holds no record; read as {reader.name}")
