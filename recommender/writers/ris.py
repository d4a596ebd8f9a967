"""RIS. White space becomes single spaces, for a value is one line."""

from collections.abc import Iterable, Iterator

from recommender.paper import Paper
from recommender.readers.ris import SUBJECT, VERBATIM
from recommender.readers.visible import as_markup
from recommender.text.printable import one_line
from recommender.writers.writer import About


def write(papers: Iterable[Paper], about: About) -> Iterator[str]:
    """Yield one record a paper."""
    for paper in papers:
        lines = (f"{tag}  - {value}\r\n" for tag, text in _tags(paper) if (value := _value(tag, text)))
        yield "".join(lines) + "ER  - \r\n\r\n"


def _value(tag: str, text: str) -> str:
    if tag == "ID":
        return text  # it has no line ends, and stays as it is
    return one_line(text) if tag in VERBATIM else as_markup(one_line(text))


def _tags(paper: Paper) -> Iterator[tuple[str, str]]:
    first, last = _ends(paper.pages)
    yield "TY", "JOUR" if paper.venue else "GEN"
    yield "ID", paper.id
    yield "TI", paper.title
    yield from (("AU", name) for name in paper.authors)
    yield "PY", str(paper.year or "")
    yield "T2", paper.venue
    yield "VL", paper.volume
    yield "IS", paper.issue
    yield "SP", first
    yield "EP", last
    yield "DO", paper.doi
    yield "UR", paper.url
    yield "LA", paper.language
    yield from (("KW", word) for word in paper.keywords)
    yield "N1", f"{SUBJECT}{paper.subject}" if paper.subject else ""
    yield "AB", paper.abstract


def _ends(pages: str) -> tuple[str, str]:
    """Return the first and the last page; what is no plain range is the first.

    >>> _ends("91-96"), _ends("91-96,101"), _ends("e12")
    (('91', '96'), ('91-96,101', ''), ('e12', ''))
    """
    first, dash, last = pages.partition("-")
    if dash and first.isalnum() and last.isalnum() and not first.endswith(last):
        return first, last
    return pages, ""
