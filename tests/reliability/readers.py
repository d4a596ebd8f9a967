"""Readers in processes of their own, who compare every answer with the right ones while others write."""

import multiprocessing
import time
from multiprocessing.sharedctypes import Synchronized
from types import TracebackType
from typing import Any, Self

from recommender.errors import BuildError
from recommender.recommendation import Recommender
from tests.conftest import LetterEmbedder
from tests.reliability.nights import (
    IDS,
    N_NIGHTS,
    Home,
    everything,
    right_answers,
    right_look_ups,
)

FORK = multiprocessing.get_context("fork")


class Readers:
    """A context manager: within it, processes ask the home folder everything, again and again.

    Whatever a reader did not expect is raised when the block ends.
    """

    def __init__(self, home: Home, n: int, *, pause: float = 0.0, rest: float = 0.0) -> None:
        """Prepare `n` of them, who keep every build for `pause` seconds, and rest in between."""
        for night in range(N_NIGHTS):  # computed once, before the processes part
            right_answers(night, home.engine, home.changes)
        self._stop, self._wrong = FORK.Event(), FORK.SimpleQueue()
        self._rounds: Synchronized[int] = FORK.Value("q", 0)
        arguments = (home, self._stop, self._wrong, self._rounds, pause, rest)
        self._processes = [FORK.Process(target=_read, args=arguments, daemon=True) for _ in range(n)]

    def __enter__(self) -> Self:
        for process in self._processes:
            process.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        for process in self._processes:
            process.join()
        if kind is None:
            self.check()

    def check(self) -> None:
        """Raise what a reader found wrong, and see that all came to something."""
        self.check_now()
        assert self.rounds >= len(self._processes), "no reader came to an answer"
        assert all(process.exitcode in (None, 0) for process in self._processes)

    def check_now(self) -> None:
        """Raise what a reader found wrong so far."""
        if not self._wrong.empty():
            raise AssertionError(self._wrong.get())

    @property
    def rounds(self) -> int:
        """How many times everything was asked, by all of them together."""
        return self._rounds.value


def _read(home: Home, stop: Any, wrong: Any, rounds: Any, pause: float, rest: float) -> None:
    number = 0
    while not stop.is_set():
        try:
            _one_round(home, pause)
            _look_up(home, IDS[number % len(IDS)])
        except Exception as problem:
            wrong.put(f"{type(problem).__name__}: {problem}")
            return
        number += 1
        with rounds.get_lock():
            rounds.value += 1
        time.sleep(rest)


def _one_round(home: Home, pause: float) -> None:
    """Open the current build, which others may outlive, and ask it everything."""
    build = home.store.current()
    time.sleep(pause)
    try:
        night = int(build.papers.paper(0).venue.split()[1])
        found = everything(Recommender(build, LetterEmbedder))
    finally:
        build.close()
    right = right_answers(night, home.engine, home.changes)
    assert found in right, f"a wrong answer of build {build.manifest.build_id}"


def _look_up(home: Home, paper_id: str) -> None:
    try:
        found = home.look_up(paper_id)
    except (BuildError, OSError, ValueError):
        return  # left to the commands, which ask as above
    if found is not None:
        night = int(found[0].split()[1])
        assert found in right_look_ups(night, paper_id, home.changes), f"a wrong look-up of {paper_id}"
