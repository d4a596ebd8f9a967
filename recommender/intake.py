"""A source file as the library takes it: where reading and keeping meet."""

from collections.abc import Callable, Iterator
from pathlib import Path

from recommender.library import Source
from recommender.readers import Reject, SourcePaper, formats_of, read_papers

RECORDS_A_REPORT = 1000
OnStage = Callable[[str, int, int], None]  # (stage, done, total); a total of 0 is unknown


def source_of(path: Path, reader: str | None, on_stage: OnStage) -> Source:
    """Return a file as a source, which tells as it is read how far it is.

    Args:
        path: The file.
        reader: Name of its format; None: it is recognised.
        on_stage: Told after every thousand records.

    Raises:
        SourceError: The file cannot be read, or is in no known format.
    """

    def read(on_reject: Reject) -> Iterator[SourcePaper]:
        for count, entry in enumerate(read_papers(path, on_reject, reader=reader), start=1):
            yield entry
            if count % RECORDS_A_REPORT == 0:
                on_stage(f"reading {path.name}", count, 0)

    return Source(name=str(path.resolve()), format=reader or formats_of(path), read=read)
