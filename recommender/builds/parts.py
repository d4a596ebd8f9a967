"""What a rebuild works with."""

from dataclasses import dataclass
from pathlib import Path

from recommender.builds.store import BuildStore
from recommender.embedding import Embedder
from recommender.index import RECALL, Engine
from recommender.ranking import FUSED, KnownPairs, Ranking
from recommender.workers import HERE, Workers


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """The parts a rebuild works with.

    Attributes:
        store: Where the build goes.
        embeddings: The folder of the embedding caches.
        embedder: The model.
        model: Its name as the user gave it.
        engine: What searches.
        recall: The share of the ten nearest that it is to find, if it does not compare all.
        ranking: How papers are ranked.
        known: What the labels are learnt from; None: the build has none.
        workers: Who embeds, counts words and looks for neighbours; `HERE`: the cores of this machine.
    """

    store: BuildStore
    embeddings: Path
    embedder: Embedder
    model: str
    engine: Engine
    recall: float = RECALL
    ranking: Ranking = FUSED
    known: KnownPairs | None = None
    workers: Workers = HERE
