"""A disk that is full, read-only, forbidden or fails: one clear sentence, and yesterday's build answers.

python -m tests.reliability.full            the short form, as the tests run it
python -m tests.reliability.full --long     200 limits on the size of a file, every file operation failing in
                                            every way, a disk of 2 MB filled in 50 steps, and no permission
"""

import argparse
import errno
import multiprocessing
import os
import re
import resource
import subprocess
import sys
import traceback
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from itertools import count
from multiprocessing.connection import Connection
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol

from recommender.builds.staging import PARTIAL
from recommender.errors import RecommenderError
from tests.reliability.kill import is_operation
from tests.reliability.nights import KINDS, N_NIGHTS, Home, in_memory

FORK = multiprocessing.get_context("fork")
NOBODY = 65534
CAP_SYS_ADMIN = 21
SHORT, LONG = 10, 200
FAILURES = (errno.ENOSPC, errno.EIO, errno.EROFS, errno.EXDEV, errno.ESTALE, errno.EBUSY, errno.ENOTEMPTY)
PAGE = 4_096
ENOUGH = 50 * PAGE  # bytes: a night finds room in half of them
FAILED: list[str] = []  # in the process of the writer, what was let fail
REFUSED, CRASHED = 3, 4  # exit codes of a writer


class LetFail(Protocol):
    """Lets one thing of a kind fail in this process, and writes down which."""

    def __call__(self, number: int, home: Home, way: int) -> None:
        """Let the one of a number fail, counted from 0, in a way of a number, which goes round."""
        ...


