"""`neighbours.bin`: the nearest papers of every paper, computed once in the rebuild: asking is a look-up.

A header and then one line of fixed size a row: how many neighbours, their rows, scores, similarities and
labels, what of the scores comes by neighbours in common, a CRC-32. Scores and similarities are whole
millionths, as they were computed: an answer by look-up and one by search agree to the last digit.
"""

import struct

from recommender.lookup.mapped import CHECKSUM, HEADER, MappedFile, checksum_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    import mmap
    import os
    from collections.abc import Iterable

FILE = "neighbours.bin"
MAGIC = b"RECNBRS3"
PARTS = 1_000_000  # of scores and similarities


class NeighbourFile:
    """An opened file of neighbours. Safe to share between threads.

    Attributes:
        n_rows: How many lines it has.
        k: How many neighbours a line holds at most.
        line_size: Bytes of a line with its checksum.
    """

    def __init__(self, path: "str | os.PathLike[str]", build_id: str) -> None:
        """Open a file.

        Raises:
            BuildError: It is damaged, or of another build.
        """
        self._file = MappedFile(path, MAGIC, build_id)
        self.n_rows, self.k = self._file.counts
        self._line = _line(self.k, self.k)
        self._heads: dict[int, struct.Struct] = {self.k: self._line}
        self._shared = struct.Struct(f"<{self._line.size - 4 * self.k}x{self.k}I")
        self.line_size = self._line.size + CHECKSUM.size
        self._file.expect(HEADER.size + self.n_rows * self.line_size)

    @property
    def content(self) -> "mmap.mmap":
        """The bytes of the file."""
        return self._file.content

    def entries(self, row: int, k: int) -> list[tuple[int, float, float, int]]:
        """Return the `k` nearest of a row, best first: row, score, similarity, number of the label.

        Raises:
            BuildError: The line is damaged.
        """
        return [*zip(*self.columns(row, k), strict=True)]

    def columns(self, row: int, k: int) -> tuple[tuple[int, ...], list[float], list[float], tuple[int, ...]]:
        """Return `entries` field by field: rows, scores, similarities, numbers of labels.

        Raises:
            BuildError: The line is damaged.
        """
        return self._read(self._whole(row), k)

    def _read(self, line: bytes, k: int) -> tuple[tuple[int, ...], list[float], list[float], tuple[int, ...]]:
        """Return what `columns` does, of a line."""
        k = min(k, self.k)
        head = self._heads.get(k) or self._heads.setdefault(k, _line(k, self.k))
        values = head.unpack(line)
        n = min(values[0], k)
        return (
            values[1 : 1 + n],
            [score / PARTS for score in values[1 + k : 1 + k + n]],
            [similarity / PARTS for similarity in values[1 + 2 * k : 1 + 2 * k + n]],
            values[1 + 3 * k : 1 + 3 * k + n],
        )

    def by_score(self, row: int) -> list[tuple[int, float, float, int]]:
        """Return the neighbours of a row as their texts alone put them in order, and such scores.

        Raises:
            BuildError: The line is damaged.
        """
        line = self._whole(row)
        entries = zip(*self._read(line, self.k), self._shared.unpack(line), strict=False)  # fewer than room
        found = [
            (other, round(score * PARTS - own) / PARTS, similarity, label)
            for other, score, similarity, label, own in entries
        ]
        return sorted(found, key=lambda entry: (-entry[1], entry[0]))

    def compare(self, rows: "Iterable[int]") -> None:
        """Compare the lines of some rows with their checksums.

        Raises:
            BuildError: One is damaged.
        """
        for row in rows:
            self._whole(row)

    def check(self) -> None:
        """Read every line.

        Raises:
            BuildError: One is damaged, or names a row that there is not.
        """
        rows = struct.Struct(f"<{1 + self.k}I")
        for row in range(self.n_rows):
            n, *others = rows.unpack_from(self._whole(row))
            if max(others[:n], default=0) >= self.n_rows:
                raise self._file.damaged(f"a neighbour of row {row} is no row")

    def _whole(self, row: int) -> bytes:
        """Return the line of a row after comparing it with its checksum."""
        if not 0 <= row < self.n_rows:
            raise self._file.damaged(f"row {row} is missing")
        start = HEADER.size + row * self.line_size
        line = self._file.content[start : start + self._line.size]
        (checksum,) = CHECKSUM.unpack_from(self._file.content, start + self._line.size)
        if checksum != checksum_of(line, row, self._file.seed):
            raise self._file.damaged(f"the line of row {row} does not fit its checksum")
        return line


def _line(k: int, of: int) -> struct.Struct:
    """Return what reads the first `k` of a line's `of` neighbours; the others and what is shared it skips."""
    rest = of - k
    return struct.Struct(f"<I{k}I{4 * rest}x{k}i{4 * rest}x{k}I{4 * rest}x{k}B{rest}x{4 * of}x")
