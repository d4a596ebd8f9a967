"""Readers, writers and a server at once: no error, no mixed answer.

python -m tests.reliability.together            the short form, as the tests run it
python -m tests.reliability.together --long     8 readers for 60 s
"""

import argparse
import multiprocessing
import random
import time
from multiprocessing.connection import Connection
from pathlib import Path
from tempfile import TemporaryDirectory

from recommender.errors import LockedError
from tests.reliability.nights import N_NIGHTS, Home
from tests.reliability.readers import Readers

FORK = multiprocessing.get_context("fork")
SEED = 20261127
PATIENCE = 60.0


def readers_over_publications(
    folder: Path, *, n_readers: int, n_least: int, seconds: float = 0, seed: int = SEED
) -> tuple[int, int]:
    """Publish and roll back while readers ask, some of whom keep a build longer than others.

    Returns:
        How many publications and rollbacks there were, at least `n_least` and for as long as `seconds`,
        and how many rounds the readers came to.
    """
    home, chance = Home(folder), random.Random(seed)
    home.run(0)
    done, began = 0, time.monotonic()
    with (
        Readers(home, n_readers - n_readers // 2) as quick,
        Readers(home, n_readers // 2, pause=0.7) as slow,  # as long as several publications
    ):
        while done < n_least or time.monotonic() - began < seconds or not slow.rounds:
            if chance.random() < 0.2:
                home.roll_back()
            else:
                home.run(chance.randrange(N_NIGHTS))
            done += 1
            quick.check_now()
            slow.check_now()
    assert home.published_night() in range(N_NIGHTS)
    home.run(0)
    assert home.left_over() == []
    assert len(home.store.builds()) <= 3
    return done, quick.rounds + slow.rounds


def two_writers(folder: Path, n: int) -> tuple[int, int]:
    """Let two processes run nights at the same time: `n` by one that waits, the others by one that does not.

    Returns:
        How many nights the impatient one did, and how many times it was turned away.
    """
    home = Home(folder)
    home.run(0)
    reader, writer = FORK.Pipe(duplex=False)
    patient = FORK.Process(target=_nights, args=(home, n, PATIENCE, writer), daemon=True)
    patient.start()
    done, away = 0, 0
    while patient.is_alive():
        try:
            home.run(done % N_NIGHTS)
            done += 1
        except LockedError:
            away += 1
        time.sleep(0.01)
    assert reader.recv() == n
    assert home.published_night() == home.stored_night()
    assert home.left_over() == []
    return done, away


def _nights(home: Home, n: int, wait: float, answer: Connection) -> None:
    done = 0
    for night in range(n):
        home.run(night % N_NIGHTS, wait)
        done += 1
    answer.send(done)


def main() -> None:
    """Run the campaigns of the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--long", action="store_true")
    parser.add_argument("--seed", type=int, default=SEED)
    options = parser.parse_args()
    with TemporaryDirectory() as folder:
        wanted = {"n_readers": 8, "seconds": 60} if options.long else {"n_readers": 4}
        done, rounds = readers_over_publications(Path(folder), n_least=20, seed=options.seed, **wanted)
        print(f"{done} publications and rollbacks, {rounds} rounds of the readers, no error, none mixed")  # noqa: T201
    with TemporaryDirectory() as folder:
        done, away = two_writers(Path(folder), 20 if options.long else 5)
        print(f"two writers: {done} nights, turned away {away} times")  # noqa: T201


if __name__ == "__main__":
    main()
