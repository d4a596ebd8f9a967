"""How a model gets to another process or machine: as the files of its folder, whatever it had opened."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommender.embedding.embedder import Embedder
from recommender.embedding.folder import files_of
from recommender.errors import ModelError
from recommender.vectors import Vectors


@dataclass(frozen=True, slots=True)
class ModelFiles:
    """The files that decide a model's vectors, by their path in its folder, and its fingerprint."""

    fingerprint: str
    content: Mapping[str, NDArray[np.uint8]]

    @classmethod
    def of(cls, folder: Path, fingerprint: str) -> "ModelFiles":
        """Read the folder of a model.

        Raises:
            ModelError: A file cannot be read.
        """
        try:
            return cls(
                fingerprint,
                {
                    path.relative_to(folder).as_posix(): np.fromfile(path, dtype=np.uint8)
                    for path in files_of(folder)
                },
            )
        except OSError as problem:
            raise ModelError(f"{folder} cannot be read: {problem.strerror}") from problem


class PackedModel:
    """A model that arrived as its files, and is opened when it has something to read."""

    def __init__(self, open_folder: Callable[[Path], Embedder], files: ModelFiles) -> None:
        self._open_folder = open_folder
        self._files = files

    def __reduce__(self) -> tuple[Any, ...]:
        return PackedModel, (self._open_folder, self._files)

    @property
    def fingerprint(self) -> str:
        return self._files.fingerprint

    @property
    def dim(self) -> int:
        return self._model.dim

    @property
    def fills_cores(self) -> bool:
        return self._model.fills_cores

    def encode(self, texts: Sequence[str]) -> Vectors:
        return self._model.encode(texts)

    def windows(self, texts: Sequence[str]) -> list[int]:
        return self._model.windows(texts)

    @cached_property
    def _model(self) -> Embedder:
        """The opened model. Its files stay on the disk only while somebody has them open."""
        with TemporaryDirectory(prefix="recommender-model-") as name:
            folder = Path(name)
            for relative, content in self._files.content.items():
                (folder / relative).parent.mkdir(parents=True, exist_ok=True)
                content.tofile(folder / relative)
            model = self._open_folder(folder)
        if model.fingerprint != self.fingerprint:
            raise ModelError(f"the model {self.fingerprint} arrived as {model.fingerprint}")
        return model
