"""What a page shows of papers and answers, ready for its template."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from markupsafe import Markup, escape

from recommender.paper import Paper
from recommender.recommendation import Recommendation
from recommender.text.numbers import share
from recommender.text.printable import printable
from recommender.writers.citations import citation_line, display_title, link_of

if TYPE_CHECKING:
    from recommender.recommendation.explanation import Explanation, SentencePair

LEAD = 260  # columns of an abstract that stand before it is opened
TAIL = 20  # characters that are not worth hiding
WIDE = "\u2e80"  # from here on signs take two columns
WIDE_SIGNS = re.compile(f"[{WIDE}-\U0010ffff]")
TERMS = 12
MARK, SENTENCE, END = Markup("<mark>"), Markup('<mark class="sentence">'), Markup("</mark>")
PARTS = ("meaning", "words", "usual", "neighbours", "unlike", "age")


@dataclass(frozen=True, slots=True)
class Card:
    """A paper as it is shown.

    Attributes:
        paper: The paper.
        title, citation, link: As in a list of references.
        lead: The beginning of the abstract; "": it is short enough to be shown whole.
    """

    paper: Paper
    title: str
    citation: str
    link: str
    lead: str

    @classmethod
    def of(cls, paper: Paper) -> "Card":
        """Return a paper as it is shown."""
        cut = lead(printable(paper.abstract))
        return cls(paper, display_title(paper), citation_line(paper), link_of(paper), cut)

    @property
    def abstract(self) -> str:
        """The abstract in paragraphs."""
        return self.paper.abstract.strip()


def lead(text: str) -> str:
    """Return the beginning of a text that is too long to be shown whole, "" of any other.

    >>> lead("word " * 60)[-10:], len(lead("字" * 200)), lead("short")
    ('word word…', 131, '')
    """
    longest = LEAD - len(WIDE_SIGNS.findall(text, 0, LEAD // 2))
    if len(text) <= longest + TAIL:
        return ""
    kept = text[:longest]
    return f"{kept.rpartition(' ')[0] if kept[-1] < WIDE and ' ' in kept[-TAIL:] else kept}…"


@dataclass(frozen=True, slots=True)
class Bar:
    """A part of a score: its name, its value, and where its bar begins and ends, in hundredths."""

    name: str
    value: float
    start: float
    width: float


@dataclass(frozen=True, slots=True)
class Why:
    """Why a paper is similar, as it is shown: bars, words, and sentences with the words marked in them."""

    bars: tuple[Bar, ...]
    terms: tuple[str, ...]
    pairs: tuple[tuple[Markup, Markup, float], ...]
    authors: tuple[str, ...]
    keywords: tuple[str, ...]
    venue: str
    abstract: Markup


@dataclass(frozen=True, slots=True)
class Written:
    """What is written of a paper, the same wherever it is found.

    Attributes:
        card: The paper as it is shown.
        byline: Its line of a reference list, its language, subject and address.
        abstract: Its abstract, folded where it is long.
    """

    card: Card
    byline: Markup
    abstract: Markup

    def __len__(self) -> int:
        return len(self.byline) + len(self.abstract)


@dataclass(frozen=True, slots=True)
class Shown:
    """One result of a list."""

    result: Recommendation
    written: Written
    similarity: str
    level: int
    why: Why | None


def shown(result: Recommendation, written: Written, explanation: "Explanation | None" = None) -> Shown:
    """Return a result as it is shown."""
    why = why_of(explanation, result.paper) if explanation else None
    return Shown(result, written, share(result.similarity), int(result.label), why)


def why_of(explanation: "Explanation", paper: Paper) -> Why:
    """Return an explanation as it is shown."""
    terms = tuple(term.text for term in explanation.terms[:TERMS])
    every = [term.text for term in explanation.terms]
    return Why(
        bars=bars(explanation),
        terms=terms,
        pairs=tuple(
            (marked(pair.asked, every), marked(pair.found, every), pair.cosine)
            for pair in explanation.sentences
        ),
        authors=explanation.authors,
        keywords=explanation.keywords,
        venue=explanation.venue,
        abstract=in_context(paper.abstract.strip(), explanation.sentences),
    )


def bars(explanation: "Explanation") -> tuple[Bar, ...]:
    """Return the parts of the score that are not nothing, on one scale with zero in the middle."""
    values = {name: getattr(explanation, name) for name in PARTS if getattr(explanation, name)}
    longest = max(map(abs, values.values()), default=1.0)
    return tuple(
        Bar(name, value, round(50 + min(0.0, value) / longest * 50, 2), round(abs(value) / longest * 50, 2))
        for name, value in values.items()
    )


def marked(text: str, terms: Sequence[str]) -> Markup:
    """Return a text with the words in common marked, the longest first; single letters are not."""
    return _wrapped(text, (term for term in terms if len(term) > 1), MARK)


def in_context(text: str, pairs: "Sequence[SentencePair]") -> Markup:
    """Return an abstract with the sentences marked that are like those asked for."""
    return _wrapped(text, (pair.found for pair in pairs), SENTENCE)


def _wrapped(text: str, parts: Iterable[str], opening: Markup) -> Markup:
    ordered = sorted({part for part in parts if part}, key=lambda part: (-len(part), part))
    if not ordered:
        return escape(text)
    pattern = re.compile("|".join(map(_whole, ordered)), re.IGNORECASE)
    pieces, end = [], 0
    for found in pattern.finditer(text):
        pieces += [
            escape(text[end : found.start()]),
            opening,
            escape(found.group()),
            END,
        ]
        end = found.end()
    return Markup("").join([*pieces, escape(text[end:])])


def _whole(part: str) -> str:
    """Return a pattern for a part that does not begin or end within a spaced word."""
    before = r"(?<![A-Za-z0-9])" if part[0].isascii() and part[0].isalnum() else ""
    behind = r"(?![A-Za-z0-9])" if part[-1].isascii() and part[-1].isalnum() else ""
    return f"{before}{re.escape(part)}{behind}"
