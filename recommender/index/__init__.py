"""Unit vectors → nearest neighbours: the seam and its engines."""

from collections.abc import Callable
from pathlib import Path

from recommender.errors import SettingsError
from recommender.index.engine import RECALL, Before, Engine, Hits, VectorIndex

__all__ = [
    "ENGINES",
    "OWN_FILES",
    "RECALL",
    "Before",
    "Engine",
    "Hits",
    "VectorIndex",
    "engine_named",
    "give_up",
]


def _flat(_: float) -> Engine:
    from recommender.index.flat import FlatEngine

    return FlatEngine()


def _faiss(recall: float) -> Engine:
    from recommender.index.faiss import FaissEngine

    return FaissEngine(recall)


def _milvus(_: float) -> Engine:
    from recommender.index.milvus import MilvusEngine

    return MilvusEngine()


OWN_FILES = "index."  # how the files begin that only the engine reads
OUTSIDE = {"milvus.json": "milvus"}  # files that say what an engine keeps outside the folder
ENGINES: dict[str, Callable[[float], Engine]] = {"faiss": _faiss, "flat": _flat, "milvus": _milvus}


def engine_named(name: str, recall: float = RECALL) -> Engine:
    """Return the engine called `name`; only now is its library imported.

    Args:
        name: One of `ENGINES`.
        recall: The share of the ten nearest to find, by an engine that does not compare all.

    Raises:
        SettingsError: There is none of that name.
    """
    if name not in ENGINES:
        raise SettingsError(f"no engine {name!r}; choose one of {', '.join(ENGINES)}")
    return ENGINES[name](recall)


def give_up(folder: Path) -> None:
    """Give up what an unfinished build keeps outside its folder, which may lack anything.

    Raises:
        EngineError: A server cannot be reached.
        BuildError: What names it there cannot be read.
    """
    for file, engine in OUTSIDE.items():
        if (folder / file).is_file():
            engine_named(engine).drop(folder)
