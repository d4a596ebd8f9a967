"""Processes of this machine, for work that no thread could do beside another."""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import BrokenExecutor, Future
from typing import Any

from recommender.cores import cores
from recommender.errors import WorkersError
from recommender.workers.crew import Batch, Result, in_order

SHORT = 3.0  # seconds; work that takes no longer is not worth a process, which takes one to start
SECONDS_ALONE = 1.0  # a process goes on without the one that it works for


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
            yield from in_order(lambda batch: pool.submit(_do, batch), batches, at_once)
            is_done = True
        except TerminatedWorkerError as problem:
            raise WorkersError(
                "a process that shared the work was killed, perhaps for want of memory; run it again:"
                " of a rebuild what was embedded is kept. With OMP_NUM_THREADS=1 one process does it all"
            ) from problem
        finally:
            pool.shutdown(wait=True, kill_workers=not is_done)


class ProcessAside:
    """Does one thing after the other in a process of its own, which begins with the first."""

    def __init__(self) -> None:
        """Begin no process yet."""
        self._pool: Any = None

    def submit(self, work: Callable[[Batch], Result], given: Batch) -> "Future[Result]":
        """Have something done; a process that was killed since the last time has a successor.

        The future raises `concurrent.futures.process.BrokenProcessPool` if the process is killed meanwhile.
        """
        try:
            return self._submitted(work, given)
        except BrokenExecutor:
            self.close()
            return self._submitted(work, given)

    def _submitted(self, work: Callable[[Batch], Result], given: Batch) -> "Future[Result]":
        from loky.process_executor import ProcessPoolExecutor  # takes a while

        if self._pool is None:
            self._pool = ProcessPoolExecutor(1, initializer=live_with_parent)
        future: Future[Result] = self._pool.submit(work, given)
        return future

    def close(self) -> None:
        """End the process, whatever it is at."""
        if self._pool is not None:
            self._pool.shutdown(wait=True, kill_workers=True)
            self._pool = None


_held: list[Any] = []  # the work of a process of `Processes`


def _hold(work: Callable[[Any], Any]) -> None:
    _held[:] = [work]
    live_with_parent()


def live_with_parent() -> None:
    """Have this process end only when who started it ends it, or soon after that one was killed.

    Who is killed can tell nobody; an interrupt from the keyboard is heard by both.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_leave_with, args=(os.getppid(),), daemon=True, name="watch the parent").start()


def _leave_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(SECONDS_ALONE)
    os._exit(1)


def _do(batch: Any) -> Any:
    return _held[0](batch)


PROCESSES = Processes()
