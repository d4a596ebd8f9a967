"""How often one caller may ask: a bucket of requests for each, which fills up again as time goes by.

A caller is the API key that it sends, if that is one of ours, else its address: that which a proxy on this
machine forwards. Keys themselves are not kept.
"""

import math
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from recommender.presentation.web.guard import key_among, path_of
from recommender.presentation.web.problems import problem

CALLERS = 10_000  # the one that has asked nothing for longest is forgotten first
FREE = ("/healthz", "/readyz", "/metrics", "/static/")


class Rates:
    """Refuses with 429 what a caller asks too often, and says when to come back."""

    def __init__(
        self,
        app: ASGIApp,
        per_minute: int,
        keys: Sequence[str] = (),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._app = app
        self._most = float(per_minute)
        self._keys = keys
        self._clock = clock
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()  # requests left, and when

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not path_of(scope).startswith(FREE):
            wait = self._wait(self._caller(Request(scope)))
            if wait:
                detail = f"at most {self._most:.0f} requests a minute; try again in {wait} s"
                await problem(429, detail, retry=str(wait))(scope, receive, send)
                return
        await self._app(scope, receive, send)

    def _wait(self, caller: str) -> int:
        """Take one request from a caller's bucket; return the seconds until there is one, or 0."""
        now = self._clock()
        left, before = self._left.pop(caller, (self._most, now))
        left = min(self._most, left + (now - before) * self._most / 60)
        allowed = left >= 1
        self._left[caller] = (left - 1 if allowed else left, now)
        if len(self._left) > CALLERS:
            self._left.popitem(last=False)
        return 0 if allowed else math.ceil((1 - left) * 60 / self._most)

    def _caller(self, request: Request) -> str:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        bearer = token if scheme.lower() == "bearer" else ""
        place = key_among(request.headers.get("x-api-key") or bearer, self._keys)
        if place is not None:
            return f"key {place}"
        return f"address {request.client.host}" if request.client else "unknown"
