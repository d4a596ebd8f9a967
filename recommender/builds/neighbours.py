"""The stored neighbours of a build, as the rest of the package takes them."""

import os
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from recommender.lookup.mapped import HEADER, checksums_of, header, seed_of
from recommender.lookup.neighbours import FILE, MAGIC, PARTS, NeighbourFile
from recommender.neighbour import LABELS, Label, Neighbour

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from recommender.ranking import Listed, Near, Parts, Ranked
    from recommender.vectors import Rows

KINDS = ("<u4", "<i4", "<u4", "<u1", "<u4")  # of rows, scores, similarities, labels, shared in a line

__all__ = ["FILE", "NeighbourTable", "write_neighbours"]


class NeighbourTable:
    """An opened neighbours file. Safe to share between threads.

    Attributes:
        k: How many neighbours are stored of a row.
        depth: How many of these count for others, see `ranking.depth_of`.
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

    @property
    def depth(self) -> int:
        from recommender.ranking import depth_of

        return depth_of(len(self), self.k)

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

    def by_score(self, row: int) -> list[Neighbour]:
        """Return the stored neighbours of a row as their texts alone put them in order, scores likewise.

        Raises:
            BuildError: The line is damaged.
        """
        found = self._file.by_score(row)
        return [Neighbour(other, score, share, LABELS[label]) for other, score, share, label in found]

    def near(self, rows: "Near") -> "tuple[Near, Parts]":
        """Return the lists of some rows by score alone, see `ranking.Lists`.

        Raises:
            BuildError: A line is damaged.
        """
        import numpy as np

        from recommender.ranking import NONE, down_to_last

        self._file.compare(rows.tolist())
        lists = self.lists(rows.astype(np.int64))
        near = np.where(lists.here, lists.rows, NONE).astype(np.int32)
        return near, down_to_last(np.rint(lists.scores * PARTS).astype(np.int64), lists.counts)

    def nearest(self, rows: "Near") -> "Near":
        """Return the first few of the list of each of some rows by score alone, see `ranking.Lists`.

        Raises:
            BuildError: A line is damaged.
        """
        from recommender.ranking import ASKED

        return self.near(rows)[0][:, :ASKED]

    def lists(self, rows: "Rows") -> "Ranked":
        """Return the neighbours of some rows (n,) by score alone, as they were found, see `listed`."""
        import numpy as np

        from recommender.ranking import Ranked, filled, sorting_keys, unpacked

        counts, near, scores, _, labels, shared = self._columns(rows)
        here, numbered = filled(counts, self.k), near.astype(np.int64) << 1
        found = sorting_keys(
            scores.astype(np.int64) - shared, numbered | (labels == Label.NEAR_DUPLICATE), here
        )
        found.sort(axis=1)
        scores, numbered = unpacked(found, here)
        return Ranked(rows, counts, numbered >> 1, scores / PARTS, (numbered & 1).astype(bool))

    def listed(self, rows: "Rows") -> "Listed":
        """Return the neighbours of some rows (n,) as they are stored.

        For whoever compared the file with its digest: no line is compared with its checksum.
        """
        import numpy as np

        from recommender.ranking import Listed

        counts, found, scores, shares, labels, shared = self._columns(rows)
        return Listed(
            asked=rows,
            counts=counts,
            rows=found.astype(np.int64),
            scores=scores / PARTS,
            similarities=shares / PARTS,
            labels=labels.astype(np.int64),
            shared=shared / PARTS,
        )

    def _columns(self, rows: "Rows") -> "tuple[Any, ...]":
        """Return how many neighbours some rows have (n,), and what `KINDS` names of each (n, k)."""
        import numpy as np

        line = np.dtype((np.void, self._file.line_size))
        lines = np.frombuffer(self._file.content, line, len(self), HEADER.size)[rows]
        content = lines.view(np.uint8).reshape(len(rows), self._file.line_size)
        ends = np.cumsum([4, *(self.k * np.dtype(kind).itemsize for kind in KINDS)])
        counts = content[:, :4].copy().view("<u4").ravel().astype(np.int64)
        columns = (
            content[:, start:end].copy().view(kind)
            for (start, end), kind in zip(pairwise(ends), KINDS, strict=True)
        )
        return counts, *columns


def write_neighbours(found: "Iterable[Listed]", shape: tuple[int, int], build_id: str, path: Path) -> None:
    """Write the neighbours of all rows, as they come, and wait until they are on the disk.

    Args:
        found: Of every row, each once, in any order.
        shape: How many rows, and how many neighbours each has at most.
        build_id: The build they are of.
        path: Where to.
    """
    import numpy as np

    seed = seed_of(build_id)
    with path.open("wb") as file:
        file.write(header(MAGIC, *shape, seed))
        for part in found:
            lines = _lines(part, seed)
            gaps = (
                np.flatnonzero(np.diff(part.asked) != 1) + 1
            )  # lines of rows that follow each other at once
            for rows, own in zip(np.split(part.asked, gaps), np.split(lines, gaps), strict=True):
                file.seek(HEADER.size + int(rows[0]) * lines.shape[1])
                file.write(own.data)
        file.flush()
        os.fsync(file.fileno())


def _lines(part: "Listed", seed: int) -> "NDArray[np.uint8]":
    """Return the lines of some rows (n, bytes), see `lookup.neighbours`."""
    import numpy as np

    columns = (
        part.counts, part.rows, np.rint(part.scores * PARTS), np.rint(part.similarities * PARTS), part.labels,
        np.rint(part.shared * PARTS),
    )  # fmt: skip
    kinds = ("<u4", *KINDS)
    lines = np.hstack(
        [
            values.reshape(len(part), -1).astype(kind).view(np.uint8)
            for values, kind in zip(columns, kinds, strict=True)
        ]
    )
    content, size = lines.tobytes(), lines.shape[1]
    payloads = (content[start : start + size] for start in range(0, len(content), size))
    sums = checksums_of(payloads, part.asked.tolist(), seed)
    return np.hstack([lines, np.array(sums, dtype="<u4")[:, None].view(np.uint8)])
