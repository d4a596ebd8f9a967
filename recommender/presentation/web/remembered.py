"""Answers that were sent before and still hold: they are sent again before any route looks at the request."""

from dataclasses import dataclass
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from recommender.errors import RecommenderError
from recommender.presentation.web.shelf import Shelf

LONGEST = 4_096  # bytes of a question in an address; a longer one is hardly asked again
ASKING = frozenset({b"if-none-match", b"authorization", b"x-api-key"})  # what the routes must see


@dataclass(frozen=True, slots=True)
class Sent:
    """An answer as it was sent, and the route that gave it."""

    start: Message
    body: bytes
    route: Any

    def __len__(self) -> int:
        return len(self.body)


class Remembered:
    """Keeps what carries the tag of its build, with that build; not used where a key is asked for."""

    def __init__(self, app: ASGIApp, shelf: Shelf) -> None:
        self._app = app
        self._shelf = shelf

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "GET" or ASKING & {n for n, _ in scope["headers"]}:
            await self._app(scope, receive, send)
            return
        opened = self._current()
        if opened is None or len(scope["query_string"]) > LONGEST:
            await self._app(scope, receive, send)
            return
        key = (scope.get("root_path", ""), scope["path"], scope["query_string"])
        sent = opened.kept.get(key)
        if isinstance(sent, Sent):
            scope["route"] = sent.route
            await send(dict(sent.start))
            await send({"type": "http.response.body", "body": sent.body})
            return
        messages: list[Message] = []

        async def watched(message: Message) -> None:
            messages.append(dict(message))  # others add headers to theirs
            await send(message)

        await self._app(scope, receive, watched)
        if len(messages) == 2 and messages[0]["status"] == 200:  # in one piece
            start, body = messages
            if (b"etag", opened.etag.encode()) in start["headers"]:
                opened.kept.put(key, Sent(dict(start), body["body"], scope.get("route")))

    def _current(self) -> Any:
        try:
            self._shelf.look()
        except RecommenderError:
            return None  # the route says so
        return self._shelf.ready
