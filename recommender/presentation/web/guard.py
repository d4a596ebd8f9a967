"""What every request passes: HEAD as GET, headers that browsers obey, a body that is small and comes soon."""

import asyncio
import hashlib
import hmac
from collections.abc import Sequence
from typing import Any

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from recommender.presentation.web.problems import problem

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';"
    " form-action 'self'; base-uri 'none'; frame-ancestors {frames}"
)
HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}
CLOSED = {"content-security-policy": POLICY.format(frames="'none'"), "x-frame-options": "DENY"}
OPEN = {"content-security-policy": POLICY.format(frames="*")}
EMBED = "/embed/"


class Headers:
    """Sets the security headers; only the snippet for other sites may stand in their frames."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        is_head = scope["method"] == "HEAD"
        own = HEADERS | (OPEN if path_of(scope).startswith(EMBED) else CLOSED)
        encoded = [(name.encode(), value.encode()) for name, value in own.items()]

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message.get("headers", ()), *encoded]}
            elif is_head:
                message = {**message, "body": b""}
            await send(message)

        inner: Scope = {**scope, "method": "GET"} if is_head else scope
        await self._app(inner, receive, guarded)


class Bodies:
    """Reads a body before anything else does, and refuses what is too large or too slow."""

    def __init__(self, app: ASGIApp, limit: int, seconds: float) -> None:
        self._app = app
        self._limit = limit
        self._seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] == "GET":
            await self._app(scope, receive, send)
            return
        try:
            body = await asyncio.wait_for(self._read(Request(scope), receive), self._seconds)
        except TimeoutError:
            await problem(408, "the body did not arrive in time")(scope, receive, send)
            return
        if body is None:
            refused = problem(413, f"a body has at most {self._limit:,} bytes")
            refused.headers["connection"] = "close"  # the rest is not read
            await refused(scope, receive, send)
            return
        messages: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

        async def again() -> Message:
            return messages.pop() if messages else await receive()

        await self._app(scope, again, send)

    async def _read(self, request: Request, receive: Receive) -> bytes | None:
        """Return the body, None: it is too large."""
        length = request.headers.get("content-length", "0")
        if not length.isdecimal() or int(length) > self._limit:
            return None
        body, more = bytearray(), True
        while more:
            message: Any = await receive()
            body += message.get("body", b"")
            more = message["type"] == "http.request" and message.get("more_body", False)
            if len(body) > self._limit:
                return None
        return bytes(body)


def path_of(scope: Scope) -> str:
    """Return the path below the root that a proxy gave the site."""
    path, root = str(scope["path"]), str(scope.get("root_path", ""))
    return path.removeprefix(root) if root else path


def key_among(given: str, keys: Sequence[str]) -> int | None:
    """Return the place of a key among those that count; the time that it takes says nothing about them."""
    same = [hmac.compare_digest(_digest(given), _digest(key)) for key in keys]
    return same.index(True) if any(same) else None


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).digest()
