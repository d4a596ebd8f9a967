"""Functions that Numba compiles; what it made of them is kept for the next process.

It is kept beside the module, where Python keeps its bytecode: whoever can write there can write the program.
Where nothing can be written there, every process compiles for itself. What is kept is of this very program,
all of its modules, since compiled code takes in constants and functions of others. Where it cannot be read,
or kept, it is made again: it saves time, nothing else.
"""

import logging
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

import numba
from numba.core.caching import FunctionCache, IndexDataCacheFile

from recommender.program import code_digest

Function = TypeVar("Function", bound=Callable[..., Any])
BYTECODE = "__pycache__"
log = logging.getLogger(__name__)


def compiled(*signatures: str, reordered: set[str] | None = None) -> Callable[[Function], Function]:
    """Return what has a function compiled, which then lets other threads run.

    Args:
        signatures: The types of its arguments, for which it is compiled at once; none: for those that it is
            called with.
        reordered: What the compiler may take for granted in floating-point sums, as LLVM names it.
    """

    def decorate(function: Function) -> Function:
        made: Any = numba.njit(nogil=True, fastmath=reordered or False)(function)
        if made is function:  # NUMBA_DISABLE_JIT
            return function
        if _is_writable(Path(function.__code__.co_filename).parent / BYTECODE):
            made._cache = _Kept(made.py_func)
        for signature in signatures:
            made.compile(signature)
        if signatures:
            made.disable_compile()
        found: Function = made
        return found

    return decorate


class _Kept(FunctionCache):
    """What Numba keeps of one function."""

    def __init__(self, function: Callable[..., Any]) -> None:
        super().__init__(function)  # type: ignore[no-untyped-call]
        self._cache_file = IndexDataCacheFile(  # type: ignore[no-untyped-call]
            cache_path=self.cache_path, filename_base=self._impl.filename_base, source_stamp=code_digest()
        )

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        try:
            return super().load_overload(sig, target_context)  # type: ignore[no-untyped-call]
        except Exception as problem:  # what half a pickle can raise is no end of kinds
            log.warning("%s is compiled again: what was kept of it cannot be read (%s)", self._name, problem)
            with suppress(OSError):
                self.flush()  # type: ignore[no-untyped-call]
            return None

    def save_overload(self, sig: Any, data: Any) -> None:
        try:
            super().save_overload(sig, data)  # type: ignore[no-untyped-call]
        except OSError as problem:
            log.warning("%s is not kept, and compiled again the next time (%s)", self._name, problem)


def _is_writable(folder: Path) -> bool:
    """Tell whether something can be kept in a folder of bytecode, and Python was not told to keep nothing."""
    return not sys.dont_write_bytecode and os.access(folder, os.W_OK)
