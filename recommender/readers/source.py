"""A source file: opened, expanded, decoded and looked at only as far as a reader asks."""

import codecs
import io
import re
import shutil
import stat
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import BinaryIO

from recommender.errors import SourceError
from recommender.readers.decoding import find_encoding
from recommender.readers.unpacking import (
    DEEPEST,
    SUFFIXES,
    ZIP,
    Open,
    expanded,
    members,
    refused,
)

HEAD_BYTES = 1 << 16
PIECE_CHARACTERS = 1 << 16
MOST_IN_MEMORY = 1 << 29  # characters
BESIDE = re.compile(  # what people put beside the records
    r"(?:read[-_ ]?me|licen[cs]e|copying|notice|change(?:log|s)|说明|使用说明)"
    r"(?:\.(?:txt|html?))?|.*\.(?:md|cff|rst|pdf|docx?|pptx?|png|jpe?g|gif|svg|tiff?|webp)",
    re.IGNORECASE,
)


class SourceFile:
    """One file of records. Nothing of it is kept but its beginning, so it may be larger than the memory.

    A compressed file is read as what it was made from.

    Attributes:
        path: The file; of a member of an archive, the archive and the member's name, only to be shown.
        member: The name in the archive, "" where there is no archive.
        start: Its first bytes, at most 64 KiB.
        ignored: Names of columns and keys that were met while it was read, and that no field takes.

    Raises:
        SourceError: There is no such file, it may not be read, it is empty or no regular file.
    """

    def __init__(self, path: Path, member: str = "", opened: Open | None = None) -> None:
        self.path = Path(f"{path}/{member}") if member else path
        self.member = member
        self.ignored: dict[str, None] = {}
        with _explained(self.path):
            if opened is None:
                _refuse_irregular(path)
            self._open: Open = opened or (lambda: path.open("rb"))
            self.start = self._read_start()
            for _ in range(DEEPEST):
                if (inner := expanded(path, self._open, self.start)) is None:
                    break
                self._open = inner
                self.start = self._read_start()
        if not self.start:
            raise SourceError(f"{self.path} is empty; export it again, or leave it out")

    @property
    def suffix(self) -> str:
        """The ending of the name in lower case, that of a compression left out."""
        name = Path(self.path.name.lower())
        while name.suffix in SUFFIXES:
            name = name.with_suffix("")
        return name.suffix

    @cached_property
    def encoding(self) -> str:
        """The encoding of the whole file, every byte of which has been decoded once to find it."""
        with _explained(self.path):
            return find_encoding(self.path, self.start, self._open)

    @cached_property
    def head(self) -> str:
        """The decoded beginning."""
        return codecs.getincrementaldecoder(self.encoding)().decode(self.start)

    def lines(self, *, newline: str | None = None) -> Iterator[str]:
        """Yield the lines with their ends; `newline` is that of `open`."""
        encoding = self.encoding
        with (
            _explained(self.path),
            io.TextIOWrapper(self._open(), encoding=encoding, newline=newline) as file,
        ):
            number = 0
            while line := file.readline(MOST_IN_MEMORY):
                number += 1
                if len(line) == MOST_IN_MEMORY:
                    raise SourceError(
                        f"{self.path}, line {number}: longer than {MOST_IN_MEMORY:,} characters"
                    )
                yield line

    def pieces(self) -> Iterator[str]:
        """Yield the text in pieces of a bounded length, whatever its lines."""
        encoding = self.encoding
        with _explained(self.path), io.TextIOWrapper(self._open(), encoding=encoding) as file:
            while piece := file.read(PIECE_CHARACTERS):
                yield piece

    def text(self) -> str:
        """Return the whole file as one text, for formats that cannot be read line by line."""
        pieces, length = [], 0
        for piece in self.pieces():
            pieces.append(piece)
            length += len(piece)
            if length > MOST_IN_MEMORY:
                raise SourceError(
                    f"{self.path} has more than {MOST_IN_MEMORY:,} characters, which its format has to keep"
                    " in memory at once; split it, or write one record a line"
                )
        return "".join(pieces)

    @contextmanager
    def binary(self) -> Iterator[BinaryIO]:
        """Give the bytes as a file in which one can go back and forth, for formats that are no text."""
        with _explained(self.path), self._open() as file:
            if isinstance(file, io.BufferedReader) and isinstance(file.raw, io.FileIO):
                yield file
                return
            with tempfile.TemporaryFile() as copy:
                shutil.copyfileobj(file, copy)
                copy.seek(0)
                yield copy

    def _read_start(self) -> bytes:
        with self._open() as file:
            return file.read(HEAD_BYTES)


def sources_in(path: Path, on_skip: Callable[[str], None] | None = None) -> Iterator[SourceFile]:
    """Yield the files of an archive in its order, or the one file that `path` is.

    Args:
        path: The file or the archive.
        on_skip: Told the name of each file that stands beside the records of an archive, such as a README.

    Raises:
        SourceError: One of them cannot be read, or there is none.
    """
    source = SourceFile(path)
    if not source.start.startswith(ZIP):
        yield source
        return
    with _explained(path):
        found = [*members(path)]
        if not found:
            raise SourceError(f"{path} is an archive without any file; pack it again")
        are_all_beside = all(is_beside_records(name) for name, _ in found)
        for name, open_ in found:
            if are_all_beside or not is_beside_records(name):
                yield SourceFile(path, name, open_)
            elif on_skip:
                on_skip(name)


def is_beside_records(name: str) -> bool:
    """Tell whether a file of an archive is by its name no file of records.

    >>> [*map(is_beside_records, ("papers/README.txt", "a.PDF", "papers.txt"))]
    [True, True, False]
    """
    return BESIDE.fullmatch(name.rpartition("/")[2]) is not None


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        with refused(path):
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
