"""What a connection may keep busy, before anybody knows what it wants.

The server below waits for ever for the head of a request, and takes one of any length; slow and long heads of
many connections would take all there are (slowloris), and so would answers that nobody fetches.
"""

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

LONGEST_HEAD = 128 * 1024  # bytes; a pasted abstract stands in the address
MOST_CONNECTIONS = 800  # fewer than the 1,024 files that a process may usually open
FULL = b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"


class Bounded(HttpToolsProtocol):
    """A connection whose requests have to begin, and whose answers have to be fetched, in time.

    Attributes:
        seconds: That the head of a request may take, and that a reader may rest.
        most: Connections at once; one more is closed.
    """

    seconds = 10.0
    most = MOST_CONNECTIONS

    def __init__(self, *arguments: Any, **words: Any) -> None:
        super().__init__(*arguments, **words)
        self._head = 0  # bytes of a request whose head has not ended yet
        self._arriving: asyncio.TimerHandle | None = None
        self._resting: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if len(self.connections) > self.most:
            transport.close()
        else:
            self._expect()

    def connection_lost(self, exc: Exception | None) -> None:
        self._arrived()
        self._fetched()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if not self._is_in_head() or self.transport.is_closing():
            return
        self._expect()
        self._head += len(data)
        if self._head > LONGEST_HEAD:
            self.transport.write(FULL)
            self.transport.close()

    def on_headers_complete(self) -> None:
        self._arrived()
        super().on_headers_complete()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._fetched()
        self._resting = self.loop.call_later(self.seconds, self.transport.abort)

    def resume_writing(self) -> None:
        super().resume_writing()
        self._fetched()

    def _is_in_head(self) -> bool:
        """Tell whether what arrives now belongs to no request that is being answered."""
        return self.cycle is None or self.cycle.response_complete

    def _expect(self) -> None:
        if self._arriving is None:
            self._arriving = self.loop.call_later(self.seconds, self._give_up)

    def _give_up(self) -> None:
        if not self.transport.is_closing():
            self.transport.close()

    def _arrived(self) -> None:
        self._head = 0
        if self._arriving is not None:
            self._arriving.cancel()
            self._arriving = None

    def _fetched(self) -> None:
        if self._resting is not None:
            self._resting.cancel()
            self._resting = None


def bounded(seconds: float, most: int = MOST_CONNECTIONS) -> type[Bounded]:
    """Return the protocol with these limits."""
    return type("Bounded", (Bounded,), {"seconds": seconds, "most": most})
