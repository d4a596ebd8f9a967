"""The seam: a reader turns one source file into papers, in the order of the file."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from recommender.errors import RecordError
from recommender.paper import Paper
from recommender.readers.source import SourceFile

Reject = Callable[[RecordError], None]

LONGEST_REASON = 300  # characters: a reason is one line of a report, also when it quotes a 10 MB id


def stop(error: RecordError) -> None:
    """Reject policy: the first bad record ends the read (the default)."""
    raise error


@dataclass(frozen=True, slots=True)
class SourcePaper:
    """A paper and where in its source file it stands: `line 3`, `record 15`."""

    paper: Paper
    place: str


class Reader(Protocol):
    """One format.

    Attributes:
        name: What the user calls it.
        suffixes: The endings, lower case with the dot, that a file of the format usually has.
    """

    @property
    def name(self) -> str: ...

    @property
    def suffixes(self) -> tuple[str, ...]: ...

    def matches(self, source: SourceFile) -> bool:
        """Return whether the beginning of the file can only be this format, whatever its suffix."""
        ...

    def read(self, source: SourceFile, on_reject: Reject) -> Iterator[SourcePaper]:
        """Yield every record that is a paper; hand every other one to `on_reject`.

        Raises:
            SourceError: The file cannot be read, or not beyond this place, whatever the policy.
        """
        ...


def rejection(path: Path, place: str, problem: ValueError, paper_id: str | None = None) -> RecordError:
    """Return the error that says why the record at `place` is not a paper.

    An id that could not be printed or stored is left out; the reason quotes it.
    """
    reason = str(problem)
    if len(reason) > LONGEST_REASON:
        reason = reason[: LONGEST_REASON - 1] + "…"
    printable = paper_id if paper_id and paper_id.isprintable() else None
    return RecordError(path, place, reason, printable)
