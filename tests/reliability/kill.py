"""SIGKILL: at random moments of a night, and before every single file operation of one, with readers running.

python -m tests.reliability.kill            the short form, as the tests run it
python -m tests.reliability.kill --long     1,000 random moments
"""

import argparse
import multiprocessing
import os
import random
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.reliability.nights import N_NIGHTS, Home
from tests.reliability.readers import Readers

FORK = multiprocessing.get_context("fork")  # everything is imported, so that a writer begins at once
SEED = 20261127
SHORT, LONG = 12, 1_000
Step = Callable[[Home], object]
OPERATIONS = {"open", "os.rename", "os.remove", "os.mkdir", "os.rmdir", "sqlite3.connect", "os.truncate"}


@dataclass
class Tally:
    """What a campaign saw."""

    killed: int = 0
    finished: int = 0  # the writer was done before it was killed
    partial: int = 0  # kills that left something half made
    answers: int = 0

    def __str__(self) -> str:
        return (
            f"{self.killed} kills ({self.finished} more came too late), {self.partial} left something half"
            f" made; {self.answers} rounds of the readers: every answer of the old or of the new build"
        )


def at_random_moments(folder: Path, n: int, seed: int = SEED, n_readers: int = 2) -> Tally:
    """Kill `n` writers, each at a moment of its own, and check everything after every one."""
    home, chance, tally = Home(folder), random.Random(seed), Tally()
    home.run(0)
    with Readers(home, n_readers) as readers:
        usual = max(_seconds(home, night) for night in (1, 2, 3))
        while tally.killed < n:
            night = chance.randrange(N_NIGHTS)
            write = home.roll_back if chance.random() < 0.15 else lambda night=night: home.run(night)
            before = _state(home)
            writer = FORK.Process(target=write, daemon=True)
            writer.start()
            time.sleep(chance.uniform(0, usual))
            writer.kill()
            writer.join()
            check_after_kill(home, before, night, tally, was_killed=writer.exitcode == -signal.SIGKILL)
    tally.answers = readers.rounds
    return tally


def before_operations(home: Home, prepare: Step, write: Step, *, every: int = 1) -> int:
    """Kill a writer before its first, its second, … file operation, until one comes to its end.

    Args:
        home: Whose every check leaves whole again.
        prepare: What to do before.
        write: What is killed.
        every: Look at every operation, or at every third only.

    Returns:
        How many operations it has, to the next whole step.
    """
    home.run(0)
    number = 0
    while True:
        prepare(home)
        before = _state(home)
        writer = FORK.Process(target=_killed_at, args=(number, home, write), daemon=True)
        writer.start()
        writer.join()
        if writer.exitcode == 0:
            return number
        assert writer.exitcode == -signal.SIGKILL
        check_after_kill(home, before, before.stored, Tally(), was_killed=True)
        number += every


def check_after_kill(home: Home, before: "_State", night: int, tally: Tally, *, was_killed: bool) -> None:
    """Check that the old or the new state is there, whole, and that the next run makes all well again.

    Raises:
        AssertionError: A promise is broken.
    """
    tally.killed += was_killed
    tally.finished += not was_killed
    tally.partial += bool(home.left_over())
    assert home.stored_night() in {before.stored, night}
    assert home.published_night() in {before.published, before.predecessor, night}
    tonight = (night + 1) % N_NIGHTS
    home.run(tonight)
    assert home.published_night() == home.stored_night() == tonight
    assert home.left_over() == []
    assert len(home.store.builds()) <= 3


@dataclass(frozen=True)
class _State:
    stored: int
    published: int
    predecessor: int | None


def _state(home: Home) -> _State:
    previous = home.store.predecessor()
    build = home.store.open(previous) if previous else None
    night = int(build.papers.paper(0).venue.split()[1]) if build else None
    if build:
        build.close()
    return _State(home.stored_night(), home.published_night(), night)


def _seconds(home: Home, night: int) -> float:
    began = time.perf_counter()
    home.run(night)
    return time.perf_counter() - began


def _killed_at(number: int, home: Home, write: Step) -> None:
    """Do what `write` does, and die before the file operation of this number, counted from 0."""
    counted, below = 0, str(home.folder)

    def count(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal counted
        if event in OPERATIONS and below in str(arguments[0]):
            if counted == number:
                os.kill(os.getpid(), signal.SIGKILL)
            counted += 1

    sys.addaudithook(count)
    write(home)


def main() -> None:
    """Run the campaign of the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--long", action="store_true")
    parser.add_argument("--seed", type=int, default=SEED)
    options = parser.parse_args()
    with TemporaryDirectory() as folder:
        print(at_random_moments(Path(folder), LONG if options.long else SHORT, options.seed))  # noqa: T201


if __name__ == "__main__":
    main()
