"""A file of parts, mapped into memory: a header that names its build, then parts with checksums."""

import mmap
import os
import struct
import zlib

from recommender.errors import BuildError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

HEADER = struct.Struct("<8sIII")  # magic, two counts, CRC-32 of the counts and the build's id
COUNTS = struct.Struct("<II")
CHECKSUM = struct.Struct("<I")


class MappedFile:
    """An opened file, its header checked. Safe to share between threads.

    Attributes:
        content: The bytes.
        counts: What the header says.
        seed: Where the checksums of the file start from.
    """

    def __init__(self, path: "str | os.PathLike[str]", magic: bytes, build_id: str) -> None:
        """Map a file.

        Raises:
            BuildError: It is missing, of another kind or of another build.
        """
        self._path = path
        self.seed = seed_of(build_id)
        try:
            with open(path, "rb") as file:  # noqa: PTH123 - importing pathlib takes longer than an answer
                self.content = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
            found, first, second, checksum = HEADER.unpack_from(self.content)
        except (OSError, ValueError, struct.error) as problem:
            raise self.damaged(str(problem)) from problem
        if found != magic or checksum != zlib.crc32(COUNTS.pack(first, second), self.seed):
            raise self.damaged("its header does not fit")
        self.counts: tuple[int, int] = (first, second)

    def expect(self, size: int) -> None:
        """Refuse the file unless it has so many bytes.

        Raises:
            BuildError: It has more or less.
        """
        if len(self.content) != size:
            raise self.damaged("its size does not fit its header")

    def part(self, start: int, end: int, number: int) -> bytes:
        """Return the bytes from `start` to `end` without the checksum that they begin with.

        Args:
            start: Where the checksum begins.
            end: Where the part ends.
            number: Which part it is.

        Raises:
            BuildError: They do not fit their checksum.
        """
        if not HEADER.size <= start <= end - CHECKSUM.size or end > len(self.content):
            raise self.damaged(f"part {number} has no place")
        payload = self.content[start + CHECKSUM.size : end]
        (checksum,) = CHECKSUM.unpack_from(self.content, start)
        place = number.to_bytes(4, "little")
        if checksum != zlib.crc32(
            payload, zlib.crc32(place, self.seed)
        ):  # as `checksum_of`, but for the call
            raise self.damaged(f"part {number} does not fit its checksum")
        return payload

    def damaged(self, what: str) -> BuildError:
        """Return the error that says so."""
        return BuildError(f"{self._path} is damaged ({what}); roll back to another build, or rebuild")

    def close(self) -> None:
        """Give the memory back; nothing can be read any more."""
        self.content.close()


def seed_of(build_id: str) -> int:
    """Return where the checksums of a build's files start from."""
    return zlib.crc32(build_id.encode())


def checksum_of(payload: bytes, number: int, seed: int) -> int:
    """Return the checksum of a part, which depends on its place and its build."""
    return zlib.crc32(payload, zlib.crc32(number.to_bytes(4, "little"), seed))


def checksums_of(payloads: "Iterable[bytes]", numbers: "Iterable[int]", seed: int) -> "list[int]":
    """Return the checksums of several parts, as `checksum_of` does, in less time."""
    crc = zlib.crc32
    pairs = zip(payloads, numbers, strict=True)
    return [crc(payload, crc(number.to_bytes(4, "little"), seed)) for payload, number in pairs]


def header(magic: bytes, first: int, second: int, seed: int) -> bytes:
    """Return the header of a file."""
    return HEADER.pack(magic, first, second, zlib.crc32(COUNTS.pack(first, second), seed))


def sealed(payload: bytes, number: int, seed: int) -> bytes:
    """Return a part as it is written: its checksum, then its bytes."""
    return CHECKSUM.pack(checksum_of(payload, number, seed)) + payload
