"""What is new in a build, for the API, the page and the feed."""

from dataclasses import dataclass

import numpy as np

from recommender.errors import QuestionError, UsageError
from recommender.paper import Paper
from recommender.presentation import news as writers
from recommender.presentation.formats import record_of
from recommender.presentation.named import ids_of, moment
from recommender.presentation.web.questions import Recent
from recommender.presentation.web.shelf import Opened
from recommender.presentation.web.written import compact
from recommender.recommendation.news import News, news_of
from recommender.recommendation.subjects import newest
from recommender.workspace import Workspace
from recommender.writers.atom import feed, summary_of
from recommender.writers.citations import citation_line, display_title

MEDIA = {"json": "application/json", "atom": "application/atom+xml", "mail": "message/rfc822"}


@dataclass(frozen=True, slots=True)
class Found:
    """What is new.

    Attributes:
        since: The build or day; None: there was nothing before.
        follow: Ids of the papers that are followed.
        entered: How many papers are new.
        papers: The newest of them, where none is followed.
        news: Those similar to a followed one.
    """

    since: str | None
    follow: tuple[str, ...]
    entered: int
    papers: tuple[Paper, ...] = ()
    news: tuple[News, ...] = ()


def find(workspace: Workspace, opened: Opened, asked: Recent) -> Found:
    """Return what is new since a build or a day; of a first build nothing is, for there was none before.

    Raises:
        UsageError: There is no such build, or nothing here knows what came when.
        PaperNotFoundError: The build does not hold a followed paper.
    """
    since = asked.since or before(workspace, opened)
    follow = tuple(name for name in ids_of(asked.follow) if name)
    if since is None:
        return Found(None, follow, 0)
    entered = _entered(workspace, opened, since)
    if follow:
        found = news_of(opened.build, follow, entered, asked.k, min_similarity=asked.min_similarity)
        return Found(since, follow, len(entered), news=tuple(found))
    known = (opened.build.papers.row_of(name) for name in entered)
    rows = np.array(sorted(row for row in known if row is not None), dtype=np.int64)
    papers = tuple(map(opened.build.papers.paper, newest(opened.build, rows, asked.k).tolist()))
    return Found(since, follow, len(entered), papers=papers)


def before(workspace: Workspace, opened: Opened) -> str | None:
    """Return the build before this one, if it is still there."""
    older = [build_id for build_id in workspace.store.builds() if build_id < opened.build_id]
    return older[-1] if older else None


def write(found: Found, opened: Opened, name: str, *, title: str = "", address: str = "") -> bytes:
    """Return what is new in a format of `MEDIA`.

    Raises:
        UsageError: There is no such format, or a mail of everything is asked for.
    """
    created = opened.build.manifest.created
    if name == "json":
        return compact(_content(found, opened))
    if name == "atom":
        named = "\n".join(sorted(found.follow))
        entries = [(paper, summary_of(paper)) for paper in found.papers] + writers.entries_of(found.news)
        return "".join(feed(named, title or "New papers", created, entries, address)).encode()
    if name == "mail" and found.follow:
        return writers.to_mail(found.news, found.follow, created).encode()
    raise UsageError(
        f"news are written as {', '.join(MEDIA)}, mails only of what is similar to papers that are followed"
    )


def _entered(workspace: Workspace, opened: Opened, since: str) -> set[str]:
    when = moment(since)
    if isinstance(when, str) and when not in workspace.store.builds():
        raise QuestionError(
            f"there is no build {since!r} any more; name a day, or one of the builds that are kept",
            "since",
            since,
        )
    if not isinstance(when, str) and not workspace.settings.library.exists():
        raise QuestionError("nothing here knows on which day papers came; name a build", "since", since)
    if isinstance(when, str):  # there are few builds, and they never change
        return opened.once(("entered", when), lambda: workspace.entered_since(when, opened.build))
    entered = workspace.entered_since(when, opened.build)
    return {name for name in entered if opened.build.papers.row_of(name) is not None}


def _content(found: Found, opened: Opened) -> dict[str, object]:
    results: list[dict[str, object]] = [
        paper.as_dict() | {"display_title": display_title(paper), "citation": citation_line(paper)}
        for paper in found.papers
    ]
    results += [record_of(entry.found) | {"followed": entry.followed.id} for entry in found.news]
    return {
        "build": opened.build_id,
        "since": found.since,
        "follow": [*found.follow],
        "updated": opened.build.manifest.created,
        "entered": found.entered,
        "results": results,
    }
