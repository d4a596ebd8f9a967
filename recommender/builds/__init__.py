"""Immutable builds: one folder holds everything an answer needs, of one age.

Light on purpose: opening a build and looking up neighbours imports neither NumPy nor an engine.
"""

from recommender.builds.build import Build
from recommender.builds.manifest import Manifest
from recommender.builds.store import BuildStore

__all__ = ["Build", "BuildStore", "Manifest"]
