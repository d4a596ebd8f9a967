"""The page of similar papers, its export, and the snippet that other sites show."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from fastapi import Request, Response
from markupsafe import Markup

from recommender.builds import facets
from recommender.presentation.web.asked import PageQuestion, Pairs, path_of, step_of
from recommender.presentation.web.frame import Frame, Pages
from recommender.presentation.web.links import Leading
from recommender.presentation.web.service import MEDIA, Service
from recommender.presentation.web.shelf import Opened
from recommender.presentation.web.shown import shown
from recommender.presentation.web.site import LARGEST_K
from recommender.presentation.web.written import reply
from recommender.recommendation import Answer
from recommender.recommendation.explanation import Explanation
from recommender.recommendation.recommender import row_of
from recommender.writers import WRITERS, writer_named
from recommender.writers.citations import display_title

MORE = 20
EMBEDDED = 5
OFFERED = 300  # names that a field offers
LONGEST_LABEL = 40
OPTION = Markup('<option value="{}">')


@dataclass(frozen=True, slots=True)
class Crumb:
    """A step of the path: what it was, and where it is."""

    label: str
    pairs: Pairs


def page(pages: Pages, frame: Frame, opened: Opened) -> str:
    """Return the page of similar papers, or one result of it where only that is asked for."""
    given = frame.request.query_params.multi_items()
    question = PageQuestion.of(given)
    if question.is_empty:
        return pages.text("advanced.html", frame, opened, asked=question, choices=choices(opened), via=[])
    answer = opened.recommender.recommend(question.to_query(), question.k)
    opened_ids = frame.request.query_params.getlist("explain")
    why = explained(opened, answer, opened_ids)
    via = path_of(given)
    written = pages.writing(frame, opened)
    values: dict[str, Any] = {
        "asked": question,
        "answer": answer,
        "via": via,
        "via_pairs": [("via", step) for step in via],
        "is_id": bool(question.q) and opened.build.papers.row_of(question.q) is not None,
        "links": Leading(frame, question, via, opened_ids).of,
        "results": [
            shown(result, written(result.paper), why.get(result.paper.id)) for result in answer.results
        ],
    }
    if part := frame.request.query_params.get("part"):
        values["results"] = [one for one in values["results"] if one.result.paper.id == part]
        return pages.text("part.html", frame, opened, **values)
    return pages.text(
        "find.html",
        frame,
        opened,
        **values,
        liked=[written(paper) for paper in answer.liked],
        crumbs=crumbs(opened, via),
        unlike=[(name, title_of(opened, name)) for name in question.unlike],
        choices=choices(opened),
        exports=exports(frame, question),
        more=min(question.k + MORE, LARGEST_K) if len(answer.results) == question.k < LARGEST_K else 0,
    )


def exports(frame: Frame, question: PageQuestion) -> list[tuple[str, str]]:
    """Return the formats a list can be had in, and where."""
    own = urlencode(question.pairs())
    return [(writer.name, frame.at("/export", f"{own}&format={writer.name}")) for writer in WRITERS]


def explained(opened: Opened, answer: Answer, ids: Sequence[str]) -> dict[str, Explanation]:
    """Return why some of the results are there, by their ids."""
    wanted = tuple(result for result in answer.results if result.paper.id in ids)
    if not wanted:
        return {}
    reasons = opened.recommender.explain(replace(answer, results=wanted))
    return {result.paper.id: why for result, why in zip(wanted, reasons, strict=True)}


def crumbs(opened: Opened, via: Sequence[str]) -> list[Crumb]:
    """Return the steps of a path with their titles."""
    found = []
    for place, step in enumerate(via):
        if question := step_of(step):
            names = [title_of(opened, name) for name in question.like]
            label = " + ".join([*names, *([question.q] if question.q else [])])
            earlier = [("via", before) for before in via[:place]]
            found.append(Crumb(cut(label), [*question.pairs(), *earlier]))
    return found


def title_of(opened: Opened, paper_id: str) -> str:
    """Return the title of a paper, the id of one that this build does not hold."""
    row = opened.build.papers.row_of(paper_id)
    return paper_id if row is None else display_title(opened.build.papers.paper(row))


def cut(label: str) -> str:
    """Return a label that fits in a line of several."""
    line = " ".join(label.split())
    return line if len(line) <= LONGEST_LABEL else f"{line[: LONGEST_LABEL - 1]}…"


def choices(opened: Opened) -> dict[str, Any]:
    """Return what papers can be filtered by: the most frequent names of each kind, with their counts.

    Journals and authors come as the options of a list, which are the same on every page.
    """

    def compute() -> dict[str, Any]:
        kinds = (facets.VENUE, facets.AUTHOR, facets.SUBJECT, facets.LANGUAGE)
        names = {
            kind: sorted(opened.build.facets.values(kind), key=lambda entry: -entry[1])[:OFFERED]
            for kind in kinds
        }
        listed = {
            f"{kind}s": Markup().join(OPTION.format(name) for name, _ in names.pop(kind))
            for kind in (facets.VENUE, facets.AUTHOR)
        }
        return names | listed

    return opened.once("choices", compute)


async def export(request: Request, service: Service) -> Response:
    """Return the list of a page as a file in one of the formats."""
    question = PageQuestion.of(request.query_params.multi_items())
    name = request.query_params.get("format", "")
    opened = await service.shelf.current()
    content = await service.written(opened, question.to_query(), question.k, why=question.why, name=name)
    response = reply(content, MEDIA.get(name, "text/plain; charset=utf-8"), opened.etag)
    response.headers["Content-Disposition"] = (
        f'attachment; filename="similar{writer_named(name).suffixes[0]}"'
    )
    return response


def snippet(pages: Pages, frame: Frame, opened: Opened, paper_id: str) -> str:
    """Return the few papers most similar to one, for the frame of another site.

    Raises:
        PaperNotFoundError: There is no such paper.
    """
    row_of(opened.build, paper_id, instead="show another")
    given = [
        (n, v) for n, v in frame.request.query_params.multi_items() if n in ("k", "language", "lang", "since")
    ]
    question = PageQuestion.of([("k", str(EMBEDDED)), *given, ("like", paper_id)])
    answer = opened.recommender.recommend(question.to_query(), question.k)
    written = pages.writing(frame, opened)
    results = [shown(result, written(result.paper)) for result in answer.results]
    return pages.text("embed.html", frame, opened, answer=answer, results=results, asked=question)