def limited(home: Home, n: int, *, of_builds: bool = False) -> Counter[str]:
    """Run nights that may write files of at most so many bytes, from none to enough, `n` sizes in all.

    `of_builds` sets the limit only when a build is begun: before that the library is refused, whose file is
    larger than all of a build.
    """
    home.run(0)
    prepare, folder = (limit_builds, home.store.root) if of_builds else (limit, home.folder)
    largest = max(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    return Counter(checked(home, partial(prepare, largest * number // (n - 1))) for number in range(n))


def limit(size: int) -> None:
    """Let this process write no file that is larger."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


def limit_builds(size: int) -> None:
    """Let this process write no file that is larger, as soon as it has made the folder of a build."""

    def hear(event: str, arguments: tuple[object, ...]) -> None:
        if event == "os.mkdir" and str(arguments[0]).endswith(PARTIAL):
            limit(size)

    sys.addaudithook(hear)


def failing(home: Home, let_fail: LetFail, *, every: int = 1, ways: int = 1) -> Counter[str]:
    """Let one thing fail in a night, the first of its kind, the second, … until a night has no more.

    Args:
        home: Whose every check leaves whole again.
        let_fail: Prepares it in the process that will do the night.
        every: Let every one fail, or every third only.
        ways: In how many ways each fails, one after the other.
    """
    home.run(0)
    tally, number = Counter[str](), 0
    while True:
        for way in range(number, number + ways):
            what = checked(home, partial(let_fail, number, home, way))
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
    code, said, failed = reader.recv()
    process.join()
    assert code in (0, REFUSED), f"the writer ended with {code} after {failed}: {said}"
    if code == REFUSED:
        assert len(said.splitlines()) == 1, said
        assert len(said) > 20, said
    left = home.left_over()  # only where deleting is what failed
    assert not left or said.startswith("cannot delete") or len(failed) > 1, f"after {failed}: {left}, {said}"
    assert home.published_night() in {before, night}
    for build_id in home.store.builds():
        home.checked_night(home.store.open(build_id))
    assert home.stored_night() in {before, night}
    afterwards()
    home.run((night + 1) % N_NIGHTS)
    assert home.published_night() == (night + 1) % N_NIGHTS
    assert home.left_over() == []
    if code:
        return "refused"
    return "went on without harm" if failed else "finished"


@contextmanager
def small_disk(folder: Path) -> Iterator[Path | None]:
    """Mount a disk of 2 MB below a folder; yield where, None: this process has no right to mount."""
    mounted = folder / "disk"
    mounted.mkdir()
    if not _may_mount():
        yield None
        return
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(mounted)], check=True)
    try:
        yield mounted
    finally:
        subprocess.run(["umount", "-l", str(mounted)], check=True)


def _may_mount() -> bool:
    """Tell whether this process may, as root does where it is not shut in."""
    status = Path("/proc/self/status")
    if not status.exists():
        return False
    rights = re.search(r"^CapEff:\s*(\w+)$", status.read_text(encoding="utf-8"), re.MULTILINE)
    return bool(int(rights[1], 16) >> CAP_SYS_ADMIN & 1)


def filling(disk: Path, sizes: Iterable[int]) -> Counter[str]:
    """Run nights on a small disk of which other files leave so many bytes."""
    home, filler, tally = Home(disk / "home"), disk / "filler", Counter[str]()
    home.run(0)
    for size in sizes:
        found = os.statvfs(disk)
        filler.write_bytes(bytes(found.f_bavail * found.f_frsize - size))
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
        answer.send((0, "", FAILED))
    except RecommenderError as problem:
        answer.send((REFUSED, str(problem), FAILED))
    except BaseException:
        answer.send((CRASHED, traceback.format_exc(), FAILED))


def operation(number: int, home: Home, way: int) -> None:
    """Let a file operation fail, before anything is done."""
    _fail_where(home, way, lambda counted: counted == number)


def gone(number: int, home: Home, way: int) -> None:
    """Let a file operation fail, and all after it too."""
    _fail_where(home, way, lambda counted: counted >= number)


def _fail_where(home: Home, way: int, is_wanted: Callable[[int], bool]) -> None:
    numbers, below = count(), str(home.folder)

    def fail(event: str, arguments: tuple[object, ...]) -> None:
        if (
            event != "sqlite3.connect"  # which never fails so
            and is_operation(event, arguments, below)
            and is_wanted(next(numbers))
        ):
            raise _failure(FAILURES[way % len(FAILURES)], event, arguments[0])

    sys.addaudithook(fail)


def renamed(number: int, home: Home, way: int) -> None:
    """Let a rename be reported as failed that was done, as by a server (NFS) whose answer was lost."""
    numbers = count()

    def late(rename: Callable[..., None]) -> Callable[..., None]:
        def rename_(source: object, target: object, **rest: object) -> None:
            rename(source, target, **rest)
            if next(numbers) == number:
                raise _failure(errno.ESTALE, "rename", source)

        return rename_

    os.rename, os.replace = late(os.rename), late(os.replace)


def synced(number: int, home: Home, way: int) -> None:
    """Let the disk fail where it is waited for."""
    numbers, fsync = count(), os.fsync

    def fail(descriptor: int) -> None:
        if next(numbers) == number:
            raise _failure(errno.EIO, "fsync")
        fsync(descriptor)

    os.fsync = fail


def _failure(code: int, what: str, *place: object) -> OSError:
    FAILED.append(f"{what} {place} {errno.errorcode[code]}")
    return OSError(code, os.strerror(code), *place)


OF_ONE_WAY: dict[str, LetFail] = {
    "operations and all after them": gone,
    "renames that were done": renamed,
    "waits for the disk": synced,
}


def main() -> None:
    """Run the campaigns of the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--long", action="store_true")
    options = parser.parse_args()
    for of_builds in (False, True):
        with in_memory() as folder:
            home = Home(folder, changes="few" if of_builds else "all")
            done = limited(home, LONG if options.long else SHORT, of_builds=of_builds)
            print("size of a file of a build:" if of_builds else "size of a file:", dict(done))  # noqa: T201
    for changes in KINDS:
        with in_memory() as folder:
            how = {"ways": len(FAILURES)} if options.long else {"every": 9}
            done = failing(Home(folder, changes=changes), operation, **how)
            print(f"operations, {changes} texts change:", dict(done))  # noqa: T201
    for kind, let_fail in OF_ONE_WAY.items():
        with in_memory() as folder:
            every = 1 if options.long else 3
            print(f"{kind}:", dict(failing(Home(folder), let_fail, every=every)))  # noqa: T201
    with TemporaryDirectory() as folder, small_disk(Path(folder)) as disk:
        sizes = range(0, ENOUGH, PAGE if options.long else 5 * PAGE)
        print("disk of 2 MB:", dict(filling(disk, sizes)) if disk else "none can be mounted here")  # noqa: T201
    if os.geteuid() == 0:  # only root can take a right from a process and keep it for the next night
        with TemporaryDirectory() as folder:
            home = Home(Path(folder) / "home")
            home.run(0)
            print("no permission:", checked(home, lambda: forbid(home)))  # noqa: T201


if __name__ == "__main__":
    main()
