"""An answer as a notebook shows it. Everything that comes from a paper is escaped."""

from html import escape
from typing import TYPE_CHECKING

from recommender.label_words import UNRELATED
from recommender.text.numbers import share
from recommender.writers.citations import citation_line, display_title, link_of

if TYPE_CHECKING:
    from recommender.recommendation.answer import Answer, Recommendation

HEADINGS = ("#", "id", "score", "similarity", "paper")
CELL = "text-align:left;vertical-align:top"


def html(answer: "Answer") -> str:
    """Return an answer as a table."""
    asked = " + ".join(
        [f"{paper.id} {display_title(paper)}" for paper in answer.liked]
        + ["a text"] * bool(answer.query.text)
    )
    n = len(answer.results)
    caption = f"{n} paper{'' if n == 1 else 's'} similar to {asked}, build {answer.build_id}"
    head = "".join(f'<th style="{CELL}">{name}</th>' for name in HEADINGS)
    return (
        f'<table><caption style="text-align:left">{escape(caption)}</caption><thead><tr>{head}</tr></thead>'
        f"<tbody>{''.join(map(_row, answer.results))}</tbody></table>"
    )


def _row(result: "Recommendation") -> str:
    paper = result.paper
    title = escape(display_title(paper))
    if link := link_of(paper):
        title = f'<a href="{escape(link)}" rel="noopener noreferrer">{title}</a>'
    label = f"<br><small>{result.label.words}</small>" if result.label.words else ""
    citation = escape(citation_line(paper))
    cells = (
        str(result.rank),
        escape(paper.id),
        f"{result.score:.3f}",
        label if int(result.label) == UNRELATED else f"{share(result.similarity)}{label}",
        f'<span lang="{escape(paper.language)}">{title}</span><br><small>{citation}</small>',
    )
    return "<tr>" + "".join(f'<td style="{CELL}">{cell}</td>' for cell in cells) + "</tr>"
