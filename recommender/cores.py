"""How much is done at once."""

import os


def cores() -> int:
    """Return how many cores this process is to use: OMP_NUM_THREADS, or those that the system grants it."""
    if told := os.environ.get("OMP_NUM_THREADS"):
        return int(told)
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
