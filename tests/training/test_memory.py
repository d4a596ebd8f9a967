import platform
import subprocess
import sys

import pytest

PROGRAM = """
import re, pathlib
import numpy as np
from recommender.training.memory import keep_freed_memory, trim

def resident():
    return int(re.search(r"VmRSS:\\s+(\\d+)", pathlib.Path("/proc/self/status").read_text())[1]) // 1024

assert keep_freed_memory()
before = resident()
block = np.ones(60_000_000, dtype=np.float32)  # 240 MB
wall = np.ones(1000, dtype=np.float32)  # behind it
del block
kept = resident()
trim(1 << 40)
still = resident()
trim(0)
print(kept - before > 200, still - before > 200, resident() - before < 60)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another allocator is left as it is")
def test_freed_memory_stays_until_it_is_trimmed():
    run = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
    assert run.stdout.split() == ["True"] * 3
