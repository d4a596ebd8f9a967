"""How much is done at once."""

import os


def cores() -> int:
    """Return how many cores this process is to use: OMP_NUM_THREADS, or those that the system grants it.

    Of a list, which OpenMP takes too, it is the first number; what is no number from 1 on says nothing.
    """
    told = os.environ.get("OMP_NUM_THREADS", "").partition(",")[0].strip()
    if told.isdecimal() and (n := int(told)):
        return n
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
