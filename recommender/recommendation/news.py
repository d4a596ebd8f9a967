"""What is new: papers that entered a corpus and are similar to those that somebody follows."""

from collections.abc import Sequence, Set
from dataclasses import dataclass

import numpy as np

from recommender.builds import Build
from recommender.neighbour import Neighbour
from recommender.paper import Paper
from recommender.recommendation.answer import Recommendation
from recommender.recommendation.recommender import row_of
from recommender.recommendation.steering import asked_for

AT_LEAST = 0.99  # similarity: nearer than 99 of 100 random pairs


@dataclass(frozen=True, slots=True)
class News:
    """A paper that is new, and the followed one that it is most similar to."""

    found: Recommendation
    followed: Paper


def news_of(
    build: Build, follow: Sequence[str], entered: Set[str], k: int, *, min_similarity: float = AT_LEAST
) -> list[News]:
    """Return at most `k` new papers that are similar to a followed one, the most similar first.

    Args:
        build: The build that holds them all.
        follow: Ids of the papers that are followed.
        entered: Ids of the papers that are new; those that the build does not hold are passed over.
        k: How many at most.
        min_similarity: What counts as similar.

    Raises:
        PaperNotFoundError: The build does not hold a followed paper.
        NotAnswerableError: A followed paper has no text.
        BuildError: The build is damaged.
    """
    followed = {row_of(build, paper_id, instead="follow another"): paper_id for paper_id in follow}
    known = {build.papers.row_of(paper_id) for paper_id in entered}
    rows = np.array(sorted(row for row in known if row is not None and row not in followed), dtype=np.int64)
    best: dict[int, tuple[Neighbour, int]] = {}
    for own in followed:
        asked = asked_for(build, own, 1.0)
        for neighbour in build.search.nearest([asked], k, allowed=rows, least=min_similarity):
            before = best.get(neighbour.row)
            if not before or neighbour.score > before[0].score:
                best[neighbour.row] = neighbour, own
    ordered = sorted(best.values(), key=lambda entry: (-entry[0].score, entry[0].row))[:k]
    return [
        News(Recommendation(rank, score, similarity, label, build.papers.paper(row)), build.papers.paper(own))
        for rank, ((row, score, similarity, label), own) in enumerate(ordered, start=1)
    ]
