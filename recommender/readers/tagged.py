"""Formats of lines that begin with a tag: the records, whatever the tags mean."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from recommender.paper import LONGEST
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
    of all records is passed over, but a line with a tag there is rejected: it belongs to a lost record. A
    record with a value that goes on for longer than any text of a paper is rejected, and none of it kept.
    """
    open_ = _Open()
    for number, line in enumerate(source.lines(), start=1):
        found = dialect.line.match(line)
        tag = found["tag"].upper() if found else ""
        if tag and tag in (dialect.first, dialect.last):
            yield from open_.taken(source, on_reject)
        if tag == dialect.first:
            open_ = _Open(f"line {number}", {}, joint=dialect.joint)
        elif open_.tags is None and tag and tag != dialect.last and not open_.is_lost:
            problem = ValueError(f"{tag} outside of any record; a record begins with {dialect.first}")
            on_reject(rejection(source.path, f"line {number}", problem))
            open_.is_lost = True
        if open_.tags is not None and found:
            open_.begin(tag, found["value"].strip())
        elif open_.tags is not None and (more := line.strip()):
            open_.go_on(more)
    yield from open_.taken(source, on_reject)


@dataclass(slots=True)
class _Open:
    """The record that is being read, if any is.

    Attributes:
        place: Where it begins.
        tags: What is whole of it; None: none is being read.
        joint: What stands between a value and the line that continues it.
        last: The tag of the value that is being read.
        lines: Of this value; they are joined once, which takes as long as they are.
        length: Of those that go on.
        too_long: The tag of a value that makes no paper; "": there is none.
        is_lost: Whether a line outside of any record was rejected.
    """

    place: str = ""
    tags: dict[str, list[str]] | None = None
    joint: str = "\n"
    last: str = ""
    lines: list[str] = field(default_factory=list)
    length: int = 0
    too_long: str = ""
    is_lost: bool = False

    def begin(self, tag: str, value: str) -> None:
        """Take the first line of a value."""
        self._end_value()
        self.last, self.lines = tag, [value]

    def go_on(self, line: str) -> None:
        """Take a line that continues the value."""
        self.length += len(self.joint) + len(line)
        if self.length > LONGEST:
            self.too_long, self.lines = self.last, []
        else:
            self.lines.append(line)

    def taken(self, source: SourceFile, on_reject: Reject) -> Iterator[tuple[str, Tags]]:
        """Yield the record, unless it makes no paper, and go on without one."""
        self._end_value()
        if self.too_long:
            problem = ValueError(
                f"{self.too_long} goes on for more than {LONGEST:,} characters; no more make a paper"
            )
            on_reject(rejection(source.path, self.place, problem))
        elif self.tags is not None:
            yield self.place, self.tags
        self.tags, self.is_lost, self.too_long = None, False, ""

    def _end_value(self) -> None:
        if self.tags is not None and self.last:
            self.tags.setdefault(self.last, []).append(self.joint.join(self.lines).strip())
        self.last, self.lines, self.length = "", [], 0


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


def joined_of(tags: Tags, *names: str) -> str:
    """Return all that stands behind the first of the tags that has anything, each value once, in lines."""
    found = ([value for value in tags.get(name, ()) if value] for name in names)
    return "\n".join(dict.fromkeys(next(filter(None, found), [])))


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
