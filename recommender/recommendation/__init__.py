"""A build → similar papers."""

from recommender.recommendation.recommender import Answer, Recommendation, Recommender

__all__ = ["Answer", "Recommendation", "Recommender"]
