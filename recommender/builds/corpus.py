"""What a build is made of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from recommender.paper import Paper
from recommender.ranking.groups import arranged


@dataclass(frozen=True, slots=True, kw_only=True)
class Corpus:
    """What a build is made of.

    Attributes:
        papers: Every record in a fixed order, blank ones among them; ids are distinct.
        rejected: Why records that never became a paper were rejected, by id where they had one.
        n_rejected: How many were rejected, those without an id among them.
        digest: Names exactly these records.
        origin: Where they come from, as the manifest says it.
    """

    papers: Sequence[Paper]
    rejected: Mapping[str, str]
    n_rejected: int
    digest: str
    origin: str

    def answerable(self) -> list[Paper]:
        """Return the papers that have a text, in the order of a build's rows: by language, then by id."""
        found = [paper for paper in self.papers if not paper.is_blank]
        order = arranged([paper.language for paper in found], [paper.id for paper in found])
        return [found[place] for place in order]

    def unanswerable(self) -> dict[str, str]:
        """Return why each known id that is no row of the build cannot be answered."""
        known = {paper.id for paper in self.papers}
        rejected = {
            paper_id: f"it was rejected on import ({reason})"
            for paper_id, reason in self.rejected.items()
            if paper_id not in known
        }
        blank = "it has neither title nor abstract in its source, so there is nothing to compare"
        return rejected | {paper.id: blank for paper in self.papers if paper.is_blank}
