"""What those who run the server ask: does it live, can it answer, what did it do."""

from fastapi import APIRouter, Response
from fastapi.responses import PlainTextResponse

from recommender.errors import RecommenderError
from recommender.presentation.web import records as r
from recommender.presentation.web.api import failing, key_check
from recommender.presentation.web.problems import problem
from recommender.presentation.web.service import Service

TEXT = "text/plain; version=0.0.4; charset=utf-8"


def health_router(service: Service) -> APIRouter:
    """Return the routes."""
    router = APIRouter(tags=["operation"])

    @router.get("/healthz", response_model=r.StateRecord)
    async def healthz() -> dict[str, str]:
        """Say that the server lives."""
        return {"status": "alive"}

    @router.get("/readyz", response_model=r.StateRecord, responses={503: {"model": r.ProblemRecord}})
    async def readyz() -> Response | dict[str, str | None]:
        """Say whether a build is open to answer from."""
        try:
            service.shelf.look()
        except RecommenderError:
            return problem(503, "there is no build to answer from")
        opened = service.shelf.ready
        if opened is None:
            return problem(503, "no build is open yet")
        return {"status": "ready", "build": opened.build_id}

    @router.get(
        "/metrics", response_class=PlainTextResponse, responses=failing(401), dependencies=key_check(service)
    )
    async def metrics() -> Response:
        """Return what the server counts, for Prometheus."""
        return Response(service.metrics.text(), media_type=TEXT)

    return router


def watch(service: Service) -> None:
    """Have the metrics say what the server is at."""

    def states() -> dict[str, float]:
        return {
            "answers_pending": service.desk.pending,
            "builds_taken_up": service.shelf.swaps,
            "builds_not_opened": service.shelf.failures,
            "ready": float(service.shelf.ready is not None),
            "papers": service.shelf.ready.build.manifest.n_papers if service.shelf.ready else 0,
        }

    def labels() -> dict[str, str]:
        opened = service.shelf.ready
        return {
            "build": opened.build_id if opened else "",
            "model": opened.build.manifest.model if opened else "",
        }

    service.metrics.watch(states, labels)
