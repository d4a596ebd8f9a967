"""Ray: the batches of a rebuild are spread over the cores of a cluster, and survive the loss of its nodes.

Every core gets an actor that holds the work, with its model or its arrays: these travel through Ray's object
store, once a node, so that no disk need be shared. Source: https://docs.ray.io/en/latest/ray-core/actors.html
"""

import logging
import os
import platform
import socket
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import chain, islice
from typing import Any, NamedTuple, Self
from urllib.parse import urlsplit

from recommender.errors import RecommenderError, WorkersError, first_line
from recommender.extras import require
from recommender.program import code_digest
from recommender.workers.crew import CLIENT, CLUSTER, LOCAL, Batch, Result

AT_ONCE = 2  # batches that an actor has: the next one is there when it is done with one
SECONDS_TO_ANSWER = 10.0
ATTEMPTS = 3  # to be let in by a client server
AHEAD = 4  # batches an actor beyond the one that is waited for
PATIENCE = 120.0  # seconds until one actor must have taken up its work
LOSSES = 3  # of every actor on average, without any result, after which it is not the nodes' fault
LOOPBACK, ONE_MACHINE = "127.0.0.1", "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"
NOWHERE = f"http://{LOOPBACK}:9"  # where nobody listens
NO_CLOUD = {"http_proxy": NOWHERE, "https_proxy": NOWHERE, "no_proxy": ""}

log = logging.getLogger(__name__)


class RayWorkers:
    """The cores of a Ray cluster. A context manager; the cluster is called when there is work."""

    def __init__(self, name: str, patience: float = PATIENCE) -> None:
        """Take the cluster of that name, as `open_workers` does.

        Raises:
            MissingExtraError: Ray is not installed.
        """
        os.environ["RAY_USAGE_STATS_ENABLED"] = "0"  # read when a Ray starts
        if name == LOCAL:
            os.environ[ONE_MACHINE] = (
                "0"  # read by the import: what starts then listens to this machine alone
            )
        self._ray: Any = require("ray", "ray")
        self._name = name
        self._patience = patience
        self._is_ours = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._is_ours:
            self._ray.shutdown()
            self._is_ours = False

    def map(self, work: Callable[[Batch], Result], batches: Iterable[Batch]) -> Iterator[Result]:
        rest = iter(batches)
        first = [*islice(rest, 1)]
        if not first:
            return  # nothing to do is no reason to start a cluster
        try:
            self._connect()
            cores = max(1, int(self._ray.cluster_resources().get("CPU", 1)))
            first += islice(rest, cores - 1)  # no more actors than batches
            crew = _Crew(self._ray, work, size=len(first), patience=self._patience)
            try:
                yield from crew.results(chain(first, rest))
            finally:
                crew.dismiss()
        except (self._ray.exceptions.RayError, ConnectionError) as problem:
            raise self._lost(problem) from problem

    def _connect(self) -> None:
        if self._ray.is_initialized():
            return  # by us, or by the program that we are part of
        options: dict[str, Any] = {"logging_level": logging.ERROR, "log_to_driver": False}
        if self._name == LOCAL:
            options |= {"address": "local", "include_dashboard": False, "_node_ip_address": LOOPBACK}
        else:
            options |= {"address": "auto" if self._name == CLUSTER else self._name}
        try:
            if self._name.startswith(CLIENT):
                _knock(self._name)
            # Statistics or not, a Ray that starts asks the addresses of three clouds whether it is in them.
            with _environment(NO_CLOUD if self._name == LOCAL else {}):
                self._start(options)
        except (OSError, ValueError, RuntimeError, ImportError) as problem:
            raise WorkersError(f"no Ray cluster at {self._name}: {first_line(problem)}") from problem
        self._is_ours = True
        if self._name == LOCAL and {node["NodeManagerAddress"] for node in self._ray.nodes()} != {LOOPBACK}:
            self.__exit__()
            raise WorkersError(
                f"Ray was imported before, and would listen to others: set {ONE_MACHINE}=0 first"
            )

    def _start(self, options: dict[str, Any]) -> None:
        """Start or join a Ray; its client server does not always get its own process going at once."""
        for _ in range(ATTEMPTS - 1):
            try:
                self._ray.init(**options)
                return
            except ConnectionAbortedError as problem:
                log.warning(
                    "%s did not start what serves us; once more (%s)", self._name, first_line(problem)
                )
        self._ray.init(**options)

    def _lost(self, problem: Exception) -> WorkersError:
        return WorkersError(
            f"the Ray cluster {self._name} went away ({first_line(problem)});"
            " what was embedded is kept: run it again, or without --workers"
        )


class _Task(NamedTuple):
    """What an actor was asked for: a batch by its number, or, None, to take up the work."""

    actor: Any
    number: int | None


