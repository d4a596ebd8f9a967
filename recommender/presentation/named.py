"""What people name in a question: papers by id, a build or a day."""

from collections.abc import Iterable
from datetime import UTC, datetime

from recommender.builds.store import BUILD_ID
from recommender.errors import QuestionError


def ids_of(given: Iterable[str] | None) -> tuple[str, ...]:
    """Return ids as they are given, each once; in which form of Unicode a record has one, is looked up."""
    return tuple(dict.fromkeys(paper_id.strip() for paper_id in given or ()))


def moment(since: str) -> str | datetime:
    """Return the id of a build, or a time.

    Raises:
        QuestionError: It is neither.
    """
    if BUILD_ID.fullmatch(since):
        return since
    try:
        found = datetime.fromisoformat(since)
    except ValueError as problem:
        raise QuestionError(
            f"{since!r} is no build that is kept, and no date, as 2026-11-24", "since", since
        ) from problem
    return found if found.tzinfo else found.replace(tzinfo=UTC)
