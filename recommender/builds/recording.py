"""The one time that a rebuild reads its papers: for each its record, the digest of its text, its facets."""

from collections.abc import Iterable
from typing import NamedTuple

from recommender.builds.facets import FacetWriter
from recommender.builds.papers import record_of
from recommender.paper import Paper


class Recorded(NamedTuple):
    """What some papers, in their order, add to a build.

    Attributes:
        records: As `PaperWriter` takes them.
        digests: The SHA-256 of each text, one after the other.
        facets: Of these papers alone.
    """

    records: list[bytes]
    digests: bytes
    facets: FacetWriter


def recorded(papers: Iterable[Paper]) -> Recorded:
    """Read some papers: in whatever process, since it takes longer than to write them down."""
    records, digests, facets = [], bytearray(), FacetWriter()
    for paper in papers:
        records.append(record_of(paper))
        digests += bytes.fromhex(paper.digest)
        facets.add(paper)
    return Recorded(records, bytes(digests), facets)
