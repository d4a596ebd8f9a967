"""The seam between work and those who do it, and the one who is always there."""

import os
import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Protocol, TypeVar

from recommender.cores import cores
from recommender.errors import SettingsError, WorkersError

Batch = TypeVar("Batch")
Result = TypeVar("Result")

AHEAD = 2  # batches a thread or a process beyond the one that is waited for
SHORT = 3.0  # seconds; work that takes no longer is not worth a process, which takes one to start
SECONDS_ALONE = 1.0  # a process goes on without the one that it works for
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
            yield from _in_order(lambda batch: pool.submit(work, batch), batches, at_once)


class Processes:
    """Does several batches at once in processes of their own, which take up the work once.

    For Python that no other thread could run beside. The first batches are done here: who has few is done
    before a process would be there. The processes do not run the program's own script again, as those of
    `multiprocessing` would (https://loky.readthedocs.io).
    """

    def __init__(self, short: float = SHORT) -> None:
        """Take for how many seconds batches are done here."""
        self._short = short

    def map(self, work: Callable[[Batch], Result], batches: Iterable[Batch]) -> Iterator[Result]:
        rest = iter(batches)
        began = time.perf_counter()
        at_once = cores()
        for batch in rest:
            yield work(batch)
            if at_once > 1 and time.perf_counter() - began > self._short:
                break
        else:
            return
        yield from self._apart(work, rest, at_once)

    def _apart(
        self, work: Callable[[Batch], Result], batches: Iterator[Batch], at_once: int
    ) -> Iterator[Result]:
        from loky.process_executor import ProcessPoolExecutor, TerminatedWorkerError  # takes a while

        pool = ProcessPoolExecutor(at_once, initializer=_hold, initargs=(work,), env={"OMP_NUM_THREADS": "1"})
        is_done = False
        try:
            yield from _in_order(lambda batch: pool.submit(_do, batch), batches, at_once)
            is_done = True
        except TerminatedWorkerError as problem:
            raise WorkersError(
                "a process that shared the work was killed, perhaps for want of memory; run it again:"
                " of a rebuild what was embedded is kept. With OMP_NUM_THREADS=1 one process does it all"
            ) from problem
        finally:
            pool.shutdown(wait=True, kill_workers=not is_done)


def _in_order(
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


_held: list[Any] = []  # the work of a process of `Processes`


def _hold(work: Callable[[Any], Any]) -> None:
    _held[:] = [work]
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # who started this one hears it too, and ends it
    threading.Thread(target=_leave_with, args=(os.getppid(),), daemon=True).start()


def _leave_with(parent: int) -> None:
    """End this process soon after the one that started it was killed, which can tell nobody."""
    while os.getppid() == parent:
        time.sleep(SECONDS_ALONE)
    os._exit(1)


def _do(batch: Any) -> Any:
    return _held[0](batch)


HERE = ThisProcess()
THREADS = Threads()
PROCESSES = Processes()


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
