"""The allocator of the process, told how training uses memory."""

import ctypes
import platform

TRIM_THRESHOLD, TOP_PAD, MMAP_MAX = -1, -2, -4  # names of parameters in malloc.h
KEPT = 1 << 30  # bytes


def keep_freed_memory() -> bool:
    """Let freed memory stay with the process; return whether this allocator can.

    A step of training frees some gigabytes and asks for them again. By default glibc returns large blocks to
    the system, which clears every page anew: steps took 2.8 times as long. See mallopt(3).
    """
    if platform.libc_ver()[0] != "glibc":
        return False
    mallopt = ctypes.CDLL(None).mallopt
    return all(
        mallopt(name, value) for name, value in ((MMAP_MAX, 0), (TRIM_THRESHOLD, KEPT), (TOP_PAD, KEPT // 4))
    )
