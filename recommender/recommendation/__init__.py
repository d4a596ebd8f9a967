"""A build → similar papers."""

from recommender.recommendation.answer import Answer, Recommendation
from recommender.recommendation.query import Filters, Query
from recommender.recommendation.recommender import Recommender

__all__ = ["Answer", "Filters", "Query", "Recommendation", "Recommender"]
