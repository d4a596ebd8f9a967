"""The allocator of the process, told how training uses memory."""

import ctypes
import os
import platform
from pathlib import Path

TRIM_THRESHOLD, TOP_PAD, MMAP_MAX = -1, -2, -4  # names of parameters in malloc.h
KEPT = 1 << 30  # bytes


def keep_freed_memory() -> bool:
    """Let freed memory stay with the process until `trim`; return whether this allocator can.

    A step of training frees some gigabytes and asks for them again. By default glibc returns large blocks to
    the system, which clears every page anew: steps took 2.8 times as long. See mallopt(3).
    """
    if platform.libc_ver()[0] != "glibc":
        return False
    mallopt = ctypes.CDLL(None).mallopt
    return all(
        mallopt(name, value) for name, value in ((MMAP_MAX, 0), (TRIM_THRESHOLD, KEPT), (TOP_PAD, KEPT // 4))
    )


def trim(most: int) -> None:
    """Give freed memory back, also from between what is in use, if the process has more than `most` bytes.

    Blocks of ever other sizes leave gaps: without it a run took 24 GB after 140 steps. At every eighth step
    it cost a third of the time, which went into the clearing of pages.
    """
    if platform.libc_ver()[0] == "glibc" and _resident() > most:
        ctypes.CDLL(None).malloc_trim(0)


def _resident() -> int:
    """Return how many bytes of the process are in memory; see proc(5)."""
    pages = Path("/proc/self/statm").read_text(encoding="ascii").split()[1]
    return int(pages) * os.sysconf("SC_PAGE_SIZE")
