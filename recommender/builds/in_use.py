"""Who has a build open: a shared lock on its folder, which the operating system gives up with its holder."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

try:
    import fcntl
except ImportError:  # neither Linux nor macOS: there a file that is open cannot be deleted
    fcntl = None  # type: ignore[assignment]


class Hold:
    """A build that is being read, until it is released, or the object or the process is gone."""

    def __init__(self, folder: Path) -> None:
        """Hold a folder; on a file system without locks nothing is held.

        Raises:
            OSError: There is no such folder, or it is being deleted.
        """
        self._descriptor = -1
        if fcntl is None:
            return
        self._descriptor = os.open(folder, os.O_RDONLY)
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            self.release()
            raise
        except OSError:
            self.release()

    def release(self) -> None:
        """Let the folder go; again changes nothing."""
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            os.close(descriptor)

    def __del__(self) -> None:
        self.release()


@contextmanager
def unused(folder: Path) -> Iterator[bool]:
    """Tell whether nobody holds a folder; within the block then nobody can begin to.

    On a file system without locks nobody is ever seen.
    """
    if fcntl is None:
        yield True
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        yield _is_ours(descriptor)
    finally:
        os.close(descriptor)


def _is_ours(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return True
    return True
