"""A source file as the library takes it: where reading and keeping meet."""

from collections.abc import Iterator
from pathlib import Path

from recommender.library import Source
from recommender.progress import OnStage
from recommender.readers import Reject, SourcePaper, open_source

RECORDS_A_REPORT = 1000


def source_of(path: Path, reader: str | None, on_stage: OnStage) -> Source:
    """Return a file as a source, which tells as it is read how far it is.

    Args:
        path: The file.
        reader: Name of its format; None: it is recognised.
        on_stage: Told after every thousand records.

    Raises:
        SourceError: The file cannot be read, or is in no known format.
        UsageError: There is no format of the given name.
    """
    of_files: list[str] = []
    of_records: list[str] = []
    opened = open_source(path, reader=reader, on_note=of_files.append)

    def read(on_reject: Reject) -> Iterator[SourcePaper]:
        of_records.clear()
        for count, entry in enumerate(opened.papers(on_reject, of_records.append), start=1):
            yield entry
            if count % RECORDS_A_REPORT == 0:
                on_stage(f"reading {path.name}", count, 0)

    return Source(
        name=str(path.resolve()),
        format=opened.format,
        read=read,
        notes=lambda: (*of_files, *of_records),
    )
