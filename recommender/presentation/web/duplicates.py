"""Duplicates of a build: for the API as they are, for people as a page."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from recommender.paper import Paper
from recommender.presentation.web.asked import PageQuestion
from recommender.presentation.web.shown import Card

if TYPE_CHECKING:
    from recommender.presentation.web.frame import Frame, Pages
    from recommender.presentation.web.shelf import Opened

Groups = list[dict[str, Any]]
ON_A_PAGE = 25  # groups


def find(folder: Path) -> Groups:
    """Return the groups of a build as JSON has them."""
    from recommender.builds import Build
    from recommender.duplicates import find_duplicates
    from recommender.presentation.works import record

    build = Build(folder)
    try:
        return [record(group) for group in find_duplicates(build)]
    finally:
        build.close()


def resubmitted_only(groups: Groups) -> Groups:
    """Return the groups in which a venue or an author differs."""
    return [group for group in groups if any(pair["differs"] for pair in group["pairs"])]


def page(pages: "Pages", frame: "Frame", opened: "Opened", groups: Groups | None) -> str:
    """Return the page of duplicates; None: they are not found yet."""
    given = frame.request.query_params
    is_resubmitted = bool(given.get("resubmitted"))
    every = (resubmitted_only(groups) if is_resubmitted else groups) if groups is not None else []
    last = max(1, -(-len(every) // ON_A_PAGE))
    asked = given.get("page", "1")
    number = min(max(int(asked), 1), last) if asked.isascii() and asked.isdigit() and len(asked) < 9 else 1
    start = (number - 1) * ON_A_PAGE
    shown = [
        ([Card.of(Paper.from_dict(paper)) for paper in group["papers"]], group["pairs"])
        for group in every[start : start + ON_A_PAGE]
    ]
    return pages.text(
        "duplicates.html",
        frame,
        opened,
        asked=PageQuestion(),
        is_found=groups is not None,
        n=len(every),
        start=start,
        groups=shown,
        resubmitted=is_resubmitted,
        page=number,
        last=last,
    )
