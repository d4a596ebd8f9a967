"""What a page says of an error, in its own language and to people who have no command line."""

from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from recommender.errors import (
    BuildError,
    EngineError,
    LibraryError,
    LockedError,
    MissingExtraError,
    NotAnswerableError,
    PaperNotFoundError,
    QuestionError,
    SettingsError,
    WorkersError,
)
from recommender.presentation.web.desk import BusyError, LateError
from recommender.presentation.web.words import Words

NOT_FOUND = 404
FIELDS = {
    "q": "what",
    "k": "how_many",
    "since": "since_year",
    "until": "until_year",
    "min_similarity": "min_similarity",
    "half_life": "half_life",
    "diversity": "diversity",
}  # the labels of the forms; others are called as in the address
KINDS: dict[type[Exception], str] = {
    NotAnswerableError: "told_no_text",
    MissingExtraError: "told_no_part",
    BusyError: "told_busy",
    LateError: "told_late",
    WorkersError: "told_killed",
    RequestValidationError: "told_nowhere",  # by a number in the path: other fields are read by the page
    EngineError: "told_busy",
    LockedError: "told_busy",
    BuildError: "told_no_build",
    LibraryError: "told_no_build",
    SettingsError: "told_no_build",
}


def told(error: Exception, words: Words) -> str:
    """Return what is wrong; empty where a page has no words for it."""
    if isinstance(error, QuestionError):
        name = words(FIELDS[error.name]) if error.name in FIELDS else error.name
        more = " " + words("told_instead", names=error.instead) if error.instead else ""
        return words(f"told_{error.kind}", name=name) + more
    if isinstance(error, PaperNotFoundError):
        return words("told_paper", name=error.paper_id)
    if isinstance(error, HTTPException) and error.status_code == NOT_FOUND:
        return words("told_nowhere")
    return next((words(text) for kind, text in KINDS.items() if isinstance(error, kind)), "")
