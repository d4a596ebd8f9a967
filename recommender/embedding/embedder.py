"""The seam between texts and vectors."""

from collections.abc import Callable, Sequence
from typing import Protocol, runtime_checkable

from recommender.vectors import Vectors

OnProgress = Callable[[int, int], None]  # (done, total)


class Embedder(Protocol):
    """A model that turns texts into unit vectors.

    The same text gives the same vector whatever else is in the batch, up to the rounding of float32.
    """

    @property
    def fingerprint(self) -> str:
        """Names the exact model: vectors may be compared only under one fingerprint."""
        ...

    @property
    def dim(self) -> int:
        """The length of a vector."""
        ...

    @property
    def fills_cores(self) -> bool:
        """Whether one `encode` keeps all cores busy, so that no other process had better share the texts."""
        ...

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return one unit vector a text (n, dim), in order.

        Raises:
            ModelError: The model has no vector for one of the texts.
        """
        ...

    def windows(self, texts: Sequence[str]) -> list[int]:
        """Return in how many pieces each text is read: 1 is at once; nothing is ever cut off."""
        ...


@runtime_checkable
class Segmenter(Protocol):
    """A model that also tells words apart where no spaces do."""

    def segments(self, run: str) -> list[str]:
        """Return a run of letters cut into words, as far as the model knows them, without a gap."""
        ...
