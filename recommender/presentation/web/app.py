"""The application: routes, limits, and the one place where errors become replies."""

import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from importlib.metadata import version
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware

from recommender.errors import RecommenderError
from recommender.presentation.web.api import api_router
from recommender.presentation.web.atlas import drawn
from recommender.presentation.web.desk import Desk
from recommender.presentation.web.duplicates import find
from recommender.presentation.web.guard import Bodies, Headers
from recommender.presentation.web.health import health_router, watch
from recommender.presentation.web.metrics import Counting, Metrics
from recommender.presentation.web.once import OncePerBuild
from recommender.presentation.web.pages import add_pages
from recommender.presentation.web.problems import detail_of, is_hidden, problem, status_of
from recommender.presentation.web.rates import Rates
from recommender.presentation.web.records import ProblemRecord
from recommender.presentation.web.remembered import Remembered
from recommender.presentation.web.service import Service
from recommender.presentation.web.shelf import Shelf
from recommender.presentation.web.site import Site
from recommender.workspace import Workspace

log = logging.getLogger(__name__)
ABOUT = (
    "Similar literature (相似文献): which papers of a corpus are similar to papers, to a text, or to both."
)


def create_app(
    workspace: Workspace, site: Site | None = None, after_opening: Callable[[], object] = lambda: None
) -> FastAPI:
    """Return the application that answers from the published build of a home folder.

    Args:
        workspace: The home folder.
        site: What whoever runs it says.
        after_opening: Called whenever a build was opened, in the thread that did.
    """
    site = site or Site()
    limits = site.limits
    service = Service(
        workspace=workspace,
        site=site,
        shelf=Shelf(workspace, kept=limits.kept, seconds=limits.seconds, after_opening=after_opening),
        desk=Desk(limits),
        duplicates=OncePerBuild(find, limits.seconds),
        maps=OncePerBuild(partial(drawn, workspace.settings.maps), limits.seconds),
        metrics=Metrics(),
    )
    watch(service)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        try:
            service.shelf.look()
        except RecommenderError as error:
            log.error("no build to answer from yet: %s", error)
        yield
        service.close()

    app = FastAPI(
        title="recommender", version=version("recommender"), description=ABOUT, lifespan=lifespan,
        docs_url=None, redoc_url=None, redirect_slashes=False,
    )  # fmt: skip
    app.state.service = service
    app.include_router(api_router(service))
    app.include_router(health_router(service))
    show_error = add_pages(app, service) if site.has_pages else None
    add_errors(app, show_error)
    describe(app)
    if not site.api_keys:
        app.add_middleware(Remembered, shelf=service.shelf)
    app.add_middleware(Bodies, limit=limits.body, seconds=limits.seconds)
    if limits.per_minute:
        app.add_middleware(Rates, per_minute=limits.per_minute, keys=site.api_keys)
    if site.origins:  # outside the limits: a page of another site can read why it was refused, and asks first
        app.add_middleware(CORSMiddleware, allow_origins=[*site.origins], allow_methods=["GET", "POST"],
                           allow_headers=["Content-Type", "X-API-Key", "Authorization", "If-None-Match"],
                           expose_headers=["ETag", "Retry-After"])  # fmt: skip
    app.add_middleware(Counting, metrics=service.metrics, build=lambda: service.build_id)
    app.add_middleware(Headers)
    return app


def add_errors(app: FastAPI, show: Any) -> None:
    """Turn every error into problem+json, or into a page for people."""

    def reply(request: Request, error: Exception, status: int, detail: str, **more: Any) -> Response:
        is_page = "pages" in getattr(request.scope.get("route"), "tags", ())
        is_nowhere = request.scope.get("route") is None and "text/html" in request.headers.get("accept", "")
        if show and (is_page or is_nowhere):
            shown: Response = show(request, status, detail, error)
            return shown
        return problem(status, detail, **more)

    @app.exception_handler(RecommenderError)
    async def known(request: Request, error: RecommenderError) -> Response:
        if is_hidden(error):
            log.error("%s: %s", request.url.path, error)
        return reply(request, error, status_of(error), detail_of(error))

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> Response:
        errors = [
            {"where": ".".join(map(str, entry["loc"])), "what": entry["msg"]} for entry in error.errors()
        ]
        detail = "; ".join(f"{entry['where']}: {entry['what']}" for entry in errors[:5])
        return reply(
            request,
            error,
            422,
            writable(detail),
            errors=[{k: writable(v) for k, v in entry.items()} for entry in errors],
        )

    @app.exception_handler(HTTPException)
    async def refused(request: Request, error: HTTPException) -> Response:
        response = reply(request, error, error.status_code, str(error.detail))
        response.headers.update(error.headers or {})
        return response

    @app.exception_handler(Exception)
    async def unexpected(request: Request, error: Exception) -> Response:
        return reply(request, error, 500, "an error of the server; its log says more")


def writable(text: str) -> str:
    """Return a text that UTF-8 can hold, whatever a caller sent."""
    return text.encode("utf-8", "replace").decode()


def describe(app: FastAPI) -> None:
    """Have the description of the API name the errors as they are."""
    plain = app.openapi

    def openapi() -> dict[str, Any]:
        if not app.openapi_schema:
            schema = plain()
            parts = schema.setdefault("components", {}).setdefault("schemas", {})
            parts.setdefault("ProblemRecord", ProblemRecord.model_json_schema())
            for operations in schema["paths"].values():
                for operation in operations.values():
                    operation["summary"] = operation.get("description", "").split("\n")[0].rstrip(".")
                    for status, response in operation["responses"].items():
                        if status == "422" or (
                            status == "503" and "application/json" in response.get("content", {})
                        ):
                            response["content"] = {
                                "application/problem+json": {
                                    "schema": {"$ref": "#/components/schemas/ProblemRecord"}
                                }
                            }
            app.openapi_schema = schema
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]
