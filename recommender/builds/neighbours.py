"""The nearest papers of every paper, computed once in the rebuild, so that asking is a look-up.

`neighbours.bin` is a header and then one fixed-size line a row: how many neighbours, their rows, scores,
similarities and labels, a CRC-32. The checksum starts from the build's id and the row, so that a damaged
line, a line of another row and a file of another build are all refused. Scores and similarities are whole
millionths, as they were computed: an answer by look-up and one by search agree to the last digit. Reading
needs neither NumPy nor the index.
"""

import mmap
import os
import struct
import zlib
from collections.abc import Sequence
from pathlib import Path

from recommender.errors import BuildError
from recommender.neighbour import LABELS, Neighbour

FILE = "neighbours.bin"
MAGIC = b"RECNBRS2"
HEADER = struct.Struct("<8sIII")  # magic, rows, neighbours a row, CRC-32 of the two and the build's id
CHECKSUM = struct.Struct("<I")
PARTS = 1_000_000  # of scores and similarities


class NeighbourTable:
    """An opened neighbours file."""

    def __init__(self, path: Path, build_id: str) -> None:
        self._path = path
        self._seed = zlib.crc32(build_id.encode())
        try:
            with path.open("rb") as file:
                self._map = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
            magic, self._rows, self.k, checksum = HEADER.unpack_from(self._map)
        except (OSError, ValueError, struct.error) as problem:
            raise self._damaged(str(problem)) from problem
        expected = zlib.crc32(struct.pack("<II", self._rows, self.k), self._seed)
        self._line = _line(self.k)
        size = HEADER.size + self._rows * (self._line.size + CHECKSUM.size)
        if magic != MAGIC or checksum != expected or len(self._map) != size:
            raise self._damaged("its header or its size does not fit")

    def __len__(self) -> int:
        return int(self._rows)

    def of(self, row: int) -> list[Neighbour]:
        """Return the stored neighbours of a row, best first.

        Raises:
            BuildError: The line is damaged.
        """
        start = HEADER.size + row * (self._line.size + CHECKSUM.size)
        line = self._map[start : start + self._line.size]
        (checksum,) = CHECKSUM.unpack_from(self._map, start + self._line.size)
        if checksum != _checksum(line, row, self._seed):
            raise self._damaged(f"the line of row {row} does not fit its checksum")
        count, *values = self._line.unpack(line)
        rows, scores, shares, labels = (values[i : i + count] for i in range(0, 4 * self.k, self.k))
        return [
            Neighbour(row, score / PARTS, share / PARTS, LABELS[label])
            for row, score, share, label in zip(rows, scores, shares, labels, strict=True)
        ]

    def _damaged(self, what: str) -> BuildError:
        return BuildError(f"{self._path} is damaged ({what}); roll back to another build, or rebuild")


def write_neighbours(lists: Sequence[Sequence[Neighbour]], k: int, build_id: str, path: Path) -> None:
    """Write at most `k` neighbours of each row, in order."""
    seed, layout = zlib.crc32(build_id.encode()), _line(k)
    shape = struct.pack("<II", len(lists), k)
    with path.open("wb") as file:
        file.write(HEADER.pack(MAGIC, len(lists), k, zlib.crc32(shape, seed)))
        for row, found in enumerate(lists):
            padding = [0] * (k - len(found))
            entries = [
                (row, round(score * PARTS), round(share * PARTS), label) for row, score, share, label in found
            ]
            columns = zip(*entries, strict=True) if entries else [()] * len(Neighbour._fields)
            line = layout.pack(len(found), *(value for column in columns for value in (*column, *padding)))
            file.write(line + CHECKSUM.pack(_checksum(line, row, seed)))
        file.flush()
        os.fsync(file.fileno())


def _line(k: int) -> struct.Struct:
    return struct.Struct(f"<I{k}I{k}i{k}I{k}B")


def _checksum(line: bytes, row: int, seed: int) -> int:
    return zlib.crc32(line, zlib.crc32(CHECKSUM.pack(row), seed))
