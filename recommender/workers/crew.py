"""The seam between work and those who do it, and those who are always there: this process and its threads."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from typing import Protocol, TypeVar

from recommender.cores import cores
from recommender.errors import SettingsError

Batch = TypeVar("Batch")
Result = TypeVar("Result")

AHEAD = 2  # batches a thread or a process beyond the one that is waited for
LOCAL, CLUSTER, CLIENT = "local", "ray", "ray://"


class Workers(Protocol):
    """Whoever does the work of a rebuild that can be done batch by batch."""

    def map(self, work: Callable[[Batch], Result], batches: Iterable[Batch]) -> Iterator[Result]:
        """Yield what `work` makes of each batch, in their order.

        A batch may be worked on more than once, and batches ahead of the one that is waited for: `work`
        changes nothing, and depends on its batch alone.

        Raises:
            WorkersError: They are gone, or cannot be reached.
        """
        ...


class ThisProcess:
    """Does the work here, one batch after the other."""

    def map(self, work: Callable[[Batch], Result], batches: Iterable[Batch]) -> Iterator[Result]:
        return map(work, batches)


class Threads:
    """Does several batches at once, as many as there are cores, or as OMP_NUM_THREADS says.

    For work that mostly waits for code which lets other threads run.
    """

    def map(self, work: Callable[[Batch], Result], batches: Iterable[Batch]) -> Iterator[Result]:
        at_once = cores()
        with ThreadPoolExecutor(at_once) as pool:
            yield from in_order(lambda batch: pool.submit(work, batch), batches, at_once)


def in_order(
    submit: Callable[[Batch], Future[Result]], batches: Iterable[Batch], at_once: int
) -> Iterator[Result]:
    """Yield the results of batches in their order, of which some are under way ahead."""
    ahead: deque[Future[Result]] = deque()
    for batch in batches:
        ahead.append(submit(batch))
        if len(ahead) > AHEAD * at_once:
            yield ahead.popleft().result()
    while ahead:
        yield ahead.popleft().result()


HERE = ThisProcess()
THREADS = Threads()


def open_workers(name: str) -> AbstractContextManager[Workers]:
    """Return those that a setting names; they are called when there is work.

    Args:
        name: Empty: this process. `local`: a Ray of our own on this machine, all cores. `ray`: the cluster
            that this machine is a node of. `ray://HOST:PORT`: a cluster by its client server.

    Raises:
        SettingsError: The name is none of these.
        MissingExtraError: Ray is not installed.
    """
    if not name:
        return nullcontext(HERE)
    if name not in (LOCAL, CLUSTER) and not name.startswith(CLIENT):
        raise SettingsError(f"no workers {name!r}; choose one of {LOCAL}, {CLUSTER}, {CLIENT}HOST:10001")
    from recommender.workers.ray import RayWorkers

    return RayWorkers(name)
