"""What `recommend evaluate` does: builds, runs and public test collections → a report."""

from recommender.measuring.of_builds import measure
from recommender.measuring.of_collections import measure_collection
from recommender.measuring.wanted import Wanted

__all__ = ["Wanted", "measure", "measure_collection"]
