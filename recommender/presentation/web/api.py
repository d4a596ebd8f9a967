"""The API: the same answers as the command line gives, as JSON and every other format."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from fastapi.security import APIKeyHeader, HTTPBearer
from starlette.exceptions import HTTPException

from recommender.presentation.web import recent
from recommender.presentation.web import records as r
from recommender.presentation.web.duplicates import resubmitted_only
from recommender.presentation.web.guard import key_among
from recommender.presentation.web.problems import MEDIA as PROBLEM
from recommender.presentation.web.questions import Question, Recent, Search, Similar
from recommender.presentation.web.service import MEDIA, Service
from recommender.presentation.web.shelf import Opened
from recommender.presentation.web.written import compact, reply, tagged, unchanged
from recommender.recommendation import Query as Asked
from recommender.recommendation.recommender import row_of
from recommender.writers.citations import citation_line, display_title

PaperId = Annotated[str, Path(description="Id of a paper.")]
Resubmitted = Annotated[bool, Query(description="Only those in which a journal or an author differs.")]
PLAIN = "text/plain; charset=utf-8"
Responses = dict[int | str, dict[str, Any]]


def failing(*statuses: int) -> Responses:
    """Describe the errors of a route."""
    schema = {"schema": {"$ref": "#/components/schemas/ProblemRecord"}}
    return {status: {"description": "Error", "content": {PROBLEM: schema}} for status in statuses}


def kinds(*media: str) -> Responses:
    """Describe what a route answers with beside JSON, by media type."""
    return {200: {"content": {kind.partition(";")[0]: {} for kind in media if kind != MEDIA["json"]}}}


USUAL = failing(400, 401, 404, 422, 429, 503)
SAME: Responses = {304: {"description": "The caller has this build's answer already."}}
PAPERS = kinds(*MEDIA.values(), PLAIN)
NEWS = kinds(*recent.MEDIA.values())


def key_check(service: Service) -> list[Any]:
    """Return the dependency that asks for the key, none where there is no key."""
    if not service.site.api_keys:
        return []
    header, bearer = APIKeyHeader(name="X-API-Key", auto_error=False), HTTPBearer(auto_error=False)

    async def check(
        given: Annotated[str | None, Depends(header)], token: Annotated[Any, Depends(bearer)]
    ) -> None:
        if key_among(given or (token.credentials if token else ""), service.site.api_keys) is None:
            raise HTTPException(401, "this server asks for a key: X-API-Key", {"WWW-Authenticate": "Bearer"})

    return [Depends(check)]


def api_router(service: Service) -> APIRouter:
    """Return the routes of the API."""
    router = APIRouter(tags=["API"], dependencies=key_check(service))
    add_answers(router, service)
    add_papers(router, service)
    add_lists(router, service)
    return router


def add_answers(router: APIRouter, service: Service) -> None:
    """Add the routes that answer what is similar."""

    async def answered(request: Request, query: Asked, asked: Similar) -> Response:
        opened = await service.shelf.current()
        if reply_ := unchanged(request, opened.etag):
            return reply_
        content = await service.written(opened, query, asked.k, why=asked.why, name=asked.format)
        return reply(content, MEDIA.get(asked.format, PLAIN), opened.etag)

    @router.get(
        "/papers/{paper_id:path}/similar", response_model=r.AnswerRecord, responses=USUAL | SAME | PAPERS
    )
    async def similar_to_paper(
        request: Request, paper_id: PaperId, asked: Annotated[Similar, Query()]
    ) -> Response:
        """Return the papers most similar to one paper."""
        return await answered(request, asked.query([paper_id]), asked)

    @router.get("/search", response_model=r.AnswerRecord, responses=USUAL | SAME | PAPERS)
    async def search(request: Request, asked: Annotated[Search, Query()]) -> Response:
        """Return the papers most similar to a text, and to papers beside it."""
        return await answered(request, asked.query(asked.like, asked.q), asked)

    @router.post("/similar", response_model=r.AnswerRecord, responses=USUAL | failing(408, 413))
    async def similar(question: Question) -> Response:
        """Return the papers most similar to any mixture of papers and text."""
        query = question.query()
        opened = await service.shelf.current()
        content = await service.written(opened, query, question.k, why=question.why, name="json")
        return reply(content, MEDIA["json"])


def add_papers(router: APIRouter, service: Service) -> None:
    """Add the route of one paper, which stands behind that of its similar ones."""

    @router.get("/papers/{paper_id:path}", response_model=r.FullPaperRecord, responses=USUAL | SAME)
    async def paper(request: Request, paper_id: PaperId) -> Response:
        """Return one paper."""
        opened = await service.shelf.current()
        if reply_ := unchanged(request, opened.etag):
            return reply_
        content = await service.desk.do(lambda: compact(paper_record(opened, paper_id)))
        return reply(content, MEDIA["json"], opened.etag)


def add_lists(router: APIRouter, service: Service) -> None:
    """Add the routes of duplicates and news."""

    @router.get("/duplicates", response_model=r.DuplicatesRecord, responses=USUAL | SAME)
    async def duplicates(request: Request, resubmitted: Resubmitted = False) -> Response:
        """Return the papers that are one work; 503 while they are looked for, from the first call on."""
        opened = await service.shelf.current()
        if reply_ := unchanged(request, opened.etag):
            return reply_
        groups = await service.duplicates.of(opened)
        if resubmitted:
            groups = resubmitted_only(groups)
        content = compact({"build": opened.build_id, "groups": groups})
        return reply(content, MEDIA["json"], opened.etag)

    @router.get("/new", response_model=r.NewsRecord, responses=USUAL | SAME | NEWS)
    async def new(request: Request, asked: Annotated[Recent, Query()]) -> Response:
        """Return what came since a build or a day, or what of it is similar to some papers."""
        opened = await service.shelf.current()
        found = await service.desk.do(lambda: recent.find(service.workspace, opened, asked))
        content = recent.write(found, opened, asked.format)
        return tagged(request, content, recent.MEDIA[asked.format], opened.build_id)


def paper_record(opened: Opened, paper_id: str) -> dict[str, Any]:
    """Return one paper as JSON has it.

    Raises:
        PaperNotFoundError: The build does not know the id.
        NotAnswerableError: It has no text.
    """
    found = opened.build.papers.paper(row_of(opened.build, paper_id, instead="ask for another"))
    return found.as_dict() | {"display_title": display_title(found), "citation": citation_line(found)}
