"""What a rebuild has done so far, so that the next one goes on from there if it is killed.

Beside the files of an unfinished build lies a note: of what, how far, and the stamps of the files. It is
taken up by a rebuild of the very same; whatever else lies there is of the stage that was not done.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, Self

from recommender.files import FileStamp, write_durably
from recommender.workers import THREADS

FILE = "unfinished.json"
WORTH = 5.0  # seconds of work since the last note; what takes less is sooner done again than compared


class Unfinished:
    """One build that is being made.

    Attributes:
        folder: Where it lies.
        files: The stamps of the files of the stages that are noted.
    """

    def __init__(self, folder: Path, of: Mapping[str, object]) -> None:
        """Begin with nothing done.

        Args:
            folder: Of the build.
            of: Whatever decides what the build will be.
        """
        self.folder = folder
        self.files: dict[str, FileStamp] = {}
        self._of = dict(of)
        self._done: dict[str, dict[str, int]] = {}
        self._noted = 0.0

    @classmethod
    def take_up(cls, folder: Path, of: Mapping[str, object]) -> Self | None:
        """Take up what a killed rebuild of the same has left in a folder; None: nothing to go on from.

        Files of a stage that was not done are deleted.
        """
        found = cls(folder, of)
        try:
            content = json.loads((folder / FILE).read_bytes())
            if content.pop("checksum") != _checksum(content) or content["of"] != found._of:
                return None
            found._done = content["done"]
            found.files = {name: FileStamp(**stamp) for name, stamp in content["files"].items()}
            found._check()
            for path in folder.iterdir():
                if path.name not in found.files and path.name != FILE:
                    path.unlink()
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            return None
        return found

    @property
    def stages(self) -> tuple[str, ...]:
        """The stages that are done."""
        return (*self._done,)

    def has(self, stage: str) -> bool:
        """Tell whether a stage was done by the rebuild before."""
        return stage in self._done

    def fact(self, stage: str, name: str) -> int:
        """Return what was noted of a stage."""
        return self._done[stage][name]

    def note(self, stage: str, seconds: Mapping[str, float], **facts: int) -> None:
        """Note that a stage is done, on the disk if it is worth it.

        Args:
            stage: Its name.
            seconds: How long all stages took so far.
            facts: What is known of it that is in no file.
        """
        if stage in self._done:
            self._noted = sum(seconds.values())
            return
        self._done[stage] = facts
        if (now := sum(seconds.values())) - self._noted < WORTH:
            return
        self._noted = now
        names = sorted(path.name for path in self.folder.iterdir() if path.name not in {*self.files, FILE})
        stamps = THREADS.map(FileStamp.of, [self.folder / name for name in names])
        self.files |= dict(zip(names, stamps, strict=True))
        content: dict[str, Any] = {
            "of": self._of,
            "done": self._done,
            "files": {name: asdict(stamp) for name, stamp in self.files.items()},
        }
        write_durably(
            self.folder / FILE, json.dumps({**content, "checksum": _checksum(content)}, indent=1).encode()
        )

    def end(self) -> None:
        """Take the note away: the build is whole."""
        (self.folder / FILE).unlink(missing_ok=True)

    def _check(self) -> None:
        """Compare the files with their stamps.

        Raises:
            ValueError: One is not as it was written.
        """
        stamps = THREADS.map(FileStamp.of, [self.folder / name for name in self.files])
        if dict(zip(self.files, stamps, strict=True)) != self.files:
            raise ValueError(f"files of {self.folder} have changed")


def _checksum(content: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
