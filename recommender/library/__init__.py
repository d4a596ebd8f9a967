"""The corpus store: the records of every source, in one SQLite file that outlives every build."""

from recommender.library.papers import LibraryPapers
from recommender.library.records import (
    Entry,
    ImportReport,
    LibrarySummary,
    Rejected,
    Source,
    SourceReport,
    SourceSummary,
    Stored,
)
from recommender.library.recovery import Recovered, recover
from recommender.library.store import Library

__all__ = [
    "Entry",
    "ImportReport",
    "Library",
    "LibraryPapers",
    "LibrarySummary",
    "Recovered",
    "Rejected",
    "Source",
    "SourceReport",
    "SourceSummary",
    "Stored",
    "recover",
]
