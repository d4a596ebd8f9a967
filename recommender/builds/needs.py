"""What a rebuild needs, told before it starts: it is refused where it would end halfway.

Linear in the papers: measured on a million of them, real ones and mixtures (`scripts/benchmark_scale.py
--data`), and rounded up. Of a paper the program holds little itself; its vector and its words lie in mapped
files, of which every comparison of neighbours reads some, so there had better be memory for them.
"""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from recommender.errors import SettingsError

VECTORS_ON_DISK, CACHED = 6, 4  # of a first build, and how many of them lie in the cache
PAPER_IN_MEMORY = 5_500  # bytes: words, by papers and by words, the vector again, id, neighbours so far
PAPER_ON_DISK = (
    7_000  # half of it the words and neighbours once more, which lie there until the build is done
)
MEMORY_TOLD = Path("/proc/meminfo")
OWN_GROUP = Path("/proc/self/cgroup")
GROUPS = Path("/sys/fs/cgroup")


@dataclass(frozen=True, slots=True)
class Needs:
    """Bytes of memory and of disk that a rebuild takes beside what the program has already."""

    memory: int
    disk: int

    @classmethod
    def of(cls, n_papers: int, dim: int, n_cached: int = 0) -> "Needs":
        """Predict them for so many papers and a model of this many dimensions.

        Texts that are cached already are taken for texts of these papers, which they are from night to night.

        >>> Needs.of(1_000_000, 256)
        Needs(memory=6524000000, disk=13144000000)
        """
        vector = 4 * dim
        disk = n_papers * (VECTORS_ON_DISK * vector + PAPER_ON_DISK)
        return cls(n_papers * (vector + PAPER_IN_MEMORY), disk - min(n_papers, n_cached) * CACHED * vector)

    def check(self, memory: int | None, disk: int) -> None:
        """Compare them with what there is; None: the system does not tell how much memory.

        Raises:
            SettingsError: There is too little.
        """
        if memory is not None and self.memory > memory:
            raise SettingsError(
                f"this rebuild needs about {told(self.memory)} of memory and there are {told(memory)};"
                " nothing was begun. Free some, or set RECOMMENDER_MEMORY to the gigabytes it may take"
            )
        if self.disk > disk:
            raise SettingsError(
                f"this rebuild needs about {told(self.disk)} of disk and there are {told(disk)};"
                " nothing was begun. Delete old builds (recommend prune), or choose another --home"
            )


def free_memory(told: Path = MEMORY_TOLD, own: Path = OWN_GROUP, groups: Path = GROUPS) -> int | None:
    """Return the bytes that programs can still have, None where the system does not tell.

    In a container it is what its limit leaves, or that of any group above it, if that is less.

    Args:
        told: What the system tells of all its memory.
        own: What it tells of the control group of this process, in version 2 of them.
        groups: Where the control groups are.
    """
    free = [*_free_of_all(told), *_free_of_groups(own, groups)]
    return min(free, default=None)


def _free_of_all(told: Path) -> list[int]:
    try:
        lines = told.read_text().splitlines()
    except OSError:
        return []
    return [1024 * int(line.split()[1]) for line in lines if line.startswith("MemAvailable:")]


def _free_of_groups(own: Path, groups: Path) -> Iterator[int]:
    try:
        named = [line[3:] for line in own.read_text().splitlines() if line.startswith("0::")]
    except OSError:
        return
    for name in named:
        inside = [part for part in name.split("/") if part]
        if ".." in inside:  # of a group that is not shown to the container: only the root of what is counts
            inside = []
        for depth in range(len(inside), -1, -1):
            yield from _left(groups.joinpath(*inside[:depth]))


def _left(group: Path) -> list[int]:
    """Return what the limit of a group leaves, nothing where it has none.

    Files that were read stay in memory until it is needed: they count as free, as the system counts them.
    """
    try:
        limit = int((group / "memory.max").read_text())  # "max": no number
        used = int((group / "memory.current").read_text())
        told = dict(line.split() for line in (group / "memory.stat").read_text().splitlines())
        files = sum(int(told.get(name, 0)) for name in ("active_file", "inactive_file"))
    except (OSError, ValueError):
        return []
    return [min(limit, max(0, limit - used + files))]


def free_disk(folder: Path) -> int:
    """Return the bytes that are free where a folder is, or will be."""
    while not folder.exists():
        folder = folder.parent
    return shutil.disk_usage(folder).free


def told(size: int) -> str:
    """Return a number of bytes in the unit in which it is at least one.

    >>> [told(size) for size in (6_524_000_000_000, 1_000_000_000, 999_000_000, 12_144)]
    ['6,524.0 GB', '1.0 GB', '999.0 MB', '12.1 kB']
    """
    for unit, one in (("GB", 1e9), ("MB", 1e6)):
        if size >= one:
            return f"{size / one:,.1f} {unit}"
    return f"{size / 1e3:.1f} kB"
