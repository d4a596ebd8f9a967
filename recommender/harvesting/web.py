"""The one place that asks another machine, and only because the user named it."""

import http.client
import logging
import time
from collections.abc import Callable, Mapping
from typing import IO, Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode, urlsplit
from urllib.request import HTTPRedirectHandler, OpenerDirector, Request, build_opener

from recommender.errors import HarvestError, first_line

Fetch = Callable[[str, Mapping[str, str]], bytes]  # of an address and its arguments
Sleep = Callable[[float], None]
SCHEMES = ("http", "https")
TIMEOUT = 60.0  # seconds without a byte
MOST_BYTES = 1 << 26  # of one answer
TRIES = 5
LONGEST_WAIT = 600.0  # seconds that a repository may ask for
BUSY = (429, 500, 502, 503, 504)
AGAIN = "what was fetched is kept, run it again"
HEADERS = {"User-Agent": "recommender (OAI-PMH harvester)", "Accept-Encoding": "identity"}

log = logging.getLogger(__name__)


class _SameKind(HTTPRedirectHandler):
    """Follows only to where a harvest may go at all."""

    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: http.client.HTTPMessage, newurl: str
    ) -> Request | None:
        check_address(newurl)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def fetcher(sleep: Sleep = time.sleep) -> Fetch:
    """Return what fetches an answer, waits where a busy repository asks for it, and tries five times.

    It warns each time that it waits, which may take half a minute in all, or as long as is asked for.
    """
    opener = build_opener(_SameKind)

    def fetch(address: str, arguments: Mapping[str, str]) -> bytes:
        check_address(address)
        separator = "&" if urlsplit(address).query else "?"
        asked = f"{address}{separator}{urlencode(arguments)}"
        for left in range(TRIES - 1, -1, -1):
            try:
                return _answer(opener, asked)
            except HTTPError as problem:
                said = f"{address} answered {problem.code} {problem.reason}"
                if problem.code not in BUSY:
                    raise HarvestError(f"{said}; check the address: {asked}") from problem
                if not left:
                    raise HarvestError(f"{said}, {TRIES} times; {AGAIN} later") from problem
                seconds = _wait(problem.headers.get("Retry-After"), TRIES - left)
            except (URLError, http.client.HTTPException, TimeoutError, ConnectionError) as problem:
                said = f"{address} cannot be reached ({_reason(problem)})"
                if not left:
                    raise HarvestError(
                        f"{said}, {TRIES} times; check the address and the connection: {AGAIN} then"
                    ) from problem
                seconds = _wait(None, TRIES - left)
            log.warning("%s; once more in %.0f seconds", said, seconds)
            sleep(seconds)
        raise AssertionError  # pragma: no cover - the last try returned or raised

    return fetch


def check_address(address: str) -> None:
    """Refuse what is no address on the web.

    Raises:
        HarvestError: It is another kind of address, or none.
    """
    try:
        parts = urlsplit(address)
        is_web = parts.scheme in SCHEMES and bool(parts.hostname)
    except ValueError:
        is_web = False
    if not is_web or not address.isprintable() or " " in address:
        raise HarvestError(f"{address!r} is no address of a repository, as https://example.org/oai")


def _answer(opener: OpenerDirector, address: str) -> bytes:
    request: Any = Request(address, headers=HEADERS)  # noqa: S310 - the scheme was checked
    with opener.open(request, timeout=TIMEOUT) as response:
        content = bytes(response.read(MOST_BYTES + 1))
    if len(content) > MOST_BYTES:
        raise HarvestError(f"{address} answered with more than {MOST_BYTES:,} bytes")
    return content


def _reason(problem: Exception) -> str:
    """Return why an address cannot be reached, without the numbers of the system."""
    reason = getattr(problem, "reason", problem)
    return getattr(reason, "strerror", None) or first_line(reason)


def _wait(asked: str | None, tried: int) -> float:
    """Return the seconds to wait: what the repository asked for, or twice as long each time."""
    if asked and asked.strip().isdecimal():
        return min(float(asked), LONGEST_WAIT)
    return float(2**tried)
