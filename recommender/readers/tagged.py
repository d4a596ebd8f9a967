"""Formats of lines that begin with a tag: the records, whatever the tags mean."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from recommender.readers.fields import Fields, papers_from
from recommender.readers.names import split_names
from recommender.readers.reader import Reject, SourcePaper, rejection
from recommender.readers.source import SourceFile

Tags = Mapping[str, list[str]]  # what stands behind each tag, in order
CNKI_MARK = re.compile(r"^\s*(?:<正>|&lt;正&gt;)")  # before abstracts that are the beginning of the text
KEYWORDS = re.compile("[;；\n]")


@dataclass(frozen=True, slots=True)
class Dialect:
    """How the lines of a format look.

    Attributes:
        line: Matches a line with a tag, as groups `tag` and `value`.
        first: The tag that begins a record.
        last: The tag that ends one; "" where only the next one does.
        joint: What stands between a value and the line that continues it.
    """

    line: re.Pattern[str]
    first: str
    last: str = ""
    joint: str = "\n"


def tagged_records(source: SourceFile, dialect: Dialect, on_reject: Reject) -> Iterator[tuple[str, Tags]]:
    """Yield the place and the tags of each record.

    A record also ends where the next one begins, so that a missing end takes no other with it. Text outside
    of all records is passed over, but a line with a tag there is rejected: it belongs to a lost record.
    """
    open_ = _Open()
    for number, line in enumerate(source.lines(), start=1):
        found = dialect.line.match(line)
        tag = found["tag"].upper() if found else ""
        if tag and tag in (dialect.first, dialect.last):
            yield from open_.taken()
        if tag == dialect.first:
            open_ = _Open(f"line {number}", {})
        elif open_.tags is None and tag and tag != dialect.last and not open_.is_lost:
            problem = ValueError(f"{tag} outside of any record; a record begins with {dialect.first}")
            on_reject(rejection(source.path, f"line {number}", problem))
            open_.is_lost = True
        if open_.tags is not None and found:
            open_.tags.setdefault(tag, []).append(found["value"].strip())
            open_.last = tag
        elif open_.tags is not None and (more := line.strip()):
            values = open_.tags[open_.last]
            values[-1] = f"{values[-1]}{dialect.joint}{more}".strip()
    yield from open_.taken()


@dataclass(slots=True)
class _Open:
    """The record that is being read, if any is."""

    place: str = ""
    tags: dict[str, list[str]] | None = None
    last: str = ""
    is_lost: bool = False

    def taken(self) -> Iterator[tuple[str, Tags]]:
        if self.tags is not None:
            yield self.place, self.tags
        self.tags, self.is_lost = None, False


@dataclass(frozen=True, slots=True)
class TaggedReader:
    """Reads a format of tagged lines whose dialect is the same in every file.

    Attributes:
        name, suffixes: As of every reader.
        start: Matches how a file of the format begins.
        dialect: How its lines look.
        fields: What the tags of a record say of a paper.
    """

    name: str
    suffixes: tuple[str, ...]
    start: re.Pattern[str]
    dialect: Dialect
    fields: Callable[[Tags], Fields]

    def matches(self, source: SourceFile) -> bool:
        return self.start.match(source.head) is not None

    def read(self, source: SourceFile, on_reject: Reject) -> Iterator[SourcePaper]:
        records = tagged_records(source, self.dialect, on_reject)
        return papers_from(records, self.fields, source.path, on_reject)


def first_of(tags: Tags, *names: str) -> str:
    """Return the first value that is not empty, of the tags in this order."""
    return next((value for name in names for value in tags.get(name, ()) if value), "")


def names_of(tags: Tags, *names: str) -> list[str]:
    """Return the names of persons behind the first of the tags that has any."""
    found = ([name for value in tags.get(tag, ()) for name in split_names(value)] for tag in names)
    return next(filter(None, found), [])


def keywords_of(tags: Tags, *names: str) -> list[str]:
    """Return the keywords behind the first of the tags that has any, one a line or several."""
    found = ([word.strip() for value in tags.get(tag, ()) for word in KEYWORDS.split(value)] for tag in names)
    return next(filter(any, found), [])


def cnki_abstract(text: str) -> str:
    """Return an abstract without the mark of CNKI that it is the beginning of the text.

    >>> cnki_abstract("<正>产教融合是")
    '产教融合是'
    """
    return CNKI_MARK.sub("", text)
