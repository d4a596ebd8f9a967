"""Reference lists by GB/T 7714—2015, in the order of the papers (顺序编码制)."""

import re
from collections.abc import Iterable, Iterator

from recommender.paper import Paper
from recommender.readers.bodies import is_body
from recommender.text.printable import printable
from recommender.text.scripts import HAN, KANA
from recommender.writers.citations import display_title, without_braces
from recommender.writers.writer import About

AUTHORS_SHOWN = 3
EAST_ASIAN = re.compile(f"[{HAN}{KANA}]")
SUFFIX = re.compile(r"jr|sr|ii|iii|iv", re.IGNORECASE)  # said whole, and last
INITIAL = re.compile(r"[^\W\d_]")
END_MARKS = ".。．"


def write(papers: Iterable[Paper], about: About) -> Iterator[str]:
    """Yield one numbered line a paper."""
    for number, paper in enumerate(papers, start=1):
        yield f"[{number}] {reference(paper)}\n"


def reference(paper: Paper) -> str:
    """Return the reference to a paper, without its number.

    >>> reference(Paper(id="20", title="双高计划", authors=("王作鹏",), venue="教育与职业", year=2021,
    ...     volume="998", issue="22", pages="91-96"))
    '王作鹏. 双高计划[J]. 教育与职业, 2021, 998(22): 91-96.'
    >>> reference(Paper(id="1", title="On bees", authors=("Smith, John Q", "Jane Doe"), venue="Acta"))
    'SMITH J Q, DOE J. On bees[J]. Acta.'
    """
    title = display_title(paper).rstrip(END_MARKS) + _kind(paper)
    parts = [_authors(paper), title, _source(paper), f"DOI: {printable(paper.doi)}" if paper.doi else ""]
    if not paper.doi and _is_online(paper):
        parts.append(printable(paper.url))
    return ". ".join(part.rstrip(".") for part in parts if part) + "."


def _kind(paper: Paper) -> str:
    """Return the mark of the document's type and carrier."""
    if paper.venue:
        return "[J/OL]" if paper.doi and not paper.volume and not paper.issue else "[J]"
    return "[EB/OL]" if paper.doi or _is_online(paper) else "[Z]"


def _is_online(paper: Paper) -> bool:
    return paper.url.startswith(("http://", "https://")) and not paper.venue


def _source(paper: Paper) -> str:
    issue = f"({printable(paper.issue)})" if paper.issue else ""
    volume = printable(paper.volume)
    year = str(paper.year or "")
    if issue and not volume:
        year, issue = f"{year}{issue}", ""
    where = ", ".join(part for part in (printable(paper.venue), year, f"{volume}{issue}") if part)
    return f"{where}: {printable(paper.pages)}" if paper.pages and where else where


def _authors(paper: Paper) -> str:
    names = [name for author in paper.authors if (name := _author(printable(author)))]
    shown = ", ".join(names[:AUTHORS_SHOWN])
    if len(names) <= AUTHORS_SHOWN:
        return shown
    return f"{shown}, 等" if EAST_ASIAN.search(shown) else f"{shown}, et al"


def _author(name: str) -> str:
    """Return a name as the standard has it: the family name first, in capitals, the others as initials.

    >>> _author("Müller, Karl-Heinz"), _author("J. K. Rowling"), _author("王作鹏")
    ('MÜLLER K H', 'ROWLING J K', '王作鹏')
    >>> _author("King, Martin Luther Jr."), _author("Barnes and Noble"), _author("{Group Name}")
    ('KING M L Jr', 'Barnes and Noble', 'Group Name')
    >>> _author("World Health Organization")
    'World Health Organization'
    """
    whole = without_braces(name)
    if whole != name or EAST_ASIAN.search(name) or is_body(name):
        return whole
    family, comma, given = (part.strip() for part in name.partition(","))
    if not comma:
        *first, family = name.split() or [""]
        given = " ".join(first)
    initials = [_initial(part) for part in re.split(r"[\s.-]+", given) if INITIAL.search(part)]
    return " ".join([family.upper(), *initials])


def _initial(part: str) -> str:
    found = INITIAL.search(part)
    return part if not found or SUFFIX.fullmatch(part) else found[0].upper()
