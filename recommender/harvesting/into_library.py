"""A harvest from end to end: what is new in a repository, fetched, imported, remembered."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from recommender.harvesting.download import Request, download
from recommender.harvesting.spool import Spool
from recommender.harvesting.web import Fetch, fetcher
from recommender.library import ImportReport, Library
from recommender.progress import OnStage


@dataclass(frozen=True, slots=True, kw_only=True)
class Harvested:
    """What a harvest brought.

    Attributes:
        report: What the import found in its records.
        n_removed: Papers that the repository has deleted.
        n_pages: Answers that held records.
        done: Where the next one goes on, by the clock of the repository; "" is the start.
    """

    report: ImportReport
    n_removed: int
    n_pages: int
    done: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Harvester:
    """Where harvests are kept, and how repositories are asked."""

    folder: Path
    fetch: Fetch | None = None
    on_stage: OnStage

    def fetched(self, request: Request) -> Spool:
        """Fetch what is new or changed in a repository, and keep it.

        Raises:
            HarvestError: The repository cannot be reached or understood; what was fetched is kept.
        """
        spool = Spool(self.folder / request.folder)
        download(request, spool, self.fetch or fetcher(), self.on_stage)
        return spool


def take_up(request: Request, spool: Spool, library: Library, *, now: datetime, report: bool) -> Harvested:
    """Import what was fetched, remove what the repository has deleted, and remember how far that was.

    Raises:
        RecordError: A record is no paper, and not to be reported only; nothing was imported.
    """
    imported, n_removed, n_pages = ImportReport(sources=()), 0, spool.state.pages
    if n_pages:
        imported = library.import_papers(
            [spool.source(request.name)], now=now, on_error="report" if report else "stop"
        )
        n_removed = library.remove_known(spool.deleted())
    spool.finish()
    return Harvested(report=imported, n_removed=n_removed, n_pages=n_pages, done=spool.state.done)


def harvest(
    request: Request,
    harvester: Harvester,
    opened: Callable[[], Library],
    *,
    now: Callable[[], datetime],
    report: bool,
) -> Harvested:
    """Fetch what is new or changed in a repository, and import it.

    Args:
        request: Which repository, and what of it.
        harvester: Where harvests are kept, and how repositories are asked.
        opened: Opens the library for writing, when all is fetched.
        now: Tells the time of the import, when all is fetched.
        report: Keep bad records as rejected and go on; else the first one ends it.

    Raises:
        HarvestError: The repository cannot be reached or understood; what was fetched is kept.
        RecordError: A record is no paper, and not to be reported only; nothing was imported.
    """
    spool = harvester.fetched(request)
    with opened() as library:
        return take_up(request, spool, library, now=now(), report=report)
