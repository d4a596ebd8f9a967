"""What a rebuild is made with: what is chosen, else what the current build was made with, else the defaults.

So a night without options goes on with the model and the engine that somebody chose once.
"""

import json
from dataclasses import dataclass
from typing import Self

from recommender.builds import BuildStore
from recommender.builds.manifest import FILE as MANIFEST
from recommender.errors import BuildError
from recommender.settings import DEFAULT_ENGINE, DEFAULT_MODEL, DEFAULT_RECALL, Settings, is_recall


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What makes one build unlike another of the same papers.

    Attributes:
        model: Its name or folder.
        engine: Its name.
        recall: The share of the ten nearest that the engine is to find; 1: it compares all.
    """

    model: str = DEFAULT_MODEL
    engine: str = DEFAULT_ENGINE
    recall: float = DEFAULT_RECALL

    @classmethod
    def of(cls, settings: Settings, before: "Choices | None") -> Self:
        """Return what is chosen; what is not, as the build before has it."""
        before = before or Choices()
        return cls(
            model=settings.model or before.model,
            engine=settings.engine or before.engine,
            recall=before.recall if settings.recall is None else settings.recall,
        )


def made_with(store: BuildStore) -> Choices | None:
    """Return what the current build was made with, also one of another version; None: nobody knows."""
    try:
        manifest = store.root / (store.current_id() or "none") / MANIFEST
        record = json.loads(manifest.read_text(encoding="utf-8"))
        recall = record.get("recall_target")  # programs before did not write it down
        return Choices(
            model=str(record["model"]),
            engine=str(record.get("engine") or DEFAULT_ENGINE),
            recall=recall if is_recall(recall) else DEFAULT_RECALL,
        )
    except (BuildError, OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
