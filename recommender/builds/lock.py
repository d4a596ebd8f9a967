"""One writer at a time: a lock that the operating system gives up for a writer that dies."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from recommender.errors import LockedError, SettingsError


@contextmanager
def writing(lock: Path, *, wait: float = 0.0) -> Iterator[None]:
    """Hold the writer's lock of a home folder.

    Args:
        lock: The lock file; its folder is made if need be.
        wait: Seconds to wait for another writer.

    Raises:
        LockedError: Another writer holds the lock.
        SettingsError: The folder cannot be written to.
    """
    held = FileLock(lock, timeout=wait)
    try:
        lock.parent.mkdir(parents=True, exist_ok=True)
        held.acquire()
    except Timeout as problem:
        raise LockedError(
            f"another process is writing to {lock.parent}; try again when it is done"
        ) from problem
    except OSError as problem:
        raise SettingsError(
            f"cannot write to {lock.parent} ({problem.strerror}); choose another folder with --home"
        ) from problem
    try:
        yield
    finally:
        held.release()
