"""An Atom feed (RFC 4287) with one entry a paper."""

import uuid
from collections.abc import Iterable, Iterator
from xml.sax.saxutils import escape, quoteattr

from recommender.paper import Paper
from recommender.text.printable import printable
from recommender.writers.citations import citation_line, display_title, link_of
from recommender.writers.writer import About

ATOM = "http://www.w3.org/2005/Atom"
NAMES = uuid.uuid5(uuid.NAMESPACE_URL, "https://recommender.invalid/papers")  # of ids, the same everywhere


def write(papers: Iterable[Paper], about: About) -> Iterator[str]:
    """Yield the feed; a paper has the same id in every feed."""
    updated = about.updated.isoformat(timespec="seconds")
    entries = ((paper, summary_of(paper)) for paper in papers)
    yield from feed(about.title, about.title, updated, entries)


def feed(
    name: str, title: str, updated: str, entries: Iterable[tuple[Paper, str]], address: str = ""
) -> Iterator[str]:
    """Yield a feed.

    Args:
        name: What its id is made of.
        title: Its title.
        updated: When it and its entries were made, as ISO 8601.
        entries: Papers, and what is said of each.
        address: Where the feed is read from, "" where it is a file.
    """
    itself = f'  <link rel="self" href={quoteattr(address)} />\n' if address else ""
    yield (
        f"<?xml version='1.0' encoding='utf-8'?>\n<feed xmlns={quoteattr(ATOM)}>\n"
        f"  <id>{uuid.uuid5(NAMES, name).urn}</id>\n  <title>{_text(title)}</title>\n"
        f"  <updated>{_text(updated)}</updated>\n{itself}"
    )
    for paper, summary in entries:
        yield _entry(paper, updated, summary)
    yield "</feed>\n"


def summary_of(paper: Paper, above: str = "") -> str:
    """Return what an entry says of a paper, below a line of why it is there or none."""
    return f"{above}\n{citation_line(paper)}\n\n{paper.abstract}".strip()


def _entry(paper: Paper, updated: str, summary: str) -> str:
    lines = [
        f"<id>{uuid.uuid5(NAMES, paper.id).urn}</id>",
        f"<title>{_text(display_title(paper))}</title>",
        f"<updated>{_text(updated)}</updated>",
        *(f"<author><name>{_text(name) or '—'}</name></author>" for name in paper.authors or ("",)),
    ]
    if link := link_of(paper):
        lines.append(f"<link href={quoteattr(link)} />")
    # RFC 4287, 4.1.2: an entry has a link that leads on, or is all there is
    told = "summary" if link else "content"
    lines.append(f"<{told}>{_text(summary)}</{told}>")
    return "  <entry>\n" + "".join(f"    {line}\n" for line in lines) + "  </entry>\n"


def _text(text: str) -> str:
    """Return text for an element, without control characters, for which XML has no place."""
    return escape("\n".join(map(printable, text.split("\n"))))
