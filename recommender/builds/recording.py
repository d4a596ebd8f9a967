"""The one time that a rebuild reads its papers: for each its record, the digest of its text, its facets.

A paper that the build before has just so is not read again.
"""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

import numpy as np

from recommender.builds import carrying, unchanged
from recommender.builds.build import Build
from recommender.builds.corpus import Answerable
from recommender.builds.facet_writer import FacetWriter
from recommender.builds.papers import PaperWriter, record_of
from recommender.builds.unchanged import Unchanged
from recommender.digests import SIZE, Digests, digests_of, first_copies
from recommender.paper import Paper
from recommender.vectors import Rows
from recommender.workers import PROCESSES


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


def write_papers(
    papers: Answerable,
    folder: Path,
    build_id: str,
    before: Build | None,
    on_progress: Callable[[int, int], None],
) -> tuple[Digests, Rows]:
    """Write the records of a build, its facets and the digests of its texts.

    Args:
        papers: Of the build.
        folder: Of the build.
        build_id: Of the build.
        before: A build whose records need not be read again; None: there is none.
        on_progress: Told how many of the papers to read are done.

    Returns:
        The digests, and for each row the first one with the same text.
    """
    known = papers.digests()
    same = None if before is None or known is None else Unchanged.of(before, known)
    fresh = np.arange(len(papers)) if same is None else same.fresh
    facets, parts = FacetWriter(), [np.empty((0, SIZE), dtype=np.uint8)]
    with PaperWriter(folder, build_id) as records:
        for part in PROCESSES.map(recorded, papers.batches(fresh)):  # the library is here
            for record in part.records:
                records.add(record)
            parts.append(part.digests)
            facets.extend(part.facets)
            on_progress(len(records), len(fresh))
        digests = np.concatenate(parts)
        if same:
            digests = same.texts(digests)
        copies = first_copies(digests)
        records.finish(copies, papers.unanswerable, same)
    if same:
        facets.write_onto(same.folder, same.now, fresh, folder)
    else:
        facets.write(folder)
    carrying.write_digests(digests, folder)
    if known is not None:
        unchanged.write_digests(known, folder)
    return digests, copies
