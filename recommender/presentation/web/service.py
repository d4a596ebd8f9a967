"""What all routes share."""

from dataclasses import dataclass
from datetime import datetime

from recommender.presentation.formats import content_of, written
from recommender.presentation.web.desk import Desk
from recommender.presentation.web.duplicates import Groups
from recommender.presentation.web.metrics import Metrics
from recommender.presentation.web.once import OncePerBuild
from recommender.presentation.web.shelf import Opened, Shelf
from recommender.presentation.web.site import Site
from recommender.presentation.web.written import compact
from recommender.recommendation import Query
from recommender.workspace import Workspace
from recommender.writers import writer_named

MEDIA = {
    "json": "application/json",
    "jsonl": "application/jsonl",
    "csljson": "application/vnd.citationstyles.csl+json",
    "csv": "text/csv; charset=utf-8",
    "ris": "application/x-research-info-systems; charset=utf-8",
    "bibtex": "application/x-bibtex; charset=utf-8",
    "markdown": "text/markdown; charset=utf-8",
    "atom": "application/atom+xml",
}  # of formats that have a name of their own; any other is plain text


@dataclass(frozen=True, slots=True)
class Service:
    """One running server."""

    workspace: Workspace
    site: Site
    shelf: Shelf
    desk: Desk
    duplicates: OncePerBuild[Groups]
    maps: OncePerBuild[bytes]
    metrics: Metrics

    @property
    def build_id(self) -> str | None:
        """The id of the build that answers, None: none does yet."""
        opened = self.shelf.ready
        return opened.build_id if opened else None

    def close(self) -> None:
        """Let go of every thread and process."""
        self.desk.close()
        self.shelf.close()
        self.duplicates.close()
        self.maps.close()

    async def written(self, opened: Opened, query: Query, k: int, *, why: bool, name: str) -> bytes:
        """Return an answer in one of the formats, computed once while its build is current.

        Raises:
            UsageError: There is no such format.
        """
        writer_named(name)  # before anything is computed
        key = (query, k, why, name)
        kept = opened.kept.get(key)
        if isinstance(kept, bytes):
            return kept
        fresh = await self.desk.do(lambda: write(opened, query, k, why=why, name=name))
        opened.kept.put(key, fresh)
        return fresh


def write(opened: Opened, query: Query, k: int, *, why: bool, name: str) -> bytes:
    """Ask, and write the answer down."""
    answer = opened.recommender.recommend(query, k)
    reasons = opened.recommender.explain(answer) if why else ()
    if name == "json":
        return compact(content_of(answer, reasons))
    created = datetime.fromisoformat(opened.build.manifest.created)
    return written(answer, name, reasons, created).encode()
