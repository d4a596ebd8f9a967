"""A disk that is full, read-only, forbidden or fails: one clear sentence, and yesterday's build answers.

python -m tests.reliability.full            the short form, as the tests run it
python -m tests.reliability.full --long     200 limits on the size of a file, and every file operation,
                                            a disk of 2 MB filled in 50 steps, and no permission
"""

import argparse
import errno
import multiprocessing
import os
import resource
import shutil
import subprocess
import sys
import traceback
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from tempfile import TemporaryDirectory

from recommender.errors import RecommenderError
from tests.reliability.kill import OPERATIONS
from tests.reliability.nights import N_NIGHTS, Home

FORK = multiprocessing.get_context("fork")
NOBODY = 65534
SHORT, LONG = 10, 200
FAILURES = (errno.ENOSPC, errno.EIO, errno.EROFS, errno.EXDEV)
FAILED: list[str] = []  # in the process of the writer, what was let fail
REFUSED, CRASHED = 3, 4  # exit codes of a writer


def limited(home: Home, n: int) -> Counter[str]:
    """Run nights that may write files of at most so many bytes, from none to enough, `n` sizes in all."""
    home.run(0)
    largest = max(path.stat().st_size for path in home.folder.rglob("*") if path.is_file())
    tally = Counter[str]()
    for number in range(n):
        size = largest * number // (n - 1)
        tally[checked(home, lambda size=size: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size)))] += 1
    return tally


def failing(home: Home, *, every: int = 1) -> Counter[str]:
    """Let one file operation of a night fail, the first, the second, … until a night has no more."""
    home.run(0)
    tally, number = Counter[str](), 0
    while True:
        what = checked(home, lambda number=number: _fail_at(number, home))
        if what == "finished":
            return tally
        tally[what] += 1
        number += every


def checked(home: Home, prepare: Callable[[], None], afterwards: Callable[[], None] = lambda: None) -> str:
    """Run a night after `prepare` in a process of its own, and check what it says and leaves.

    `afterwards` is done before the next night, which has to come to its end.

    Returns:
        What it came to: `finished`, `refused`, or `went on without harm`: it failed where that is all one.

    Raises:
        AssertionError: It did not say so in one line, something half made is left, an answer has changed,
            or the next night does not come to its end.
    """
    before = home.published_night()
    night = (before + 1) % N_NIGHTS
    reader, writer = FORK.Pipe(duplex=False)
    process = FORK.Process(target=_run, args=(home, night, prepare, writer), daemon=True)
    process.start()
    writer.close()
    code, said, has_failed = reader.recv()
    process.join()
    assert code in (0, REFUSED), f"the writer ended with {code}: {said}"
    if code == REFUSED:
        assert len(said.splitlines()) == 1, said
        assert len(said) > 20, said
    assert home.published_night() in {before, night}
    assert home.stored_night() in {before, night}
    afterwards()
    home.run((night + 1) % N_NIGHTS)
    assert home.published_night() == (night + 1) % N_NIGHTS
    assert home.left_over() == []
    if code:
        return "refused"
    return "went on without harm" if has_failed else "finished"


@contextmanager
def small_disk(folder: Path) -> Iterator[Path | None]:
    """Mount a disk of 2 MB below a folder; yield where, None: the system lets none be mounted."""
    mounted = folder / "disk"
    mounted.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(mounted)]
    if not shutil.which("mount") or subprocess.run(command, capture_output=True).returncode:
        yield None
        return
    try:
        yield mounted
    finally:
        subprocess.run(["umount", "-l", str(mounted)], check=True)


def filling(disk: Path, shares: Iterable[float]) -> Counter[str]:
    """Run nights on a small disk of whose free space other files take so much."""
    home, filler, tally = Home(disk / "home"), disk / "filler", Counter[str]()
    home.run(0)
    for share in shares:
        found = os.statvfs(disk)
        filler.write_bytes(bytes(int(found.f_bavail * found.f_frsize * share)))
        tally[checked(home, lambda: None, afterwards=filler.unlink)] += 1
    return tally


def forbid(home: Home) -> None:
    """Take the right to write anywhere below a home folder from this process."""
    if os.geteuid() == 0:
        for path in (home.folder, *home.folder.parents):
            path.chmod(path.stat().st_mode | 0o555)
        os.seteuid(NOBODY)
        return
    for path in home.folder.rglob("*"):
        path.chmod(0o555 if path.is_dir() else 0o444)


def _run(home: Home, night: int, prepare: Callable[[], None], answer: Connection) -> None:
    try:
        prepare()
        home.run(night)
        answer.send((0, "", bool(FAILED)))
    except RecommenderError as problem:
        answer.send((REFUSED, str(problem), True))
    except BaseException:
        answer.send((CRASHED, traceback.format_exc(), True))


def _fail_at(number: int, home: Home) -> None:
    """Let the file operation of this number, counted from 0, fail from here on in this process."""
    counted, below = 0, str(home.folder)
    operations = OPERATIONS - {"sqlite3.connect"}  # which never fails so

    def fail(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal counted
        if event in operations and below in str(arguments[0]):
            counted += 1
            if counted == number + 1:
                code = FAILURES[number % len(FAILURES)]
                FAILED.append(f"{event} {arguments}")
                raise OSError(code, os.strerror(code))

    sys.addaudithook(fail)


def main() -> None:
    """Run the campaigns of the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--long", action="store_true")
    options = parser.parse_args()
    with TemporaryDirectory() as folder:
        print("size of a file:", dict(limited(Home(Path(folder)), LONG if options.long else SHORT)))  # noqa: T201
    with TemporaryDirectory() as folder:
        print("operations:", dict(failing(Home(Path(folder)), every=1 if options.long else 9)))  # noqa: T201
    with TemporaryDirectory() as folder, small_disk(Path(folder)) as disk:
        shares = [number / (50 if options.long else 5) for number in range(51 if options.long else 6)]
        print("disk of 2 MB:", dict(filling(disk, shares)) if disk else "none can be mounted here")  # noqa: T201
    if os.geteuid() == 0:  # only root can take a right from a process and keep it for the next night
        with TemporaryDirectory() as folder:
            home = Home(Path(folder) / "home")
            home.run(0)
            print("no permission:", checked(home, lambda: forbid(home)))  # noqa: T201


if __name__ == "__main__":
    main()
