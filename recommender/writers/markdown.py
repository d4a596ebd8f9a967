"""A numbered list in Markdown, for people."""

import re
from collections.abc import Iterable, Iterator
from urllib.parse import quote

from recommender.paper import Paper
from recommender.text.printable import printable
from recommender.writers.citations import citation_line, display_title, link_of
from recommender.writers.writer import About

SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~!$&])")
NUMBERING = re.compile(r"^(\d+)([.)])")
SAFE_IN_LINKS = ":/?#@!$&'*+,;=%-._~"


def write(papers: Iterable[Paper], about: About) -> Iterator[str]:
    """Yield title, citation and abstract of each paper; a title is a link where one is known."""
    for number, paper in enumerate(papers, start=1):
        title = escaped(display_title(paper) or paper.id)
        link = quote(link_of(paper), safe=SAFE_IN_LINKS)
        lines = [f"**[{title}]({link})**" if link else f"**{title}**", escaped(citation_line(paper))]
        paragraphs = (escaped(printable(line)) for line in paper.abstract.splitlines())
        body = "\n\n".join(["  \n".join(filter(None, lines)), *filter(None, paragraphs)])
        indent = " " * len(f"{number}. ")
        indented = "\n".join(f"{indent}{line}" if line else "" for line in body.split("\n"))
        yield f"{number}. {indented.lstrip()}\n\n"


def escaped(text: str) -> str:
    r"""Return a line as Markdown shows it, without any formatting.

    >>> print(escaped("1. a_b* <i>"))
    1\. a\_b\* \<i\>
    """
    return NUMBERING.sub(r"\1\\\2", SPECIAL.sub(r"\\\1", text))
