"""What is new, as an Atom feed (RFC 4287), as a mail (RFC 5322), and for machines."""

import json
import uuid
from collections.abc import Sequence
from email.message import EmailMessage
from email.policy import SMTPUTF8
from xml.etree import ElementTree as ET

from recommender.presentation.citations import citation_line, display_title, printable
from recommender.presentation.formats import record_of
from recommender.recommendation.news import News

ATOM = "http://www.w3.org/2005/Atom"
NAMES = uuid.uuid5(uuid.NAMESPACE_URL, "https://recommender.invalid/papers")  # of ids, the same everywhere


def to_atom(news: Sequence[News], follow: Sequence[str], updated: str) -> str:
    """Return a feed with one entry a paper; a paper keeps its id from one feed to the next.

    Args:
        news: The papers.
        follow: Ids of those that are followed; they name the feed.
        updated: When the build was made, as ISO 8601.
    """
    ET.register_namespace("", ATOM)
    feed = ET.Element(f"{{{ATOM}}}feed")
    _add(feed, "id", uuid.uuid5(NAMES, "\n".join(sorted(follow))).urn)
    _add(feed, "title", f"New papers similar to {', '.join(follow)}")
    _add(feed, "updated", updated)
    for entry in news:
        paper = entry.found.paper
        node = ET.SubElement(feed, f"{{{ATOM}}}entry")
        _add(node, "id", uuid.uuid5(NAMES, paper.id).urn)
        _add(node, "title", display_title(paper))
        _add(node, "updated", updated)
        for author in paper.authors or ("",):
            _add(ET.SubElement(node, f"{{{ATOM}}}author"), "name", author or "—")
        if link := _link(entry):
            ET.SubElement(node, f"{{{ATOM}}}link", href=link)
        _add(node, "summary", f"{_because(entry)}\n{citation_line(paper)}\n\n{paper.abstract}".strip())
    ET.indent(feed)
    return ET.tostring(feed, encoding="unicode", xml_declaration=True) + "\n"


def to_mail(news: Sequence[News], follow: Sequence[str], updated: str) -> str:
    """Return a message without sender and receiver: `recommend new … --format mail | sendmail NAME`."""
    message = EmailMessage(policy=SMTPUTF8.clone(linesep="\n"))
    n = len(news)
    message["Subject"] = f"{n} new paper{'' if n == 1 else 's'} similar to those you follow"
    parts = [f"Followed: {', '.join(follow)}. State of {updated[:10]}."]
    for entry in news:
        paper = entry.found.paper
        lines = [
            f"{entry.found.rank}. {display_title(paper)}",
            citation_line(paper),
            _because(entry),
            _link(entry),
        ]
        parts.append("\n   ".join(line for line in lines if line))
    if not news:
        parts.append("Nothing new is similar enough.")
    message.set_content("\n\n".join(parts) + "\n", cte="8bit")
    return message.as_bytes().decode("utf-8")


def to_json(news: Sequence[News], follow: Sequence[str], updated: str) -> str:
    """Return one JSON object."""
    results = [record_of(entry.found) | {"followed": entry.followed.id} for entry in news]
    content = {"updated": updated, "follow": [*follow], "results": results}
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


FORMATS = {"atom": to_atom, "mail": to_mail, "json": to_json}


def _because(entry: News) -> str:
    label = f", {entry.found.label.words}" if entry.found.label.words else ""
    return f"similar to {entry.followed.id} {display_title(entry.followed)} ({entry.found.score:.3f}{label})"


def _link(entry: News) -> str:
    paper = entry.found.paper
    if paper.url.startswith(("http://", "https://")):
        return printable(paper.url)
    return f"https://doi.org/{printable(paper.doi)}" if paper.doi else ""


def _add(parent: ET.Element, name: str, text: str) -> None:
    lines = (printable(line) for line in text.split("\n"))  # XML has no place for control characters
    ET.SubElement(parent, f"{{{ATOM}}}{name}").text = "\n".join(lines)
