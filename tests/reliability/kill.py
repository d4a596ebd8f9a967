"""SIGKILL: at random moments of a night, and before every single file operation of one, with readers running.

python -m tests.reliability.kill            the short form, as the tests run it: 100 random moments
python -m tests.reliability.kill --long     1,000 random moments, and every file operation of every step
"""

import argparse
import multiprocessing
import os
import random
import signal
import sqlite3
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from recommender.builds import Manifest, unfinished
from recommender.builds.unfinished import Unfinished
from tests.reliability.nights import KEPT, KINDS, N_NIGHTS, Home, in_memory, time_of
from tests.reliability.readers import Readers

FORK = multiprocessing.get_context("fork")  # everything is imported, so that a writer begins at once
SEED = 20261127
SHORT, LONG = 70, 1_000
REST = 0.01  # seconds between the questions of a reader, so that the writers have a processor
OPERATIONS = {"open", "os.rename", "os.remove", "os.mkdir", "os.rmdir", "sqlite3.connect", "os.truncate"}


@dataclass
class Tally:
    """What a campaign saw."""

    killed: int = 0
    finished: int = 0  # the writer was done before it was killed
    partial: int = 0  # kills that left something half made
    carried: int = 0  # nights after a kill that took neighbours over from the build before
    earlier: int = 0  # nights after a kill whose clock was behind that of the build before
    resumed: int = 0  # nights after a kill that went on with the build that it left
    answers: int = 0

    def __str__(self) -> str:
        return (
            f"{self.killed} kills ({self.finished} more came too late), {self.partial} left something half"
            f" made; of the nights after them {self.resumed} went on with it, {self.carried} took over"
            f" neighbours and {self.earlier} had a clock that went back; {self.answers} rounds of the"
            " readers: every answer of the old or of the"
            " new build"
        )


@dataclass(frozen=True)
class State:
    """Which nights a home folder holds: in its library, published, and what a rollback would publish."""

    stored: int
    published: int
    predecessor: int

    @classmethod
    def of(cls, home: Home) -> "State":
        """Read it off the first paper of each; that all others fit is checked elsewhere."""
        current, previous = _current_and_previous(home)
        return cls(home.stored_night(), _night_named(home, current), _night_named(home, previous))


@dataclass(frozen=True, kw_only=True)
class Step:
    """A part of a night, to be killed.

    Attributes:
        write: Does it, for the night of a number.
        prepare: Does what comes before it.
        leads_to: What there may be instead of what was.
    """

    write: Callable[[Home, int], object]
    prepare: Callable[[Home, int], object] = lambda home, night: None
    leads_to: Callable[[State, int], State] = lambda before, night: before


def _stage(home: Home, night: int) -> None:
    home.import_night(night)
    home.rebuild(time_of(night))


def _publish(home: Home, _: int) -> None:
    home.store.publish(home.store.builds()[-1])


def _two_nights(home: Home, night: int) -> None:
    for one in (night, (night + 1) % N_NIGHTS):
        _stage(home, one)
        _publish(home, one)


STEPS = {
    "import": Step(
        write=lambda home, night: home.import_night(night),
        leads_to=lambda before, night: replace(before, stored=night),
    ),
    "rebuild": Step(
        write=lambda home, night: home.rebuild(time_of(night)),
        prepare=lambda home, night: home.import_night(night),
    ),
    "publish": Step(
        write=_publish,
        prepare=_stage,
        leads_to=lambda before, night: replace(before, published=night),
    ),
    "roll back": Step(
        write=lambda home, _: home.store.rollback(),
        prepare=_two_nights,
        leads_to=lambda before, _: replace(before, published=before.predecessor),
    ),
    "prune": Step(write=lambda home, _: home.store.prune(KEPT), prepare=_two_nights),
}


def at_random_moments(home: Home, n: int, seed: int = SEED, n_readers: int = 2) -> Tally:
    """Kill `n` writers, each at a moment of its own, and check everything after every one."""
    chance, tally = random.Random(seed), Tally()
    home.run(0)
    with noting_all(), Readers(home, n_readers, rest=REST) as readers:
        usual = sorted(_seconds(partial(home.run, night)) for night in (1, 2, 3))[1]
        usual_back = _seconds(home.roll_back)
        while tally.killed < n:
            before = State.of(home)
            if chance.random() < 0.15:
                write, most = home.roll_back, usual_back
                after = replace(before, published=before.predecessor)
            else:
                night = chance.randrange(N_NIGHTS)
                write, most = partial(home.run, night), usual
                after = replace(before, stored=night, published=night)
            writer = FORK.Process(target=write, daemon=True)
            writer.start()
            time.sleep(chance.uniform(0, most))
            writer.kill()
            writer.join()
            assert writer.exitcode in (0, -signal.SIGKILL)
            tally.killed += writer.exitcode != 0
            tally.finished += writer.exitcode == 0
            # every other time it is the same night that is tried again
            tonight = (after.stored + chance.randrange(2)) % N_NIGHTS
            check_after_kill(home, before, after, tonight, tally, n_readers)
            readers.check_now()
    tally.answers = readers.rounds
    return tally


