"""The corpus store: the records of every source, in one SQLite file that outlives every build."""

from recommender.library.papers import LibraryPapers
from recommender.library.records import (
    Entry,
    ImportReport,
    Rejected,
    Source,
    SourceReport,
    Stored,
)
from recommender.library.recovery import Recovered, recover
from recommender.library.store import Library
from recommender.library.summary import LibrarySummary, SourceSummary

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
