"""Unit vectors → nearest neighbours: the seam and its engines."""

from collections.abc import Callable

from recommender.errors import SettingsError
from recommender.index.engine import Engine, Hits, VectorIndex

__all__ = ["ENGINES", "FILES", "Engine", "Hits", "VectorIndex", "engine_named"]


def _flat() -> Engine:
    from recommender.index.flat import FlatEngine

    return FlatEngine()


def _faiss() -> Engine:
    from recommender.index.faiss import FaissEngine

    return FaissEngine()


FILES = {
    "faiss": ("index.faiss",),
    "flat": (),
}  # of the engines that find what `flat` finds, beside the vectors
ENGINES: dict[str, Callable[[], Engine]] = {"faiss": _faiss, "flat": _flat}


def engine_named(name: str) -> Engine:
    """Return the engine called `name`; only now is its library imported.

    Raises:
        SettingsError: There is none of that name.
    """
    if name not in ENGINES:
        raise SettingsError(f"no engine {name!r}; choose one of {', '.join(ENGINES)}")
    return ENGINES[name]()
