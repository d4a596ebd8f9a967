"""What takes long and is the same for all readers of a build: computed once, in a process of its own."""

from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Generic, TypeVar

from recommender.errors import WorkersError
from recommender.presentation.web.desk import in_time
from recommender.presentation.web.shelf import Opened
from recommender.workers.processes import ProcessAside

T = TypeVar("T")


class OncePerBuild(Generic[T]):
    """Computes something of one build after the other."""

    def __init__(self, compute: Callable[[Path], T], seconds: float) -> None:
        """Prepare to call `compute` with the folder of a build, in another process; wait that long for it."""
        self._compute = compute
        self._seconds = seconds
        self._process = ProcessAside()
        self._found: tuple[str, Future[T]] | None = None

    async def of(self, opened: Opened, seconds: float | None = None) -> T:
        """Return what was computed of a build. What failed is told once, then it is tried again.

        Raises:
            LateError: It is not there yet; the work goes on, ask again.
            BuildError: The build is damaged.
            WorkersError: The process was killed.
        """
        if self._found is None or self._found[0] != opened.build_id:
            self._found = opened.build_id, self._process.submit(self._compute, opened.build.folder)
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

    def close(self) -> None:
        """End the process, whatever it is at: nobody would read it."""
        self._process.close()


def _failed(future: "Future[T]") -> bool:
    return future.cancelled() or (future.done() and future.exception() is not None)
