"""What an answer consists of."""

from dataclasses import dataclass
from typing import NamedTuple

from recommender.neighbour import Label
from recommender.paper import Paper
from recommender.recommendation.query import Query


class Recommendation(NamedTuple):
    """One similar paper.

    Attributes:
        rank: From 1.
        score: What it is ranked by: 0 is as alike as any two papers; in a corpus of one language at most 1.
        similarity: The share of random pairs of the same two languages in the corpus that score lower,
            in [0, 1); the mean over several papers that are liked.
        label: How alike the two are, in a word; to the most alike of several.
        paper: The paper.
    """

    rank: int
    score: float
    similarity: float
    label: Label
    paper: Paper


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Similar papers, best first.

    Attributes:
        query: What was asked.
        liked: The papers it named.
        results: The similar papers; none where nothing is similar enough.
        build_id: The build that answered.
        seconds: How long the answer took, the opening of build and model left out.
    """

    query: Query
    liked: tuple[Paper, ...]
    results: tuple[Recommendation, ...]
    build_id: str
    seconds: float

    def _repr_html_(self) -> str:
        """Return the answer as a notebook shows it."""
        from recommender.recommendation.notebook import html

        return html(self)
