"""What takes long and is the same for all readers of a build: computed once, in a process of its own."""

import os
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing import get_context, parent_process
from multiprocessing.connection import wait
from pathlib import Path
from threading import Thread
from typing import Generic, TypeVar

from recommender.presentation.web.desk import in_time
from recommender.presentation.web.shelf import Opened

T = TypeVar("T")


class OncePerBuild(Generic[T]):
    """Computes something of one build after the other."""

    def __init__(self, compute: Callable[[Path], T], seconds: float) -> None:
        """Prepare to call `compute` with the folder of a build, in another process; wait that long for it."""
        self._compute = compute
        self._seconds = seconds
        self._pool: ProcessPoolExecutor | None = None
        self._found: tuple[str, Future[T]] | None = None

    async def of(self, opened: Opened, seconds: float | None = None) -> T:
        """Return what was computed of a build.

        Raises:
            LateError: It is not there yet; the work goes on, ask again.
            BuildError: The build is damaged.
        """
        if self._found is None or self._found[0] != opened.build_id or _failed(self._found[1]):
            if self._pool is None:
                self._pool = ProcessPoolExecutor(
                    1, mp_context=get_context("spawn"), initializer=end_with_parent
                )
            self._found = opened.build_id, self._pool.submit(self._compute, opened.build.folder)
        return await in_time(self._found[1], self._seconds if seconds is None else seconds)

    def close(self) -> None:
        """Let go of the process."""
        if self._pool:
            self._pool.shutdown(wait=False, cancel_futures=True)


def end_with_parent() -> None:
    """Have this process end when the one that began it does, however that ends: nobody would read more."""
    if parent := parent_process():

        def watch() -> None:
            wait([parent.sentinel])
            os._exit(1)

        Thread(target=watch, daemon=True, name="watch the parent").start()


def _failed(future: "Future[T]") -> bool:
    return future.cancelled() or (future.done() and future.exception() is not None)
