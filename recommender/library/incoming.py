"""What a source holds, made ready to be kept, some batches ahead of whoever keeps it.

To find the language of a text and to write a record takes longer than to keep it: others can do that.
"""

from collections import deque
from collections.abc import Generator, Iterator, Sequence
from typing import NamedTuple

from recommender.errors import RecordError
from recommender.library.records import Entry, Source
from recommender.library.rows import encoded, storable, with_language
from recommender.workers import Workers

AT_ONCE = 500  # records in a batch


class Incoming(NamedTuple):
    """A paper as the library keeps it.

    Attributes:
        id: Of the paper.
        language: ISO 639-1 code, "" where it is unknown.
        is_blank: Whether it has no text.
        place: Where in its source it stands.
        record: All of it.
        digest: Of the record.
    """

    id: str
    language: str
    is_blank: bool
    place: str
    record: bytes
    digest: bytes


def incoming(source: Source, workers: Workers) -> Generator[Incoming | RecordError]:
    """Yield the papers of a source, and why a record is none, in the order in which they stand there.

    Args:
        source: It is read on while earlier records are kept.
        workers: Who makes them ready.

    Raises:
        Exception: Whatever reading raises, after all that came before it.
    """
    under_way: deque[list[Entry | RecordError]] = deque()
    ended_by: list[Exception] = []

    def batches() -> Iterator[list[Entry]]:
        found: list[Entry | RecordError] = []
        try:
            for entry in source.read(found.append):
                found.append(entry)
                if len(found) >= AT_ONCE:
                    under_way.append(found.copy())
                    found.clear()  # the source goes on to write into this one
                    yield _entries(under_way[-1])
        except Exception as problem:  # its turn comes
            ended_by.append(problem)
        under_way.append(found)
        yield _entries(found)

    for ready in workers.map(made_ready, batches()):
        papers = iter(ready)
        for one in under_way.popleft():
            yield one if isinstance(one, RecordError) else next(papers)
    for problem in ended_by:
        raise problem


def made_ready(entries: Sequence[Entry]) -> list[Incoming]:
    """Return papers as the library keeps them."""
    return [_made_ready(entry) for entry in entries]


def _made_ready(entry: Entry) -> Incoming:
    paper = with_language(entry.paper)
    return Incoming(paper.id, paper.language, paper.is_blank, storable(entry.place), *encoded(paper))


def _entries(found: Sequence[Entry | RecordError]) -> list[Entry]:
    return [one for one in found if not isinstance(one, RecordError)]
