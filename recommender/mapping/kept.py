"""Maps that were drawn before: one file a build, dropped once its build is gone."""

import json
from dataclasses import asdict
from pathlib import Path

import numpy as np

from recommender.builds import Build
from recommender.files import write_durably
from recommender.mapping.drawn import SEED, Cluster, PaperMap, draw
from recommender.progress import OnStage

FORMAT = 1


def map_of(build: Build, folder: Path, *, on_stage: OnStage) -> PaperMap:
    """Return the map of a build: the kept one, or one that is drawn now and kept.

    Args:
        build: The build.
        folder: Where maps are kept; a file that cannot be used is drawn anew.
        on_stage: Told how far the drawing is.

    Raises:
        MissingExtraError: What lays points out is not installed.
        BuildError: The build is damaged.
    """
    path = folder / f"{build.manifest.build_id}.json"
    if (kept := kept_map(build, folder)) is not None:
        return kept
    drawn = draw(build, on_stage=on_stage)
    folder.mkdir(parents=True, exist_ok=True)
    for other in folder.glob("*.json"):
        if not (build.folder.parent / other.stem).exists():
            other.unlink(missing_ok=True)
    _write(drawn, path)
    return drawn


def _write(drawn: PaperMap, path: Path) -> None:
    content = {
        "format": FORMAT,
        "seed": SEED,
        "build": drawn.build_id,
        "points": drawn.points.tolist(),
        "cluster": drawn.cluster.tolist(),
        "clusters": [asdict(cluster) for cluster in drawn.clusters],
        "neighbours": drawn.neighbours.tolist(),
    }
    write_durably(path, json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode())


def kept_map(build: Build, folder: Path) -> PaperMap | None:
    """Return the map of a build if it is kept and can be used."""
    path = folder / f"{build.manifest.build_id}.json"
    try:
        content = json.loads(path.read_bytes())
        if (content["format"], content["seed"], content["build"]) != (FORMAT, SEED, build.manifest.build_id):
            return None
        found = PaperMap(
            build_id=content["build"],
            points=np.array(content["points"], dtype=np.float64).reshape(-1, 2),
            cluster=np.array(content["cluster"], dtype=np.int64),
            clusters=tuple(
                Cluster(**(cluster | {"terms": tuple(cluster["terms"])})) for cluster in content["clusters"]
            ),
            neighbours=np.array(content["neighbours"], dtype=np.int64),
        )
    except (OSError, ValueError, KeyError, TypeError, RecursionError, OverflowError):
        return None
    n = build.manifest.n_papers
    return found if {len(found.points), len(found.cluster), len(found.neighbours)} == {n} else None
