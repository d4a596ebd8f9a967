"""What a run that was killed goes on from: its state, kept now and then in one file.

A file is written beside and renamed, so at any moment there is the last whole one or none. Its name
carries the identity of the run (recipe, data, program): the state of another run is never gone on from.
"""

import hashlib
import json
import logging
import os
import shutil
import time
from collections.abc import Callable, Iterable, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from recommender.files import FileStamp, sync_folder

log = logging.getLogger(__name__)
Arrays = dict[str, NDArray[Any]]
MINUTES_BETWEEN = 10.0
DIGITS = 16


def identity(*parts: object) -> str:
    """Return a short digest of everything that a result depends on, given as JSON values.

    >>> identity({"seed": 1}) == identity({"seed": 1}) != identity({"seed": 2})
    True
    """
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:DIGITS]


def digests_of(modules: Iterable[Path]) -> dict[str, str]:
    """Return the digest of each module of the program, by its name."""
    return {path.stem: FileStamp.of(path).sha256 for path in sorted(modules)}


def versions_of(libraries: Iterable[str]) -> list[str]:
    """Return the installed version of each library."""
    return [version(name) for name in libraries]


class Checkpoint:
    """The state of one run: arrays of fixed names and shapes, and the step they were taken at."""

    def __init__(
        self,
        folder: Path,
        run: str,
        *,
        minutes: float = MINUTES_BETWEEN,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Keep the state of a run in `folder`.

        Args:
            folder: Made if need be.
            run: The identity of the run.
            minutes: How often the state is kept.
            clock: Seconds since any moment.
        """
        self.path = folder / f"state-{run}.safetensors"
        self._aside = folder / ".state.partial"  # a folder: beside a file safetensors may leave one more
        self._seconds = 60 * minutes
        self._clock = clock
        self._kept = clock()

    def resume(self, state: Mapping[str, NDArray[Any]]) -> int:
        """Write the kept state into the arrays of `state`; return its step, 0 where there is none."""
        self._say_of_others()
        if not self.path.exists():
            return 0
        try:
            with safe_open(self.path, framework="numpy") as file:
                step = int(file.metadata()["step"])
                kept = {name: file.get_tensor(name) for name in state}
        except (SafetensorError, OSError, KeyError, TypeError, ValueError) as problem:
            log.warning("the checkpoint %s cannot be read (%s): the run begins anew", self.path, problem)
            return 0
        for name, array in state.items():
            np.copyto(array, kept[name], casting="no")
        log.info("going on from the checkpoint %s, step %d", self.path, step)
        return step

    def keep(
        self, step: int, state: Callable[[], Mapping[str, NDArray[Any]]], *, is_last: bool = False
    ) -> None:
        """Ask for the state and write it if it is time to, or if it is the last."""
        if not is_last and self._clock() - self._kept < self._seconds:
            return
        shutil.rmtree(self._aside, ignore_errors=True)
        self._aside.mkdir(parents=True)
        partial = self._aside / self.path.name
        save_file(dict(state()), partial, metadata={"step": str(step)})
        with partial.open("rb") as file:
            os.fsync(file.fileno())
        partial.replace(self.path)
        self._aside.rmdir()
        sync_folder(self.path.parent)
        self._kept = self._clock()

    def remove(self) -> None:
        """Delete the state: the run is over."""
        self.path.unlink(missing_ok=True)
        shutil.rmtree(self._aside, ignore_errors=True)

    def _say_of_others(self) -> None:
        others = sorted(
            path.name for path in self.path.parent.glob("state-*.safetensors") if path != self.path
        )
        if others and not self.path.exists():
            log.warning(
                "%s holds the state of a run with another recipe, other data or another program, which is"
                " ignored: %s",
                self.path.parent,
                ", ".join(others),
            )
