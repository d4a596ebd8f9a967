"""Papers that are one work, for machines."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # it reads texts, which an answer by id does without
    from recommender.duplicates import Group


def record(group: "Group") -> dict[str, Any]:
    """Return a group for JSON."""
    return {
        "papers": [paper.as_dict() for paper in group.papers],
        "pairs": [
            {
                "one": pair.one.id,
                "other": pair.other.id,
                "kind": pair.kind.value,
                "containment": round(pair.containment, 4),
                "score": round(pair.score, 6),
                "differs": list(pair.differs),
            }
            for pair in group.pairs
        ],
    }
