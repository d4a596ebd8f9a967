"""Several models read side by side: a text's vector is theirs in a row, each scaled by its share.

The cosine of two such vectors is the mean of the models' own cosines, weighted by their shares, so that
whatever one of them overlooks the others still see (late fusion; Kiela & Bottou 2014 join vectors likewise,
doi:10.3115/v1/D14-1005).
"""

import hashlib
import json
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from recommender.embedding.embedder import Embedder, Segmenter
from recommender.embedding.folder import FINGERPRINT_DIGITS, find_model, fingerprint, json_of
from recommender.errors import ModelError
from recommender.vectors import Vectors, normalised

LISTING = "joint.json"


class JointEmbedder:
    """The vectors of several models, joined."""

    def __init__(self, parts: Sequence[tuple[Embedder, float]]) -> None:
        """Join models, each with its share of the cosine, above 0; the shares add up to 1."""
        self._parts = [(part, np.float32(share**0.5)) for part, share in parts]
        named = json.dumps([(part.fingerprint, share) for part, share in parts])
        self.fingerprint = hashlib.sha256(named.encode()).hexdigest()[:FINGERPRINT_DIGITS]

    @property
    def dim(self) -> int:
        return sum(part.dim for part, _ in self._parts)

    @property
    def fills_cores(self) -> bool:
        return any(part.fills_cores for part, _ in self._parts)

    def encode(self, texts: Sequence[str]) -> Vectors:
        return normalised(np.hstack([scale * part.encode(texts) for part, scale in self._parts]))

    def segments(self, run: str) -> list[str]:
        reads = (part.segments(run) for part, _ in self._parts if isinstance(part, Segmenter))
        return next(reads, [*run])

    def windows(self, texts: Sequence[str]) -> list[int]:
        return [max(counts) for counts in zip(*(part.windows(texts) for part, _ in self._parts), strict=True)]


def is_joint(folder: Path) -> bool:
    """Tell whether a folder joins other models."""
    return (folder / LISTING).is_file()


def open_joint(folder: Path, open_part: Callable[[Path], Embedder]) -> JointEmbedder:
    """Open the models that `joint.json` names: an object of bundled names or folders and their shares.

    Args:
        folder: The folder that holds it; models may lie beside it.
        open_part: Opens the folder of one model.

    Raises:
        ModelError: The file cannot be read, or one of the models.
    """
    listing = folder / LISTING
    fingerprint(folder)  # which holds a bundled one against its sums
    try:
        shares = {str(name): float(share) for name, share in json_of(listing).items()}
    except (ValueError, TypeError, AttributeError) as problem:
        raise ModelError(f"{listing} cannot be read: {problem}") from problem
    if len(shares) < 2 or not all(0 < share < 1 for share in shares.values()):
        raise ModelError(f"{listing} must name two models or more, each with a share above 0: {shares}")
    if abs(sum(shares.values()) - 1) > 1e-9:
        raise ModelError(f"{listing}: the shares must add up to 1, got {sum(shares.values()):g}")
    parts = []
    for name, share in shares.items():
        found = find_model(name, allow_download=False, own=folder.parent)
        if is_joint(found):
            raise ModelError(f"{listing}: {name} is itself joined from others")
        parts.append((open_part(found), share))
    return JointEmbedder(parts)
