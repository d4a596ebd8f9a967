"""BibTeX, in UTF-8. White space becomes single spaces; the lines of an abstract become paragraphs."""

import hashlib
import re
from collections.abc import Iterable, Iterator

from recommender.paper import Paper
from recommender.readers.bibtex import PLACE_OF_ID
from recommender.readers.bodies import is_body
from recommender.readers.latex import to_latex, verbatim_to_latex
from recommender.readers.names import split_names
from recommender.text.printable import one_line
from recommender.writers.writer import About

KEY = re.compile(r"[^\s,{}()\"'#%~=\\@^$&]+")
PLAIN_NAME = re.compile(r"[^,，;；{}\\]+(?:, [^,，;；{}\\]+)?")
AND = re.compile(r"(?:^|\s)(?:and|others)(?:\s|$)", re.IGNORECASE)


def write(papers: Iterable[Paper], about: About) -> Iterator[str]:
    """Yield one entry a paper."""
    for paper in papers:
        kind = "article" if paper.venue else "misc"
        fields = "".join(f",\n  {name} = {{{value}}}" for name, value in _fields(paper) if value)
        yield f"@{kind}{{{_key(paper.id)}{fields}\n}}\n\n"


def _fields(paper: Paper) -> Iterator[tuple[str, str]]:
    if not KEY.fullmatch(paper.id):
        yield PLACE_OF_ID, to_latex(paper.id)
    yield "title", _text(paper.title)
    yield "author", " and ".join(map(_name, paper.authors))
    yield "journal", _text(paper.venue)
    yield "year", str(paper.year or "")
    yield "volume", _text(paper.volume)
    yield "number", _text(paper.issue)
    yield "pages", re.sub(r"(?<=\w)-(?=\w)", "--", _text(paper.pages))
    yield "doi", verbatim_to_latex(one_line(paper.doi))
    yield "url", verbatim_to_latex(one_line(paper.url))
    yield "keywords", joined(tuple(map(_text, paper.keywords)))
    yield "language", _text(paper.language)
    yield "subject", _text(paper.subject)
    yield "abstract", "\n\n".join(map(_paragraph, filter(str.strip, paper.abstract.splitlines())))


def joined(words: tuple[str, ...]) -> str:
    """Return keywords as one text, which ends with a semicolon if nothing else could be a separator.

    >>> joined(("a", "b")), joined(("a, b",))
    ('a; b', 'a, b;')
    """
    text = "; ".join(words)
    return f"{text};" if len(words) == 1 and re.search("[,，、|]", text) else text


def _key(paper_id: str) -> str:
    if KEY.fullmatch(paper_id):
        return paper_id
    digest = hashlib.sha256(paper_id.encode()).hexdigest()[:8]
    return "-".join([*re.findall(r"\w+", paper_id), digest])


def _text(text: str) -> str:
    return to_latex(one_line(text))


def _paragraph(line: str) -> str:
    text = _text(line)
    return f"{{}}{text}" if text.startswith("@") else text  # at the start of a line it would begin an entry


def _name(name: str) -> str:
    """Return a name, in braces where it would be taken apart, as that of a body is."""
    plain = one_line(name)
    is_plain = PLAIN_NAME.fullmatch(plain) and split_names(plain) == (plain,) and not AND.search(plain)
    return to_latex(plain) if is_plain and not is_body(plain) else f"{{{to_latex(plain)}}}"
