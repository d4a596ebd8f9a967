"""The map of a build: every paper a point near its similar ones, in clusters with names."""

from recommender.mapping.drawn import Cluster, PaperMap, draw

__all__ = ["Cluster", "PaperMap", "draw"]
