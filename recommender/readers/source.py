"""A source file: opened, decoded and looked at only as far as a reader asks."""

import codecs
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path

from recommender.errors import SourceError
from recommender.readers.decoding import find_encoding

HEAD_BYTES = 1 << 16


class SourceFile:
    """One file of records. Nothing of it is kept but its beginning, so it may be larger than the memory.

    Attributes:
        path: The file.
        start: Its first bytes, at most 64 KiB.

    Raises:
        SourceError: There is no such file, it may not be read, it is empty or no regular file.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        with _explained(path):
            _refuse_irregular(path)
            with path.open("rb") as file:
                self.start = file.read(HEAD_BYTES)
        if not self.start:
            raise SourceError(f"{path} is empty; export it again, or leave it out")

    @cached_property
    def encoding(self) -> str:
        """The encoding of the whole file, every byte of which has been decoded once to find it."""
        with _explained(self.path):
            return find_encoding(self.path, self.start)

    @cached_property
    def head(self) -> str:
        """The decoded beginning."""
        return codecs.getincrementaldecoder(self.encoding)().decode(self.start)

    def lines(self, *, newline: str | None = None) -> Iterator[str]:
        """Yield the lines with their ends; `newline` is that of `open`."""
        with _explained(self.path), self.path.open(encoding=self.encoding, newline=newline) as file:
            yield from file

    def text(self) -> str:
        """Return the whole file as one text, for formats that cannot be read line by line."""
        return "".join(self.lines())


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as problem:
        raise SourceError(f"{path} does not exist; check the name and the folder") from problem
    except PermissionError as problem:
        raise SourceError(f"{path} may not be read by this user; change its permissions") from problem
    except OSError as problem:
        raise SourceError(f"{path} cannot be read: {problem.strerror or problem}") from problem
    except UnicodeDecodeError as problem:
        raise SourceError(f"{path} has changed while it was read; read it again") from problem


def _refuse_irregular(path: Path) -> None:
    mode = path.stat().st_mode
    if stat.S_ISDIR(mode):
        raise SourceError(f"{path} is a folder; name the files in it")
    if not stat.S_ISREG(mode):
        raise SourceError(f"{path} is a pipe or device, which can be read only once; save it as a file first")
