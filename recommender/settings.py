"""Settings: read once at the edge, passed down as values."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from recommender.errors import SettingsError

PACKAGE = Path(__file__).resolve().parent
DEFAULT_MODEL = "fast"
DEFAULT_ENGINE = "faiss"
GIVEN = ("model", "engine", "memory", "recall", "workers")
DEFAULT_RECALL, LEAST_RECALL = 0.99, 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Where things are and which parts are used.

    Attributes:
        home: The folder of the library, the embeddings and the builds.
        model: Name of a bundled model or of one trained here, folder of a SentenceTransformer, or its name
            on the hub; empty: none is chosen, and a rebuild keeps that of the current build.
        engine: Name of the search engine; empty: likewise.
        memory: Bytes that a rebuild may take; None: what is free.
        recall: The share of the ten nearest that an engine is to find; 1: it compares all; None: likewise.
        workers: Who shares the work of a rebuild, see `workers.open_workers`; empty: nobody.
    """

    home: Path
    model: str = ""
    engine: str = ""
    memory: int | None = None
    recall: float | None = None
    workers: str = ""

    @classmethod
    def read(
        cls, environment: Mapping[str, str], *, home: Path | None = None, **given: str | float | None
    ) -> Self:
        """Read `RECOMMENDER_HOME`, `…_MODEL`, `…_ENGINE`, `…_MEMORY` (GB), `…_RECALL` and `…_WORKERS`.

        Args:
            environment: Where these are.
            home: Has precedence.
            given: So have `model`, `engine`, `memory`, `recall` and `workers`; None: not given.

        Raises:
            SettingsError: The memory is no number above 0, or the recall none from 0.95 to 1.
            TypeError: Something else is given.
        """
        told = {name: environment.get(f"RECOMMENDER_{name.upper()}", "") for name in GIVEN}
        if unknown := given.keys() - told.keys():
            raise TypeError(f"no settings: {', '.join(unknown)}")
        told |= {name: str(value) for name, value in given.items() if value is not None}
        return cls(
            home=(home or _home(environment)).expanduser().absolute(),
            model=told["model"],
            engine=told["engine"],
            memory=_memory(told["memory"]),
            recall=_recall(told["recall"]),
            workers=told["workers"],
        )

    @property
    def library(self) -> Path:
        """The file of the library."""
        return self.home / "library.db"

    @property
    def builds(self) -> Path:
        """The folder of the builds."""
        return self.home / "builds"

    @property
    def embeddings(self) -> Path:
        """The folder of the embedding caches."""
        return self.home / "embeddings"

    @property
    def models(self) -> Path:
        """The folder of the models that were trained here."""
        return self.home / "models"

    @property
    def harvests(self) -> Path:
        """The folder of what harvests keep until it is imported, and of where they are."""
        return self.home / "harvests"

    @property
    def maps(self) -> Path:
        """The folder of the maps that were drawn of builds; deleting it costs time only."""
        return self.home / "maps"

    @property
    def lock(self) -> Path:
        """The lock file that a writer holds."""
        return self.home / "writer.lock"


def bundled(*parts: str) -> Path:
    """Return a file or folder that ships with the product: `bundled("data", "sample.jsonl")`.

    It lies beside the package in a checkout, and inside it once installed from a wheel.

    Raises:
        SettingsError: It is in neither place.
    """
    for root in (PACKAGE / "bundled", PACKAGE.parent):
        if (path := root.joinpath(*parts)).exists():
            return path
    raise SettingsError(f"{'/'.join(parts)} is missing from this installation; install recommender again")


def _memory(gigabytes: str) -> int | None:
    if not gigabytes:
        return None
    try:
        size = int(1e9 * float(gigabytes))
    except (ValueError, OverflowError):
        size = 0
    if size <= 0:
        raise SettingsError(f"the memory (RECOMMENDER_MEMORY) is {gigabytes!r}; give gigabytes, such as 8")
    return size


def is_recall(share: object) -> bool:
    """Tell whether an engine can be told to find such a share of the ten nearest."""
    return isinstance(share, float | int) and not isinstance(share, bool) and LEAST_RECALL <= share <= 1


def _recall(share: str) -> float | None:
    if not share:
        return None
    try:
        recall = float(share)
    except ValueError:
        recall = 0.0
    if not is_recall(recall):
        raise SettingsError(
            f"the recall is {share!r}; give a share from {LEAST_RECALL} to 1, which compares all"
        )
    return recall


def _home(environment: Mapping[str, str]) -> Path:
    if named := environment.get("RECOMMENDER_HOME"):
        return Path(named)
    from platformdirs import user_data_path  # only where it is needed: it costs milliseconds

    return user_data_path("recommender", appauthor=False)
