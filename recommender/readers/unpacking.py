"""Compressed files and archives, read as streams: nothing is written, no name in them is trusted."""

import bz2
import errno
import io
import lzma
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from recommender.errors import SourceError
from recommender.extras import require

ZIP = b"PK\x03\x04"
CHUNK_BYTES = 1 << 10  # of compressed input: 1 KiB of the worst compressor's output still fits in memory
XZ_MEMORY = 1 << 28  # bytes: four times what xz -9 asks for
ZSTD_WINDOW = 1 << 27  # bytes: what zstd --long=27 asks for
MOST_TIMES, FREE_BYTES = 300, 1 << 26  # a file may grow to 64 MiB, or else 300 times its size
MOST_BYTES = 1 << 37
MOST_MEMBERS, LONGEST_NAME = 10_000, 200
DEEPEST = 3  # compressed, compressed again, and once more
OFFICE = (
    "[Content_Types].xml",
    "mimetype",
    "META-INF/MANIFEST.MF",
)  # first members of documents and programs
JUNK = ("__MACOSX/", "._", ".DS_Store", "Thumbs.db")  # what systems add to an archive on their own

Open = Callable[[], BinaryIO]


class Decompressor(Protocol):
    """What gzip, bzip2, xz and Zstandard have in common."""

    @property
    def eof(self) -> bool: ...

    @property
    def unused_data(self) -> bytes: ...

    def decompress(self, data: bytes, /) -> bytes: ...


class Zstandard:
    """Zstandard in the words of the standard library."""

    def __init__(self) -> None:
        self._library = require("zstandard", "zstd")
        self._inner = self._library.ZstdDecompressor(max_window_size=ZSTD_WINDOW).decompressobj()

    @property
    def eof(self) -> bool:
        return bool(self._inner.eof)

    @property
    def unused_data(self) -> bytes:
        return bytes(self._inner.unused_data)

    def decompress(self, data: bytes, /) -> bytes:
        try:
            return bytes(self._inner.decompress(data))
        except self._library.ZstdError as problem:
            raise zlib.error(str(problem)) from problem


COMPRESSED: dict[bytes, Callable[[], Decompressor]] = {
    b"\x1f\x8b": lambda: zlib.decompressobj(wbits=31),
    b"\xfd7zXZ\x00": lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=XZ_MEMORY),
    **{b"BZh%d1AY&SY" % level: bz2.BZ2Decompressor for level in range(1, 10)},
    b"\x28\xb5\x2f\xfd": Zstandard,
}
SUFFIXES = frozenset((".gz", ".xz", ".bz2", ".zst", ".zip"))


class TooLargeError(Exception):
    """More comes out than a file of that size can honestly hold."""


class Expanded(io.RawIOBase):
    """What comes out of a compressed file, of one stream or several behind each other."""

    def __init__(self, file: BinaryIO, new: Callable[[], Decompressor], most: int) -> None:
        self._file, self._new, self._left = file, new, most
        self._decompressor = new()
        self._ready = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._ready and (chunk := self._next_chunk()):
            expanded = self._expanded(chunk)
            self._left -= len(expanded)
            if self._left < 0:
                raise TooLargeError
            self._ready = memoryview(expanded)
        taken = self._ready[: len(buffer)]
        buffer[: len(taken)] = taken
        self._ready = self._ready[len(taken) :]
        return len(taken)

    def _expanded(self, chunk: bytes) -> bytes:
        try:
            return self._decompressor.decompress(chunk)
        except OSError as problem:  # what bzip2 calls damage; no file is read here
            raise zlib.error(str(problem)) from problem

    def _next_chunk(self) -> bytes:
        if not self._decompressor.eof:
            if chunk := self._file.read(CHUNK_BYTES):
                return chunk
            raise EOFError
        chunk = self._decompressor.unused_data or self._file.read(CHUNK_BYTES)
        if chunk.strip(b"\0"):  # zeros behind the end are padding
            self._decompressor = self._new()
            return chunk
        return b""

    def close(self) -> None:
        self._file.close()
        super().close()


def most_bytes(path: Path) -> int:
    """Return how many bytes may come out of a file."""
    return min(max(FREE_BYTES, MOST_TIMES * path.stat().st_size), MOST_BYTES)


def expanded(path: Path, open_: Open, start: bytes) -> Open | None:
    """Return what opens the content of a compressed file, None where it is none.

    Args:
        path: The file, which bounds how much may come out.
        open_: Opens it.
        start: Its first bytes.
    """
    for magic, new in COMPRESSED.items():
        if start.startswith(magic):
            most = most_bytes(path)
            return lambda: io.BufferedReader(Expanded(open_(), new, most))
    return None


def members(path: Path) -> Iterator[tuple[str, Open]]:
    """Yield the files of a ZIP archive: a name to show, and what opens it.

    Raises:
        SourceError: It is damaged, encrypted, an Office document, or too large.
    """
    with refused(path):
        with _archive(path) as archive:
            entries = archive.infolist()
        if entries and entries[0].filename in OFFICE:
            raise SourceError(f"{path} is an Office document or a program; save its text or sheet as CSV")
        if len(entries) > MOST_MEMBERS:
            raise SourceError(
                f"{path} holds {len(entries):,} files; at most {MOST_MEMBERS:,} make an archive"
            )
        if not all(entry.filename for entry in entries):
            raise zipfile.BadZipFile("a file in it has no name")
        if sum(entry.file_size for entry in entries) > most_bytes(path):
            raise TooLargeError
    for entry in entries:
        name = shown(entry.filename)
        if entry.is_dir() or entry.filename.startswith(JUNK) or name.rpartition("/")[2].startswith(JUNK):
            continue
        if entry.flag_bits & 1:
            raise SourceError(f"{path}, {name} is encrypted; unpack the archive first")
        yield name, _opener(path, entry)


def shown(name: str) -> str:
    r"""Return the name of a member as it can be printed; it is never the name of a file.

    >>> shown("../../etc/pass\x1bwd")
    '../../etc/pass?wd'
    """
    return "".join(c if c.isprintable() else "?" for c in name)[-LONGEST_NAME:]


def _opener(path: Path, entry: zipfile.ZipInfo) -> Open:
    def open_() -> BinaryIO:
        with _archive(path) as archive:  # the member keeps the file open for as long as it needs
            return archive.open(entry)  # type: ignore[return-value]

    return open_


@contextmanager
def _archive(path: Path) -> Iterator[zipfile.ZipFile]:
    """Open an archive; what `zipfile` does not call damage itself is called so here."""
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive
    except UnicodeDecodeError as problem:
        raise zipfile.BadZipFile("the name of a file in it is no UTF-8") from problem
    except OSError as problem:
        if problem.errno != errno.EINVAL:
            raise
        raise zipfile.BadZipFile("a file in it begins before the archive does") from problem


@contextmanager
def refused(path: Path) -> Iterator[None]:
    """Turn everything that is wrong with compressed bytes into one sentence."""
    try:
        yield
    except TooLargeError as problem:
        raise SourceError(
            f"{path} expands to more than {MOST_TIMES} times its size; if that is right, unpack it first"
        ) from problem
    except EOFError as problem:
        raise SourceError(f"{path} is cut off: its compressed data end too early; copy it again") from problem
    except (zlib.error, lzma.LZMAError, zipfile.BadZipFile, NotImplementedError) as problem:
        raise SourceError(f"{path} is damaged: {problem}; copy it again") from problem
