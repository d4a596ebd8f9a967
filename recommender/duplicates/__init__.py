"""A build → papers that are one work: copies, edited and translated versions, double publications.

Nothing is deleted or hidden by it; every group comes with the evidence.
"""

from recommender.duplicates.find import Group, Kind, Pair, find_duplicates
from recommender.duplicates.shingles import containment, numbers, shingles

__all__ = ["Group", "Kind", "Pair", "containment", "find_duplicates", "numbers", "shingles"]
