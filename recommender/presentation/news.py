"""What is new, as an Atom feed (RFC 4287), as a mail (RFC 5322), and for machines."""

import json
from collections.abc import Sequence
from email.message import EmailMessage
from email.policy import SMTPUTF8

from recommender.paper import Paper
from recommender.presentation.formats import record_of
from recommender.recommendation.news import News
from recommender.writers.atom import feed, summary_of
from recommender.writers.citations import citation_line, display_title, link_of


def to_atom(news: Sequence[News], follow: Sequence[str], updated: str) -> str:
    """Return a feed with one entry a paper; a paper keeps its id from one feed to the next.

    Args:
        news: The papers.
        follow: Ids of those that are followed; they name the feed.
        updated: When the build was made, as ISO 8601.
    """
    named, title = "\n".join(sorted(follow)), f"New papers similar to {', '.join(follow)}"
    return "".join(feed(named, title, updated, entries_of(news)))


def entries_of(news: Sequence[News]) -> list[tuple[Paper, str]]:
    """Return the papers and what a feed says of each."""
    return [(entry.found.paper, summary_of(entry.found.paper, _because(entry))) for entry in news]


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
            link_of(paper),
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
