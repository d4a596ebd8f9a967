"""Errors as RFC 9457 has them: application/problem+json."""

from http import HTTPStatus
from typing import Any

from fastapi.responses import JSONResponse

from recommender import errors as e
from recommender.errors import RecommenderError
from recommender.presentation.web.desk import BusyError, LateError

MEDIA = "application/problem+json"
STATUS: dict[type[RecommenderError], int] = {
    RecommenderError: 400,  # a question that cannot be answered as it stands
    e.UsageError: 400,
    e.QuestionError: 400,
    e.PaperNotFoundError: 404,
    e.NotAnswerableError: 422,
    e.ModelError: 422,
    e.MissingExtraError: 501,
    e.WorkersError: 503,
    BusyError: 503,
    LateError: 503,
    e.SettingsError: 503,
    e.BuildError: 503,
    e.OtherFormatError: 503,
    e.LibraryError: 503,
    e.EngineError: 503,
    e.LockedError: 503,
    e.GateError: 500,  # from here on: of what no question should lead to
    e.HarvestError: 500,
    e.RecipeError: 500,
    e.SourceError: 500,
    e.RecordError: 500,
    e.UnwritableError: 500,
}
HIDDEN: dict[type[RecommenderError], str] = {
    e.BuildError: "the server has no build that it could answer from; its log says why",
    e.LibraryError: "the server cannot read its library; its log says why",
    e.SettingsError: "the server cannot use what it is set to; its log says why",
    e.EngineError: "the server cannot reach what searches; its log says why",
    e.LockedError: "somebody else is writing on the server; try again in a moment",
    **dict.fromkeys(
        (e.GateError, e.HarvestError, e.RecipeError, e.SourceError, e.UnwritableError),
        "an error of the server; its log says more",
    ),
}  # their messages name folders and addresses of the server
RETRY = {503: "1"}


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
    return next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)


def is_hidden(error: RecommenderError) -> bool:
    """Tell whether only the log may have the message of an error."""
    return isinstance(error, tuple(HIDDEN))


def detail_of(error: RecommenderError) -> str:
    """Return what a caller is told of an error."""
    return next((HIDDEN[kind] for kind in type(error).__mro__ if kind in HIDDEN), str(error))
