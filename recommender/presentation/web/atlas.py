"""The map of a build for the browser, and its clusters where papers have no subject."""

import gzip
from pathlib import Path

import numpy as np
from starlette.exceptions import HTTPException

from recommender.mapping import PaperMap
from recommender.mapping.kept import kept_map, map_of
from recommender.presentation.atlas.page import compact, content_of
from recommender.presentation.web.shelf import Opened
from recommender.vectors import Rows


def drawn(maps: Path, folder: Path) -> bytes:
    """Return the map of the build in a folder as JSON, compressed; it is kept in `maps`."""
    from recommender.builds import Build

    build = Build(folder)
    try:
        found = map_of(build, maps, on_stage=lambda stage, done, total: None)
        return gzip.compress(compact(content_of(found, build)).encode(), mtime=0)
    finally:
        build.close()


def topics_of(opened: Opened, maps: Path) -> PaperMap | None:
    """Return the map of a build, None where it was not drawn yet; it is read once."""
    return opened.once_found("map", lambda: kept_map(opened.build, maps))


def rows_of_topic(opened: Opened, maps: Path, number: int) -> tuple[str, Rows]:
    """Return the terms of a cluster, and its rows.

    Raises:
        HTTPException: There is no such cluster.
    """
    found = topics_of(opened, maps)
    if found is None or number >= len(found.clusters):
        raise HTTPException(404, f"there is no topic {number} on the map of this build")
    return " · ".join(found.clusters[number].terms) or str(number + 1), np.flatnonzero(
        found.cluster == number
    )
