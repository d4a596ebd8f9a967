"""What goes into the library and what comes out of it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple, Protocol

from recommender.errors import RecordError
from recommender.paper import Paper

OnError = Literal["stop", "report"]


class Entry(Protocol):
    """A paper and where in its source it stands: `line 3`, `record 15`."""

    @property
    def paper(self) -> Paper: ...

    @property
    def place(self) -> str: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A file, or whatever else papers are imported from.

    Attributes:
        name: Path of the file.
        format: Name of its format.
        read: Yields the entries in order, once; hands every record that is no paper to the callback it
            gets, and goes on.
        notes: Says, once it was read, what of it was not: columns, files of an archive.
    """

    name: str
    format: str
    read: Callable[[Callable[[RecordError], None]], Iterable[Entry]]
    notes: Callable[[], tuple[str, ...]] = tuple


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """A record that is no paper; the library remembers why until its source is imported again."""

    source: str
    place: str
    reason: str
    paper_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceReport:
    """What an import found in one source.

    Attributes:
        n_new: Papers whose id the library did not hold.
        n_changed: Papers of which any field differs from what the library held.
        n_unchanged: Papers that the library held just so.
        n_from_elsewhere: Those of the changed ones that the library had from another source: a newer export,
            or two files whose records are numbered from 1.
        blank: Id and place of the papers without text, which are counted above like all others.
        rejected: The records that are no papers.
        languages: Number of papers by language, the most frequent first; "" is unknown.
        notes: What of the source was not read, each in a sentence.
    """

    name: str
    format: str
    n_new: int
    n_changed: int
    n_unchanged: int
    n_from_elsewhere: int
    blank: tuple[tuple[str, str], ...]
    rejected: tuple[Rejected, ...]
    languages: Mapping[str, int]
    notes: tuple[str, ...] = ()

    @property
    def n_blank(self) -> int:
        return len(self.blank)

    @property
    def n_rejected(self) -> int:
        return len(self.rejected)

    @property
    def n_records(self) -> int:
        """Every record of the source, papers and rejected ones."""
        return self.n_new + self.n_changed + self.n_unchanged + self.n_rejected


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """What an import did.

    Attributes:
        sources: What it found in each.
        n_removed: Papers that are in none of them, and were removed.
        n_kept: Papers that stay as they were, because the new record of their id was rejected.
    """

    sources: tuple[SourceReport, ...]
    n_removed: int = 0
    n_kept: int = 0

    @property
    def n_nameless(self) -> int:
        """Rejected records of which no id could be read: nothing tells whose they are."""
        return sum(entry.paper_id is None for source in self.sources for entry in source.rejected)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """A paper of the library.

    Attributes:
        source, place: Where it was seen last.
        added_at: When its id came into the library.
        imported_at: When it got its present content.
    """

    paper: Paper
    source: str
    place: str
    added_at: datetime
    imported_at: datetime

    @property
    def state(self) -> Literal["ok", "blank"]:
        """`blank` if there is no text to compare."""
        return "blank" if self.paper.is_blank else "ok"

    @property
    def text_digest(self) -> str:
        """The digest of its text, by which embeddings are cached."""
        return self.paper.digest


class Listing(NamedTuple):
    """Some papers of a library without their records, column by column.

    Attributes:
        ordinals: The number of each, for ever.
        ids, languages, are_blank: What is told of it; `are_blank` is 0 or 1.
        digests: Of its record, as bytes and in hexadecimal digits.
    """

    ordinals: Sequence[int]
    ids: Sequence[str]
    languages: Sequence[str]
    are_blank: Sequence[int]
    digests: Sequence[bytes]
    hexadecimal: Sequence[str]
