"""What takes long and is the same for all readers of a build: computed once, in a process of its own."""

import os
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context, parent_process
from multiprocessing.connection import wait
from pathlib import Path
from threading import Thread
from typing import Generic, TypeVar

from recommender.errors import WorkersError
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
        """Return what was computed of a build. What failed is told once, then it is tried again.

        Raises:
            LateError: It is not there yet; the work goes on, ask again.
            BuildError: The build is damaged.
            WorkersError: The process was killed.
        """
        if self._found is None or self._found[0] != opened.build_id:
            self._found = opened.build_id, self._submitted(opened.build.folder)
        begun = self._found
        try:
            return await in_time(begun[1], self._seconds if seconds is None else seconds)
        except BrokenProcessPool as problem:
            raise WorkersError(
                "the process that computes this was killed, perhaps for want of memory; ask again,"
                " and give the server more memory if it happens again"
            ) from problem
        finally:
            if _failed(begun[1]) and self._found is begun:
                self._found = None

    def _submitted(self, folder: Path) -> "Future[T]":
        """Have a build computed; a process that was killed since the last one has a successor."""
        try:
            return self._started().submit(self._compute, folder)
        except BrokenProcessPool:
            self._pool = None
            return self._started().submit(self._compute, folder)

    def _started(self) -> ProcessPoolExecutor:
        if self._pool is None:
            self._pool = ProcessPoolExecutor(1, mp_context=get_context("spawn"), initializer=end_with_parent)
        return self._pool

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
