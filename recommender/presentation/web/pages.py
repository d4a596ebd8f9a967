"""The pages for people."""

import gzip
from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import APIRouter, FastAPI, Path, Request, Response
from fastapi.responses import FileResponse
from starlette.exceptions import HTTPException

from recommender.extras import require
from recommender.presentation.web import duplicates, lists, results
from recommender.presentation.web.asked import PageQuestion
from recommender.presentation.web.desk import LateError
from recommender.presentation.web.frame import Frame, Pages, file_of
from recommender.presentation.web.service import Service
from recommender.presentation.web.shelf import Opened
from recommender.presentation.web.told import told
from recommender.presentation.web.written import FRESH, tagged, unchanged

ASSETS = {"style.css": "text/css", "app.js": "text/javascript", "htmx.min.js": "text/javascript",
          "htmx.LICENSE.txt": "text/plain", "icon.svg": "image/svg+xml",
          "map.css": "text/css", "map.js": "text/javascript", "sigma.min.js": "text/javascript",
          "graphology.min.js": "text/javascript", "sigma.LICENSE.txt": "text/plain",
          "graphology.LICENSE.txt": "text/plain"}  # fmt: skip
FOR_EVER = {"Cache-Control": "public, max-age=31536000, immutable"}
# Questions lead to questions without end: whoever collects pages is asked to take one of each paper.
ENDLESS = (
    "/find?*&",
    "/find?via=",
    "/find?explain=",
    "/advanced?",
    "/export",
    "/search?",
    "/papers/",
    "/new?",
)
AT_ONCE = 2.0  # seconds that a page waits for what is being computed
ShowError = Callable[[Request, int, str, Exception], Response]
Fill = Callable[[Frame, Opened], str]
Reply = Callable[[Request, Fill], Awaitable[Response]]


def add_pages(app: FastAPI, service: Service) -> ShowError:
    """Add the routes of the pages, and return what shows an error as a page."""
    router = APIRouter(tags=["pages"], include_in_schema=False)
    pages = Pages(service)

    async def page(request: Request, fill: Fill) -> Response:
        frame = Frame.of(request)
        opened = await service.shelf.current()
        return pages.reply(await service.desk.do(lambda: fill(frame, opened)), frame)

    add_results(router, pages, page)
    add_lists(router, pages, page, service)
    add_duplicates(router, pages, page, service)
    add_map(router, pages, page, service)
    add_rest(router, pages, page, app)
    app.include_router(router)

    def show_error(request: Request, status: int, detail: str, error: Exception) -> Response:
        frame = Frame.of(request)
        said = told(error, frame.words)
        text = pages.text(
            "error.html",
            frame,
            service.shelf.ready,
            status=status,
            said=said,
            detail=detail,
            asked=PageQuestion(),
        )
        return pages.reply(text, frame, status)

    return show_error


def add_results(router: APIRouter, pages: Pages, page: Reply) -> None:
    """Add the pages that answer: the list, its export, the snippet for other sites."""

    @router.get("/find")
    async def find(request: Request) -> Response:
        return await page(request, lambda frame, opened: results.page(pages, frame, opened))

    @router.get("/export")
    async def export(request: Request) -> Response:
        return await results.export(request, request.app.state.service)

    @router.get("/embed/{paper_id:path}")
    async def embed(request: Request, paper_id: str) -> Response:
        return await page(request, lambda frame, opened: results.snippet(pages, frame, opened, paper_id))

    @router.get("/advanced")
    async def advanced(request: Request) -> Response:
        def fill(frame: Frame, opened: Opened) -> str:
            question = PageQuestion.of(request.query_params.multi_items())
            choices = results.choices(opened)
            return pages.text("advanced.html", frame, opened, asked=question, choices=choices, via=[])

        return await page(request, fill)


def add_lists(router: APIRouter, pages: Pages, page: Reply, service: Service) -> None:
    """Add the pages that list: the home page, subjects, news and their feed."""

    @router.get("/")
    async def home(request: Request) -> Response:
        return await page(request, lambda frame, opened: lists.home(pages, frame, opened))

    @router.get("/subjects")
    async def subjects(request: Request) -> Response:
        return await page(request, lambda frame, opened: lists.subjects(pages, frame, opened, service))

    @router.get("/subjects/{name:path}")
    async def subject(request: Request, name: str) -> Response:
        return await page(request, lambda frame, opened: lists.subject(pages, frame, opened, name))

    @router.get("/topics/{number}")
    async def topic(request: Request, number: Annotated[int, Path(ge=0, le=1000)]) -> Response:
        return await page(request, lambda frame, opened: lists.topic(pages, frame, opened, service, number))

    @router.get("/latest")
    async def latest(request: Request) -> Response:
        return await page(
            request, lambda frame, opened: lists.latest(pages, frame, opened, service.workspace)
        )

    @router.get("/feed.atom")
    async def feed(request: Request) -> Response:
        opened = await service.shelf.current()
        frame = Frame.of(request)
        content = await service.desk.do(lambda: lists.feed(frame, opened, service))
        return tagged(request, content, "application/atom+xml", opened.build_id)


def add_duplicates(router: APIRouter, pages: Pages, page: Reply, service: Service) -> None:
    """Add the page of duplicates, which are found once a build."""

    @router.get("/same-work")
    async def same_work(request: Request) -> Response:
        opened = await service.shelf.current()
        try:
            groups = await service.duplicates.of(opened, AT_ONCE)
        except LateError:
            groups = None
        response = await page(request, lambda frame, now: duplicates.page(pages, frame, now, groups))
        if groups is None:
            response.headers["Refresh"] = "3"
        return response


def add_map(router: APIRouter, pages: Pages, page: Reply, service: Service) -> None:
    """Add the map, which is drawn once a build, and what it is drawn from."""

    @router.get("/map")
    async def paper_map(request: Request) -> Response:
        require("openTSNE", "map")
        return await page(
            request, lambda frame, opened: pages.text("map.html", frame, opened, asked=PageQuestion())
        )

    @router.get("/map.json")
    async def map_data(request: Request) -> Response:
        require("openTSNE", "map")
        opened = await service.shelf.current()
        tag = f'"{opened.build_id}.map"'
        if reply := unchanged(request, tag):
            return reply
        try:
            content = await service.maps.of(opened, AT_ONCE)
        except LateError:
            return Response(status_code=202, headers={"Retry-After": "3", **FRESH})
        headers = {"ETag": tag, "Vary": "Accept-Encoding", **FRESH}
        if "gzip" in request.headers.get("accept-encoding", ""):
            headers["Content-Encoding"] = "gzip"
        else:
            content = gzip.decompress(content)
        return Response(content, media_type="application/json", headers=headers)


def add_rest(router: APIRouter, pages: Pages, page: Reply, app: FastAPI) -> None:
    """Add the description of the API, and the files that pages are made with."""

    @router.get("/robots.txt")
    async def robots(request: Request) -> Response:
        root = request.scope.get("root_path", "")
        lines = ["User-agent: *", *(f"Disallow: {root}{path}" for path in ENDLESS)]
        return Response("\n".join(lines) + "\n", media_type="text/plain")

    @router.get("/developers")
    async def developers(request: Request) -> Response:
        return await page(
            request,
            lambda frame, opened: pages.text(
                "developers.html", frame, opened, asked=PageQuestion(), routes=lists.routes(app.openapi())
            ),
        )

    @router.get("/static/{digest}/{name}")
    async def static(digest: str, name: str) -> Response:
        if name not in ASSETS:
            raise HTTPException(404, "no such file")
        return FileResponse(file_of(name), media_type=ASSETS[name], headers=FOR_EVER)
