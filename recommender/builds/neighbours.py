"""The stored neighbours of a build, as the rest of the package takes them."""

from pathlib import Path

from recommender.lookup.neighbours import FILE, NeighbourFile, write_neighbours
from recommender.neighbour import LABELS, Neighbour

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
        entries = self._file.entries(row, self.k if k is None else k)
        return [Neighbour(other, score, share, LABELS[label]) for other, score, share, label in entries]
