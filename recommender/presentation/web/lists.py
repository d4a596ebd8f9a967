"""The pages that list papers: home, subjects, what is new; and the feed."""

from typing import Any

import numpy as np
from pydantic import ValidationError
from starlette.exceptions import HTTPException

from recommender.presentation.web import recent
from recommender.presentation.web.asked import PageQuestion, refused
from recommender.presentation.web.atlas import rows_of_topic, topics_of
from recommender.presentation.web.frame import Frame, Pages
from recommender.presentation.web.questions import Recent
from recommender.presentation.web.service import Service
from recommender.presentation.web.shelf import Opened
from recommender.presentation.web.shown import Card
from recommender.recommendation import subjects as of_subjects
from recommender.text.han import folded
from recommender.vectors import Rows
from recommender.workspace import Workspace

NEWEST, CENTRAL, ON_HOME = 10, 10, 6


def cards(opened: Opened, rows: Rows) -> list[Card]:
    """Return the papers of some rows as they are shown."""
    return [Card.of(opened.build.papers.paper(row)) for row in rows.tolist()]


def home(pages: Pages, frame: Frame, opened: Opened) -> str:
    """Return the first page."""
    every = np.arange(opened.build.manifest.n_papers)
    newest = opened.once("newest", lambda: cards(opened, of_subjects.newest(opened.build, every, ON_HOME)))
    found = opened.once("subjects", lambda: of_subjects.subjects_of(opened.build))
    return pages.text("home.html", frame, opened, asked=PageQuestion(), newest=newest, subjects=found)


def subjects(pages: Pages, frame: Frame, opened: Opened, service: Service) -> str:
    """Return the list of subjects; of the clusters of the map where papers have none."""
    found = opened.once("subjects", lambda: of_subjects.subjects_of(opened.build))
    drawn = None if found else topics_of(opened, service.workspace.settings.maps)
    topics = (
        [(" · ".join(cluster.terms) or str(n + 1), cluster.n) for n, cluster in enumerate(drawn.clusters)]
        if drawn
        else []
    )
    return pages.text("subjects.html", frame, opened, asked=PageQuestion(), subjects=found, topics=topics)


def topic(pages: Pages, frame: Frame, opened: Opened, service: Service, number: int) -> str:
    """Return the home page of a cluster of the map.

    Raises:
        HTTPException: There is none.
    """
    name, rows = rows_of_topic(opened, service.workspace.settings.maps, number)
    return _home_of(pages, frame, opened, name, rows, key=("topic", number))


def subject(pages: Pages, frame: Frame, opened: Opened, name: str) -> str:
    """Return the home page of a subject.

    Raises:
        HTTPException: No paper has it.
    """
    rows = of_subjects.rows_of_subject(opened.build, name)
    if not len(rows):
        raise HTTPException(404, f"no paper has the subject {name!r}")
    return _home_of(pages, frame, opened, name, rows, key=("subject", folded(name)))


def _home_of(
    pages: Pages, frame: Frame, opened: Opened, name: str, rows: Rows, *, key: tuple[str, str | int]
) -> str:
    """Return the home page of some papers; two clusters may have the same terms, so that no name is a key."""

    def compute() -> tuple[list[Card], list[Card]]:
        return (
            cards(opened, of_subjects.newest(opened.build, rows, NEWEST)),
            cards(opened, of_subjects.central(opened.build, rows, CENTRAL)),
        )

    newest, central = opened.once(key, compute)
    return pages.text(
        "subject.html",
        frame,
        opened,
        asked=PageQuestion(),
        name=name,
        is_subject=key[0] == "subject",
        n=len(rows),
        newest=newest,
        central=central,
    )


def latest(pages: Pages, frame: Frame, opened: Opened, workspace: Workspace) -> str:
    """Return the page of what is new."""
    asked = asked_of(frame)
    found = recent.find(workspace, opened, asked)
    builds = [build_id for build_id in reversed(workspace.store.builds()) if build_id < opened.build_id]
    feed_pairs = [("since", asked.since)] if asked.since else []
    feed_pairs += [("follow", name) for name in asked.follow]
    return pages.text(
        "latest.html",
        frame,
        opened,
        asked=PageQuestion(),
        found=found,
        cards=[Card.of(paper) for paper in found.papers],
        news=[(Card.of(entry.found.paper), entry) for entry in found.news],
        builds=builds,
        recent=asked,
        feed_pairs=feed_pairs,
        knows_days=workspace.settings.library.exists(),
    )


def feed(frame: Frame, opened: Opened, service: Service) -> bytes:
    """Return what is new as an Atom feed."""
    found = recent.find(service.workspace, opened, asked_of(frame))
    title = service.site.title or frame.words("site")
    address = frame.whole("/feed.atom", frame.request.query_params.multi_items())
    return recent.write(found, opened, "atom", title=f"{title}: {frame.words('latest')}", address=address)


def asked_of(frame: Frame) -> Recent:
    """Read what a page or feed of news is asked.

    Raises:
        QuestionError: It cannot be.
    """
    given = frame.request.query_params
    follow = [
        part.strip() for value in given.getlist("follow") for part in value.replace("；", ";").split(";")
    ]
    try:
        return Recent.model_validate(
            {
                "since": given.get("day", "").strip() or given.get("since", "").strip() or None,
                "follow": [name for name in follow if name],
                "k": given.get("k") or 50,
            }
        )
    except ValidationError as problem:
        raise refused(problem) from problem


def routes(schema: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the routes of the API as a page lists them."""
    found = []
    for path, operations in schema["paths"].items():
        for method, operation in operations.items():
            parameters = operation.get("parameters", [])
            body = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
            named = body.get("schema", {}).get("$ref", "").rpartition("/")[2]
            fields = schema["components"]["schemas"].get(named, {}).get("properties", {})
            found.append(
                {
                    "method": method.upper(),
                    "path": path,
                    "about": operation.get("description") or operation.get("summary", ""),
                    "parameters": [
                        (one["name"], one.get("description") or one["schema"].get("description", ""))
                        for one in parameters
                    ]
                    + [(name, field.get("description", "")) for name, field in fields.items()],
                }
            )
    return found
