"""Two legs, one order: what the vectors say and what the words say, made comparable across languages.

    rows in groups of one language → fit → scores of pairs → nearest (a rebuild), search (a text)
                                                              → shared_neighbours

The score of two papers is their fused likeness, less how alike papers of their languages are in general and
how alike each of them is to all papers, on one scale for every pair of languages; and what the neighbours say
that they have in common.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from recommender.ranking.calibration import Calibration
from recommender.ranking.comparing import Asked
from recommender.ranking.diversity import spread
from recommender.ranking.graph import NONE
from recommender.ranking.groups import LanguageGroups, arranged
from recommender.ranking.labels import KnownPairs, Levels, strength_of
from recommender.ranking.names import Name, Names
from recommender.ranking.ranked import Listed, Ranked, filled, sorting_keys, unpacked
from recommender.ranking.search import Search
from recommender.ranking.shared_neighbours import (
    ASKED,
    Lists,
    Near,
    NeighbourLists,
    Parts,
    depth_of,
    down_to_last,
)

if TYPE_CHECKING:
    from recommender.ranking.approaching import approach
    from recommender.ranking.fitting import COSINE, FUSED, Ranking, fit, words_worth
    from recommender.ranking.known import USUAL_STRENGTH, Graded, Known
    from recommender.ranking.nearest import Ranker
    from recommender.ranking.updating import UpdatedLists

__all__ = [
    "ASKED",
    "COSINE",
    "FUSED",
    "NONE",
    "USUAL_STRENGTH",
    "Asked",
    "Calibration",
    "Graded",
    "Known",
    "KnownPairs",
    "LanguageGroups",
    "Levels",
    "Listed",
    "Lists",
    "Name",
    "Names",
    "Near",
    "NeighbourLists",
    "Parts",
    "Ranked",
    "Ranker",
    "Ranking",
    "Search",
    "UpdatedLists",
    "approach",
    "arranged",
    "depth_of",
    "down_to_last",
    "filled",
    "fit",
    "sorting_keys",
    "spread",
    "strength_of",
    "unpacked",
    "words_worth",
]

OF_REBUILDS = {  # a question does without, and is answered sooner
    "approaching": ("approach",),
    "fitting": ("COSINE", "FUSED", "Ranking", "fit", "words_worth"),
    "known": ("USUAL_STRENGTH", "Graded", "Known"),
    "nearest": ("Ranker",),
    "updating": ("UpdatedLists",),
}


def __getattr__(name: str) -> Any:
    for module, names in OF_REBUILDS.items():
        if name in names:
            return getattr(import_module(f"{__name__}.{module}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
