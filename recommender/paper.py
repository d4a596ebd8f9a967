"""Paper: the one record. Readers make it, everyone else only reads it."""

import hashlib
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from operator import attrgetter
from typing import Any, NamedTuple, Self

from recommender.text.spellings import composed

FIRST_YEAR, LAST_YEAR = 1000, 2999
YEARS = range(FIRST_YEAR, LAST_YEAR + 1)
LONGEST = 1_000_000  # characters; a longer text is a book or an accident, and takes seconds to read


class Begun:
    """Of a record of which a part is not decoded yet: what decodes it, as soon as anybody wants a value."""

    __slots__ = ("_others",)
    _others: Callable[[], tuple[Any, ...]] | None

    def __getattr__(self, name: str) -> Any:
        """Decode what Python does not find: a value that is not there yet."""
        if name not in PUT_OTHERS:
            raise AttributeError(f"a paper has no {name!r}", name=name, obj=self)
        if others := self._others:  # else somebody else has done it just now
            for put, value in zip(PUT_OTHERS.values(), others(), strict=True):
                put(self, value)
            _put_others(self, None)
        return object.__getattribute__(self, name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper(Begun):
    """One record of a corpus, valid by construction.

    Attributes:
        id: How the paper is named everywhere, as text: `--id 9` means "9"; in Unicode NFC.
        title, abstract: As given, for display; either may be empty.
        authors, keywords: In the given order.
        year: Of publication.
        volume, issue, pages: As printed: `998`, `22`, `91-96`.
        language: ISO 639-1 code, or "" where it is not known.
        subject: Discipline or classification, as the source names it.

    Raises:
        ValueError: The id is empty or padded, the year is none, or a text is too long or cannot be
            written as UTF-8.
    """

    id: str
    title: str = ""
    abstract: str = ""
    authors: tuple[str, ...] = ()
    venue: str = ""
    year: int | None = None
    volume: str = ""
    issue: str = ""
    pages: str = ""
    doi: str = ""
    url: str = ""
    keywords: tuple[str, ...] = ()
    language: str = ""
    subject: str = ""

    def __post_init__(self) -> None:
        if not self.id or self.id != self.id.strip() or not self.id.isprintable():
            raise ValueError(f"paper id must be non-empty, unpadded and printable, got {self.id!r}")
        _put_id(self, composed(self.id))
        if self.year is not None and (type(self.year) is not int or self.year not in YEARS):
            raise ValueError(f"year must be between {FIRST_YEAR} and {LAST_YEAR}, got {self.year!r}")
        try:
            _refuse_unwritable("the paper", "".join(_texts_of(self.values())))  # at once: five times as fast
        except ValueError:  # which of them it is, if any: all together they may well be long
            for name, value in self.as_dict().items():
                _refuse_unwritable(name, value)

    @property
    def text(self) -> str:
        """What is compared: title, abstract and keywords, in Unicode NFC, one blank line between."""
        return text_of(self.title, self.abstract, self.keywords)

    @property
    def prose(self) -> str:
        """What is written in sentences: title and abstract, in Unicode NFC, one blank line between."""
        return text_of(self.title, self.abstract)

    @property
    def digest(self) -> str:
        """The SHA-256 of `text`, as 64 hexadecimal digits: two papers with one digest are copies."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    @property
    def is_blank(self) -> bool:
        """Whether title and abstract have no letter or digit: such a paper is kept, never embedded."""
        return not any(map(str.isalnum, self.prose))

    def values(self) -> tuple[Any, ...]:
        """Return the values of the fields in the order of `FIELDS`."""
        values: tuple[Any, ...] = VALUES(self)
        return values

    def in_language(self, code: str) -> Self:
        """Return the paper with another language, an ISO 639-1 code or ""."""
        place = FIELDS.index("language")
        values = self.values()
        return self.stored((*values[:place], code, *values[place + 1 :]))

    @classmethod
    def stored(cls, values: tuple[Any, ...]) -> Self:
        """Return the paper of which `values` are the values; it was valid once, and is not checked again."""
        paper = object.__new__(cls)
        for put, value in zip(PUT.values(), values, strict=True):
            put(paper, value)
        return paper

    @classmethod
    def begun(cls, paper_id: str, title: str, others: Callable[[], tuple[Any, ...]]) -> Self:
        """Return a paper that was valid once; `others` is asked for its other values when one is wanted."""
        paper = object.__new__(cls)
        _put_id(paper, paper_id)
        _put_title(paper, title)
        _put_others(paper, others)
        return paper

    def as_dict(self) -> dict[str, Any]:
        """Return the fields by name, tuples as lists, ready for JSON."""
        values = zip(FIELDS, self.values(), strict=True)
        return {name: list(value) if isinstance(value, tuple) else value for name, value in values}

    @classmethod
    def from_dict(cls, record: Mapping[str, Any]) -> Self:
        """Return the paper of which `as_dict` made `record`.

        Raises:
            TypeError: A field is unknown.
            ValueError: A value is not valid.
        """
        values: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in record.items()
        }
        return cls(**values)


class Heading(NamedTuple):
    """What can be told of a paper without reading its text."""

    id: str
    language: str
    is_blank: bool


def text_of(title: str, abstract: str, keywords: Sequence[str] = ()) -> str:
    """Return the text of the paper that has this title, this abstract and these keywords."""
    parts = title.strip(), abstract.strip(), "; ".join(keywords).strip()
    return unicodedata.normalize("NFC", "\n\n".join(filter(None, parts)))


FIELDS = tuple(entry.name for entry in fields(Paper))
VALUES = attrgetter(*FIELDS)
PUT = {name: Paper.__dict__[name].__set__ for name in FIELDS}  # past the refusal of a frozen record
PUT_OTHERS = {name: PUT[name] for name in FIELDS[2:]}
_put_id, _put_title, _put_others = PUT["id"], PUT["title"], Begun.__dict__["_others"].__set__


def _texts_of(values: Iterable[Any]) -> Iterator[str]:
    for value in values:
        if isinstance(value, str):
            yield value
        elif isinstance(value, tuple | list):
            yield from (text for text in value if isinstance(text, str))


def _refuse_unwritable(name: str, value: Any) -> None:
    for text in value if isinstance(value, list) else [value]:
        if not isinstance(text, str):
            continue
        if len(text) > LONGEST:
            raise ValueError(f"{name} has {len(text):,} characters; at most {LONGEST:,} make a paper")
        if "\0" in text:
            raise ValueError(f"{name} contains a NUL character")
        try:
            text.encode()
        except UnicodeEncodeError as problem:
            raise ValueError(
                f"{name} contains a lone surrogate at character {problem.start + 1}"
            ) from problem
