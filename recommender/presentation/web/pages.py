"""The pages for people."""

from collections.abc import Awaitable, Callable

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.responses import FileResponse
from starlette.exceptions import HTTPException

from recommender.presentation.web import lists, results
from recommender.presentation.web.asked import PageQuestion
from recommender.presentation.web.frame import STATIC, Frame, Pages
from recommender.presentation.web.service import Service
from recommender.presentation.web.shelf import Opened

ASSETS = {"style.css": "text/css", "app.js": "text/javascript", "htmx.min.js": "text/javascript",
          "htmx.LICENSE.txt": "text/plain", "icon.svg": "image/svg+xml"}  # fmt: skip
FOR_EVER = {"Cache-Control": "public, max-age=31536000, immutable"}
ShowError = Callable[[Request, int, str], Response]
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
    add_rest(router, pages, page, app)
    app.include_router(router)

    def show_error(request: Request, status: int, detail: str) -> Response:
        frame = Frame.of(request)
        opened = service.shelf.ready
        text = pages.text("error.html", frame, opened, status=status, detail=detail, asked=PageQuestion())
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
        return await page(request, lambda frame, opened: lists.subjects(pages, frame, opened))

    @router.get("/subjects/{name:path}")
    async def subject(request: Request, name: str) -> Response:
        return await page(request, lambda frame, opened: lists.subject(pages, frame, opened, name))

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
        return Response(content, media_type="application/atom+xml")


def add_rest(router: APIRouter, pages: Pages, page: Reply, app: FastAPI) -> None:
    """Add the description of the API, and the files that pages are made with."""

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
        return FileResponse(STATIC / name, media_type=ASSETS[name], headers=FOR_EVER)
