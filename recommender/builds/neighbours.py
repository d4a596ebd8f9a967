"""The stored neighbours of a build, as the rest of the package takes them."""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from recommender.lookup.mapped import CHECKSUM, HEADER, checksum_of, header, seed_of
from recommender.lookup.neighbours import FILE, MAGIC, PARTS, NeighbourFile
from recommender.neighbour import LABELS, Neighbour

if TYPE_CHECKING:
    from recommender.ranking import Ranked
    from recommender.vectors import Rows

__all__ = ["FILE", "NeighbourTable", "write_neighbours"]


class NeighbourTable:
    """An opened neighbours file. Safe to share between threads.

    Attributes:
        k: How many neighbours are stored of a row.
    """

    def __init__(self, path: Path, build_id: str) -> None:
        """Open a file.

        Raises:
            BuildError: It is damaged, or of another build.
        """
        self._file = NeighbourFile(path, build_id)
        self.k = self._file.k

    def __len__(self) -> int:
        return self._file.n_rows

    def of(self, row: int, k: int | None = None) -> list[Neighbour]:
        """Return the `k` nearest rows of a row, best first; None: all that are stored.

        Raises:
            BuildError: The line is damaged.
        """
        rows, scores, shares, labels = self._file.columns(row, self.k if k is None else k)
        return [*map(Neighbour, rows, scores, shares, map(LABELS.__getitem__, labels))]

    def check(self) -> None:
        """Read every line.

        Raises:
            BuildError: One does not fit its checksum, or names a row that there is not.
        """
        self._file.check()

    def of_rows(self, rows: "Rows") -> "Rows":
        """Return the neighbours of some rows (b, k), best first, -1 where there are no more.

        For whoever compared the file with its digest: no line is compared with its checksum.
        """
        import numpy as np

        line = np.dtype((np.void, self._file.line_size))
        lines = np.frombuffer(self._file.content, line, len(self), HEADER.size)[rows]
        values = lines.view(np.uint8).reshape(len(rows), -1)[:, : 4 * (1 + self.k)].copy().view("<u4")
        found = values[:, 1:].astype(np.int64)
        found[np.arange(self.k) >= values[:, :1]] = -1
        return found


def write_neighbours(found: "Iterable[Ranked]", shape: tuple[int, int], build_id: str, path: Path) -> None:
    """Write the neighbours of all rows, as they come, and wait until they are on the disk.

    Args:
        found: Of every row, each once, in any order.
        shape: How many rows, and how many neighbours each has at most.
        build_id: The build they are of.
        path: Where to.
    """
    seed = seed_of(build_id)
    with path.open("wb") as file:
        file.write(header(MAGIC, *shape, seed))
        for part in found:
            for row, line in zip(part.asked.tolist(), _lines(part), strict=True):
                file.seek(HEADER.size + row * (len(line) + CHECKSUM.size))
                file.write(line)
                file.write(CHECKSUM.pack(checksum_of(line, row, seed)))
        file.flush()
        os.fsync(file.fileno())


def _lines(part: "Ranked") -> list[bytes]:
    """Return the line of each row, without its checksum: see `lookup.neighbours`."""
    import numpy as np

    parts = (
        part.counts[:, None].astype("<u4"),
        part.rows.astype("<u4"),
        np.rint(part.scores * PARTS).astype("<i4"),
        np.rint(part.similarities * PARTS).astype("<u4"),
        part.labels.astype("<u1"),
    )
    lines = np.hstack([np.ascontiguousarray(values).view(np.uint8) for values in parts])
    return [line.tobytes() for line in lines]
