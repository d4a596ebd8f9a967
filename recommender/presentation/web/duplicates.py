"""Duplicates of a build: found once, in a process of its own, since it takes long and would slow answers."""

from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from recommender.presentation.web.desk import in_time
from recommender.presentation.web.shelf import Opened

Groups = list[dict[str, Any]]


class DuplicatesDesk:
    """Finds the duplicates of one build after the other."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._pool: ProcessPoolExecutor | None = None
        self._found: tuple[str, Future[Groups]] | None = None

    async def groups(self, opened: Opened) -> Groups:
        """Return the groups of papers that are one work.

        Raises:
            LateError: They are not found yet; the search goes on, ask again.
            BuildError: The build is damaged.
        """
        if self._found is None or self._found[0] != opened.build_id or _failed(self._found[1]):
            if self._pool is None:
                self._pool = ProcessPoolExecutor(1, mp_context=get_context("spawn"))
            self._found = opened.build_id, self._pool.submit(find, opened.build.folder)
        return await in_time(self._found[1], self._seconds)

    def close(self) -> None:
        """Let go of the process."""
        if self._pool:
            self._pool.shutdown(wait=False, cancel_futures=True)


def find(folder: Path) -> Groups:
    """Return the groups of a build as JSON has them."""
    from recommender.builds import Build
    from recommender.duplicates import find_duplicates
    from recommender.presentation.works import record

    build = Build(folder)
    try:
        return [record(group) for group in find_duplicates(build)]
    finally:
        build.close()


def _failed(future: "Future[Groups]") -> bool:
    return future.cancelled() or (future.done() and future.exception() is not None)