def before_operations(home: Home, step: Step, *, every: int = 1, n_readers: int = 0) -> int:
    """Kill a writer before its first, its second, … file operation, until one comes to its end.

    Args:
        home: Whose every check leaves whole again.
        step: What is killed.
        every: Look at every operation, or at every third only.
        n_readers: How many ask meanwhile.

    Returns:
        How many operations it has, to the next whole `every`.
    """
    number = 0
    for night in (0, 1):
        home.run(night)
    with noting_all(), Readers(home, n_readers) as readers:
        while True:
            night = (home.stored_night() + 1) % N_NIGHTS
            step.prepare(home, night)
            before = State.of(home)
            writer = FORK.Process(target=_killed_at, args=(number, home, step, night), daemon=True)
            writer.start()
            writer.join()
            if writer.exitcode == 0:
                return number
            assert writer.exitcode == -signal.SIGKILL
            after = step.leads_to(before, night)
            check_after_kill(home, before, after, (after.stored + 1) % N_NIGHTS, Tally(), n_readers)
            readers.check_now()
            number += every


def check_after_kill(
    home: Home, before: State, after: State, tonight: int, tally: Tally, n_readers: int
) -> None:
    """Check that the old or the new state is there, whole, and that the next night makes all well again.

    Each reader may have one more build open, which is spared until the night after; so is the build that a
    rollback returns to, where one that was never published is newer.

    Raises:
        AssertionError: A promise is broken.
    """
    tally.partial += bool(home.left_over())
    assert home.stored_night() in {before.stored, after.stored}
    assert home.published_night() in {before.published, after.published}
    for build_id in home.store.builds():
        home.checked_night(home.store.open(build_id))
    with counting_resumed(tally):
        home.run(tonight)
    assert home.published_night() == home.stored_night() == tonight
    assert home.left_over() == []
    assert len(home.store.builds()) <= KEPT + 1 + n_readers
    made, earlier = (Manifest.read(home.store.root / build_id) for build_id in _current_and_previous(home))
    tally.carried += made.n_carried > 0
    tally.earlier += made.created < earlier.created


@contextmanager
def noting_all() -> Iterator[None]:
    """Have every stage of a rebuild noted, however short, so that the next one can go on from there."""
    worth, unfinished.WORTH = unfinished.WORTH, 0.0
    try:
        yield
    finally:
        unfinished.WORTH = worth


@contextmanager
def counting_resumed(tally: Tally) -> Iterator[None]:
    """Count the rebuilds that go on with what another has left."""
    take_up = Unfinished.take_up

    def counted(*arguments: object) -> Unfinished | None:
        found = take_up(*arguments)
        tally.resumed += found is not None
        return found

    Unfinished.take_up = staticmethod(counted)
    try:
        yield
    finally:
        Unfinished.take_up = take_up


def _current_and_previous(home: Home) -> tuple[str, str]:
    """Return the ids of the current build and of the one before, which it is itself if there is none."""
    current = home.store.current_id()
    return current, home.store.predecessor() or current


def _night_named(home: Home, build_id: str) -> int:
    build = home.store.open(build_id)
    try:
        return int(build.papers.paper(0).venue.split()[1])
    finally:
        build.close()


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _killed_at(number: int, home: Home, step: Step, night: int) -> None:
    """Do a step, and die before the file operation of this number, counted from 0.

    What SQLite does with its files is no event: it dies before each of its statements instead.
    """
    counted, below, connect = 0, str(home.folder), sqlite3.connect

    def count(_: str) -> None:
        nonlocal counted
        if counted == number:
            os.kill(os.getpid(), signal.SIGKILL)
        counted += 1

    def connect_and_count(*arguments: object, **rest: object) -> sqlite3.Connection:
        connection = connect(*arguments, **rest)
        connection.set_trace_callback(count)
        return connection

    sqlite3.connect = connect_and_count
    sys.addaudithook(lambda event, given: count(event) if is_operation(event, given, below) else None)
    step.write(home, night)


def is_operation(event: str, arguments: tuple[object, ...], below: str) -> bool:
    """Tell whether an event is a file operation below a folder.

    Only `shutil.rmtree` names files without their folder, and all that a writer deletes is below its own.
    """
    if event not in OPERATIONS:
        return False
    place, relative_to = str(arguments[0]), arguments[-1]
    if event == "open":  # tells nothing of the folder
        return below in place
    return below in place or (not Path(place).is_absolute() and relative_to not in (None, -1))


def main() -> None:
    """Run the campaigns of the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--long", action="store_true")
    parser.add_argument("--seed", type=int, default=SEED)
    options = parser.parse_args()
    for changes in KINDS:
        with TemporaryDirectory() as folder:  # on a disk, other than in the tests
            n = (LONG if options.long else SHORT) // len(KINDS)
            done = at_random_moments(Home(Path(folder), changes=changes), n, options.seed)
            print(f"nights in which {changes} texts change: {done}")  # noqa: T201
    for changes in KINDS if options.long else ():
        for name, step in STEPS.items():
            with in_memory() as folder:
                n_readers = int(name != "prune")  # which spares a build that somebody reads
                n = before_operations(Home(folder, changes=changes), step, n_readers=n_readers)
                print(f"nights in which {changes} texts change, {name}: {n} operations, all killed")  # noqa: T201


if __name__ == "__main__":
    main()
