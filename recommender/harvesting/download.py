"""The conversation of OAI-PMH: page after page, by resumption tokens, as far as it goes and then on."""

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from recommender.errors import HarvestError, SourceError
from recommender.harvesting.spool import Spool
from recommender.harvesting.web import Fetch
from recommender.progress import OnStage
from recommender.readers import SourceFile
from recommender.readers.xml_records import elements, root_of, text_in

DATE = re.compile(r"\d{4}-\d\d-\d\d(?:T\d\d:\d\d:\d\dZ)?")
DAY = len("2026-11-24")
SAID = frozenset({"responseDate", "error", "resumptionToken", "Identify"})
RECORD = frozenset({"record"})
PAYLOAD = frozenset({"metadata", "about"})
EMPTY = "noRecordsMatch"
EXPIRED = "badResumptionToken"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What is harvested.

    Attributes:
        url: The address of the repository.
        prefix: The kind of metadata: `oai_dc`, `jats`.
        set: The part of the repository, "" for all of it.
        since, until: Dates of change, "" where there is no limit: since the last harvest, until now.

    Raises:
        HarvestError: A date is none.
    """

    url: str
    prefix: str = "oai_dc"
    set: str = ""
    since: str = ""
    until: str = ""

    def __post_init__(self) -> None:
        for date in (self.since, self.until):
            if date and not _is_date(date):
                raise HarvestError(f"{date!r} is no date, as 2026-11-24 or 2026-11-24T02:15:00Z")
        if self.since and self.until and self.since[:DAY] > self.until[:DAY]:
            raise HarvestError(f"no date lies from {self.since} to {self.until}")

    @property
    def name(self) -> str:
        """How the library calls this source."""
        return " ".join(part for part in (self.url, self.set, self.prefix) if part)

    @property
    def folder(self) -> str:
        """The name of the folder that a harvest of this source has for itself."""
        return hashlib.sha256(self.name.encode("utf-8", "surrogatepass")).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class _Page:
    """What an answer says beside its records."""

    date: str
    error: str
    said: str
    token: str
    granularity: str


def _is_date(text: str) -> bool:
    """Tell whether a text is a date as OAI-PMH has it, of a day that there is."""
    if not DATE.fullmatch(text):
        return False
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def download(request: Request, spool: Spool, fetch: Fetch, on_stage: OnStage) -> None:
    """Fetch what is not here yet; a harvest that was broken off goes on where it was.

    Args:
        request: What is harvested.
        spool: Where the pages are kept.
        fetch: Asks the repository.
        on_stage: Told after every page.

    Raises:
        HarvestError: The repository cannot be reached, or answers with an error or no OAI-PMH.
    """
    asked = _asked(request, spool, fetch)
    if spool.state.asked != asked:
        spool.begin(asked)
    while not spool.state.is_complete:
        state = spool.state
        arguments = {"resumptionToken": state.token} if state.token else state.asked or asked
        path = spool.keep(fetch(request.url, {"verb": "ListRecords", **arguments}))
        page = _read(path, request.url)
        if page.error == EXPIRED and state.token:
            on_stage("the repository has forgotten where we were; from the start", 0, 0)
            spool.begin(state.asked or asked)
            continue
        if page.error not in ("", EMPTY):
            raise HarvestError(f"{request.url} answered {page.error}: {page.said}")
        if page.token and page.token == state.token:
            raise HarvestError(f"{request.url} answers the same page for ever (token {page.token!r})")
        state.began = state.began or page.date
        state.pages += not page.error
        state.token, state.is_complete = page.token, not page.token
        spool.save()
        on_stage("harvesting, pages", state.pages, 0)


def _asked(request: Request, spool: Spool, fetch: Fetch) -> dict[str, str]:
    """Return the arguments of the first page, with dates as exact as the repository takes them."""
    path = spool.keep(fetch(request.url, {"verb": "Identify"}))
    page = _read(path, request.url)
    path.unlink()
    if page.error:
        raise HarvestError(f"{request.url} answered {page.error}: {page.said}")
    exact = None if len(page.granularity) > DAY else DAY
    since = request.since or spool.state.done
    asked = {
        "metadataPrefix": request.prefix,
        "set": request.set,
        "from": since[:exact],
        "until": request.until[:exact],
    }
    return {name: value for name, value in asked.items() if value}


def _read(path: Path, url: str) -> _Page:
    try:
        source = SourceFile(path)
        if root_of(source) != "OAI-PMH":
            raise HarvestError(f"{url} does not answer in OAI-PMH; check the address")
        # Records are looked for too, so that nothing in them is taken for what the answer says itself.
        said = {element.tag: element for _, element in elements(source, SAID | RECORD, without=PAYLOAD)}
    except SourceError as problem:
        raise HarvestError(f"{url} answered what cannot be read: {problem}") from problem
    error = said.get("error")
    return _Page(
        date=text_in(said.get("responseDate")),
        error="" if error is None else error.get("code", "error"),
        said=text_in(error),
        token=text_in(said.get("resumptionToken")),
        granularity=text_in(said.get("Identify"), "granularity"),
    )
