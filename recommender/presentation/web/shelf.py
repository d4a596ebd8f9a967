"""The build that answers: opened once, replaced when another is published, kept by whoever began with it."""

import hashlib
import logging
import time
import weakref
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sized
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Lock
from typing import TYPE_CHECKING, TypeVar

from recommender.errors import BuildError, RecommenderError
from recommender.presentation import journal
from recommender.presentation.web.desk import LateError, in_time
from recommender.recommendation import Recommender
from recommender.workspace import Workspace

if TYPE_CHECKING:
    from recommender.builds import Build

BESIDE = 1_000  # bytes that go with every answer: its digest, its headers, its place
PATIENCE = 10.0  # seconds before a build that could not be opened is tried again
T = TypeVar("T")
log = logging.getLogger(__name__)


class Kept:
    """Written answers, and parts of them; the least recently asked for are dropped first.

    They are kept under digests of their keys, which may hold whatever a caller sent.
    """

    def __init__(self, limit: int) -> None:
        """Keep at most so many bytes or characters, by the `len` of what is kept and what goes with it."""
        self._lock = Lock()
        self._limit = limit
        self._size = 0
        self._entries: OrderedDict[bytes, Sized] = OrderedDict()

    def get(self, key: Hashable) -> Sized | None:
        """Return what is kept, or None."""
        digest = _digest(key)
        with self._lock:
            found = self._entries.get(digest)
            if found is not None:
                self._entries.move_to_end(digest)
            return found

    def put(self, key: Hashable, content: Sized) -> None:
        """Keep an answer, if it is small enough."""
        digest = _digest(key)
        with self._lock:
            if digest in self._entries or len(content) > self._limit // 8:
                return
            self._entries[digest] = content
            self._size += len(content) + BESIDE
            while self._size > self._limit:
                _, dropped = self._entries.popitem(last=False)
                self._size -= len(dropped) + BESIDE


def _digest(key: Hashable) -> bytes:
    return hashlib.sha256(repr(key).encode("utf-8", "surrogatepass")).digest()


class Opened:
    """A build that is ready to answer, and what was computed from it."""

    def __init__(self, recommender: Recommender, kept: int, seconds: float = 0.0) -> None:
        """Take what answers, the bytes of answers to keep, and the seconds that opening it took."""
        self.seconds = seconds
        self.recommender = recommender
        self.build: Build = recommender.build
        self.build_id = self.build.manifest.build_id
        self.etag = f'"{self.build_id}"'
        self.kept = Kept(kept)
        self._computed: dict[Hashable, object] = {}
        weakref.finalize(self, self.build.close)  # when the last request that began with it is over

    def once(self, key: Hashable, compute: Callable[[], T]) -> T:
        """Return what `compute` returned the first time; a build never changes."""
        if key not in self._computed:
            self._computed[key] = compute()
        return self._computed[key]  # type: ignore[return-value]

    def once_found(self, key: Hashable, look: Callable[[], T | None]) -> T | None:
        """Return what `look` found the first time that it found anything."""
        if key not in self._computed:
            if (found := look()) is None:
                return None
            self._computed[key] = found
        return self._computed[key]  # type: ignore[return-value]


class Shelf:
    """Gives every request the current build."""

    def __init__(
        self,
        workspace: Workspace,
        *,
        kept: int,
        seconds: float,
        after_opening: Callable[[], object] = lambda: None,
    ) -> None:
        """Prepare to open builds.

        Args:
            workspace: Where they are.
            kept: Bytes of written answers to keep of each.
            seconds: That a request waits for the first.
            after_opening: Called in the thread that opened one.
        """
        self._workspace = workspace
        self._after_opening = after_opening
        self._kept = kept
        self._seconds = seconds
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="open")
        self._opened: Opened | None = None
        self._opening: tuple[str | None, Future[Opened]] | None = None
        self._failed: tuple[str | None, float] | None = None
        self._unknown = ""  # why it is not known what is published
        self.swaps = 0
        self.failures = 0

    @property
    def ready(self) -> Opened | None:
        """What answers now, if anything does."""
        self._take()
        return self._opened

    def look(self) -> None:
        """Begin to open the published build, if it is not the one that answers.

        Raises:
            BuildError: None is published, and none answers.
        """
        self._take()
        wanted = self._wanted()
        if self._opening or (self._opened and wanted in (None, self._opened.build_id)):
            return
        if self._failed and self._failed[0] == wanted and time.monotonic() - self._failed[1] < PATIENCE:
            return
        self._opening = wanted, self._thread.submit(self._open)

    async def current(self) -> Opened:
        """Return the build that answers: the published one, or the one before until that is ready.

        Raises:
            BuildError: There is none that could answer.
        """
        self.look()
        if self._opened is None and self._opening is not None:
            try:
                return await in_time(self._opening[1], self._seconds)
            except LateError:
                raise
            except RecommenderError as problem:
                raise BuildError(f"the published build cannot be opened: {problem}") from problem
        if self._opened is None:
            raise BuildError("the published build cannot be opened; the log of the server says why")
        return self._opened

    def close(self) -> None:
        """Let go of the thread."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _wanted(self) -> str | None:
        try:
            wanted = self._workspace.store.current_id()
        except RecommenderError as problem:
            if self._opened is None:
                raise
            if self._unknown != str(problem):  # once, not at every request until somebody mends it
                self._unknown = str(problem)
                log.error(
                    "the published build is not known, going on with %s: %s", self._opened.build_id, problem
                )
            return None
        self._unknown = ""
        return wanted

    def _open(self) -> Opened:
        began = time.perf_counter()
        recommender = self._workspace.recommender()
        build = recommender.build
        _ = build.papers, build.neighbours, build.search, build.facets, recommender.embedder
        opened = Opened(recommender, self._kept, journal.rounded(time.perf_counter() - began))
        self._after_opening()
        return opened

    def _take(self) -> None:
        """Take up the build that was being opened, once it is open."""
        if self._opening is None or not self._opening[1].done():
            return
        (wanted, done), self._opening = self._opening, None
        if problem := done.exception():
            self._failed = wanted, time.monotonic()
            self.failures += 1
            log.error("build %s cannot be opened: %s", wanted, problem)
            journal.tell("not opened", build=wanted, problem=str(problem))
            return
        self.swaps += self._opened is not None
        self._failed = None
        self._opened = done.result()
        log.info("answering from build %s", self._opened.build_id)
        journal.tell("answering", build=self._opened.build_id, seconds=self._opened.seconds)
