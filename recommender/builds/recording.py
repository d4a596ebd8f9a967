"""The one time that a rebuild reads its papers: for each its record, the digest of its text, its facets."""

from collections.abc import Iterable
from typing import NamedTuple

from recommender.builds.facets import FacetWriter
from recommender.builds.papers import record_of
from recommender.digests import Digests, digests_of
from recommender.paper import Paper


class Recorded(NamedTuple):
    """What some papers, in their order, add to a build.

    Attributes:
        records: As `PaperWriter` takes them.
        digests: Of their texts.
        facets: Of these papers alone.
    """

    records: list[bytes]
    digests: Digests
    facets: FacetWriter


def recorded(papers: Iterable[Paper]) -> Recorded:
    """Read some papers: in whatever process, since it takes longer than to write them down."""
    records, digests, facets = [], [], FacetWriter()
    for paper in papers:
        records.append(record_of(paper))
        digests.append(paper.digest)
        facets.add(paper)
    return Recorded(records, digests_of(digests), facets)
