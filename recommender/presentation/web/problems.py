"""Errors as RFC 9457 has them: application/problem+json."""

from http import HTTPStatus
from typing import Any

from fastapi.responses import JSONResponse

from recommender.errors import (
    BuildError,
    LibraryError,
    MissingExtraError,
    ModelError,
    NotAnswerableError,
    PaperNotFoundError,
    RecommenderError,
    SettingsError,
    WorkersError,
)
from recommender.presentation.web.desk import BusyError, LateError

MEDIA = "application/problem+json"
STATUS: dict[type[RecommenderError], int] = {
    PaperNotFoundError: 404,
    NotAnswerableError: 422,
    ModelError: 422,
    MissingExtraError: 501,
    SettingsError: 503,
    BuildError: 503,
    LibraryError: 503,
    WorkersError: 503,
    BusyError: 503,
    LateError: 503,
}  # any other is a question that cannot be answered as it stands: 400
RETRY = {503: "1"}
HIDDEN = (BuildError, LibraryError, SettingsError)  # their messages name folders of the server


def problem(status: int, detail: str, *, retry: str = "", **more: Any) -> JSONResponse:
    """Return an error as a reply.

    Args:
        status: That of HTTP.
        detail: What is wrong, for people.
        retry: Seconds after which it may go better; "": those that are usual for the status, if any.
        more: Further fields.
    """
    content = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        **more,
    }
    seconds = retry or RETRY.get(status)
    headers = {"Retry-After": seconds} if seconds else None
    return JSONResponse(content, status_code=status, media_type=MEDIA, headers=headers)


def status_of(error: RecommenderError) -> int:
    """Return the status that an error is told with."""
    return next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), 400)


def detail_of(error: RecommenderError) -> str:
    """Return what a caller is told of an error."""
    if isinstance(error, HIDDEN):
        return "the server has no build that it could answer from; its log says why"
    return str(error)
