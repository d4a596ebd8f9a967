"""Where answers are computed: a few threads, a queue that has an end, and a time limit."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from typing import TypeVar

from recommender.errors import RecommenderError
from recommender.presentation.web.site import Limits

T = TypeVar("T")


class BusyError(RecommenderError):
    """More is waiting than the server takes on."""


class LateError(RecommenderError):
    """An answer took longer than it may."""


class Desk:
    """Takes work from the event loop. All but the work itself happens in the thread of the loop."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._pool: Executor = ThreadPoolExecutor(limits.threads, thread_name_prefix="answer")
        self.pending = 0

    async def do(self, work: Callable[[], T]) -> T:
        """Return what `work` returns.

        Raises:
            BusyError: Too much is waiting already.
            LateError: It took too long; what had begun goes on and keeps its place in the queue until then.
        """
        if self.pending >= self._limits.threads + self._limits.waiting:
            raise BusyError("the server has more to do than it takes on; try again in a moment")
        loop = asyncio.get_running_loop()
        self.pending += 1
        future = self._pool.submit(work)
        future.add_done_callback(lambda _: _call(loop, self._done))
        return await in_time(future, self._limits.seconds)

    def close(self) -> None:
        """Let go of the threads; what has begun is finished."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _done(self) -> None:
        self.pending -= 1


async def in_time(future: "Future[T]", seconds: float) -> T:
    """Return the result of a future of a thread or process, which goes on if nobody waits any more.

    Raises:
        LateError: It took longer than `seconds`.
    """
    done, _ = await asyncio.wait([asyncio.wrap_future(_followed(future))], timeout=seconds)
    if not done:
        future.cancel()  # if it has not begun
        raise LateError(f"the answer takes longer than {seconds:g} seconds; ask for less, or again later")
    return future.result()


def _followed(future: "Future[T]") -> "Future[None]":
    """Return a future that ends with another one but cannot cancel it or fail."""
    follower: Future[None] = Future()

    def end(_: object) -> None:
        if not follower.cancelled():
            follower.set_result(None)

    future.add_done_callback(end)
    return follower


def _call(loop: asyncio.AbstractEventLoop, function: Callable[[], None]) -> None:
    if not loop.is_closed():
        loop.call_soon_threadsafe(function)