class _Crew:
    """Actors that all hold one work, and what each of them is at."""

    def __init__(self, ray: Any, work: Callable[[Any], Any], *, size: int, patience: float) -> None:
        self._ray = ray
        self._work = ray.put(work)
        self._size = size
        self._patience = patience
        self._digest = code_digest()
        self._actors: list[Any] = []
        self._tasks: dict[Any, _Task] = {}
        self._idle: deque[Any] = deque()  # an actor once for every batch that it can be given
        self._losses = 0
        for _ in range(size):
            self._hire()

    def results(self, batches: Iterable[Any]) -> Iterator[Any]:
        """Yield the result of each batch, in order."""
        source = enumerate(batches)
        unfinished: dict[int, Any] = {}  # batches that were taken from the source, by number
        waiting: deque[int] = deque()  # those of them that nobody has
        done: dict[int, Any] = {}
        following = 0
        while True:
            most = AHEAD * self._size - len(done) - len(unfinished)
            for number, batch in islice(source, max(0, most)):
                unfinished[number] = batch
                waiting.append(number)
            if not unfinished:
                return
            while waiting and self._idle:
                number = waiting.popleft()
                self._give(number, unfinished[number])
            for number, result in self._finished(waiting):
                done[number] = result
                del unfinished[number]
            while following in done:
                yield done.pop(following)
                following += 1

    def dismiss(self) -> None:
        """End all actors."""
        if self._ray.is_initialized():  # else Ray would look for another cluster to end them in
            for actor in self._actors:
                self._ray.kill(actor)
        self._actors.clear()
        self._tasks.clear()
        self._idle.clear()

    def _hire(self) -> None:
        actor = self._ray.remote(num_cpus=1, max_restarts=0)(_Holder).remote()
        self._actors.append(actor)
        self._tasks[actor.hold.remote(self._digest, [self._work])] = _Task(actor, None)

    def _give(self, number: int, batch: Any) -> None:
        actor = self._idle.popleft()
        self._tasks[actor.do.remote(batch)] = _Task(actor, number)

    def _finished(self, waiting: deque[int]) -> Iterator[tuple[int, Any]]:
        """Yield batches that are done now; those of lost actors go back to the front of `waiting`."""
        is_working = any(task.number is not None for task in self._tasks.values())
        timeout = None if is_working else self._patience
        ready, _ = self._ray.wait([*self._tasks], timeout=timeout)
        if not ready:
            raise WorkersError(f"no worker of the Ray cluster took up the work in {timeout:.0f} seconds")
        for reference in ready:
            task = self._tasks.pop(reference, None)
            if task is None:
                continue  # of an actor that was lost a moment ago
            try:
                result = self._ray.get(reference)
            except self._ray.exceptions.RayTaskError as problem:
                raise _own(problem) from problem
            except self._ray.exceptions.RayError as problem:
                self._replace(task, waiting, problem)
                continue
            if task.number is None:
                log.info("a Ray worker has taken up the work")
                self._idle.extend([task.actor] * AT_ONCE)
            else:
                self._idle.append(task.actor)
                self._losses = 0
                yield task.number, result

    def _replace(self, lost: _Task, waiting: deque[int], problem: Exception) -> None:
        """Give up an actor; it may be back some day, when somebody else has its batches."""
        gone = {reference: task for reference, task in self._tasks.items() if task.actor is lost.actor}
        numbers = [task.number for task in (lost, *gone.values()) if task.number is not None]
        log.warning("a Ray worker was lost; %d batches go to others (%s)", len(numbers), first_line(problem))
        self._tasks = {kept: task for kept, task in self._tasks.items() if kept not in gone}
        self._idle = deque(actor for actor in self._idle if actor is not lost.actor)
        waiting.extendleft(sorted(numbers, reverse=True))
        self._ray.kill(lost.actor)
        self._losses += 1
        if self._losses > LOSSES * self._size:
            raise WorkersError(
                f"{self._losses} Ray workers were lost one after the other ({_last_line(problem)})"
            )
        self._hire()


class _Holder:
    """An actor: holds the work, and does it."""

    def hold(self, digest: str, work: list[Any]) -> None:
        import ray

        if digest != code_digest():
            raise WorkersError(
                f"{platform.node()} has another recommender, Python or NumPy; install the same on every node"
            )
        self._work: Callable[[Any], Any] = ray.get(work[0])

    def do(self, batch: Any) -> Any:
        return self._work(batch)


@contextmanager
def _environment(words: dict[str, str]) -> Iterator[None]:
    """Let what is started meanwhile have these variables."""
    before = {name: os.environ.get(name) for name in words}
    os.environ.update(words)
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name)
            if value is not None:
                os.environ[name] = value


def _knock(address: str) -> None:
    """Look whether anybody listens there: Ray itself would try again for minutes.

    Raises:
        OSError: Nobody does.
        ValueError: The address lacks a host or a port.
    """
    there = urlsplit(address)
    if there.hostname is None or there.port is None:
        raise ValueError(f"it should be {CLIENT}HOST:10001")
    socket.create_connection((there.hostname, there.port), timeout=SECONDS_TO_ANSWER).close()


def _own(problem: Any) -> Exception:
    """Return the error that the work itself raised."""
    cause = problem.cause
    if isinstance(cause, RecommenderError):
        return cause
    return WorkersError(f"the work failed on a Ray worker: {_last_line(problem)}")


def _last_line(problem: Exception) -> str:
    return (str(problem).strip().splitlines() or [type(problem).__name__])[-1].strip()
