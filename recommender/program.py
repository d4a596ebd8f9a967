"""Which program this is, by its code."""

import hashlib
import platform
from functools import cache
from pathlib import Path

import numpy as np


@cache
def code_digest() -> str:
    """Name exactly this program: only the same one gives the same results."""
    package = Path(__file__).resolve().parent
    total = hashlib.sha256(f"{platform.python_version()} {np.__version__}".encode())
    for path in sorted(package.rglob("*.py")):
        total.update(path.relative_to(package).as_posix().encode() + b"\0" + path.read_bytes())
    return total.hexdigest()
