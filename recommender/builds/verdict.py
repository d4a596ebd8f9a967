"""The verdict of the publication gate, as a build keeps it in its manifest."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricChange:
    """How one metric changed, over the same queries: the mean difference, its 95 % interval, p."""

    metric: str
    n_queries: int
    mean: float
    low: float
    high: float
    p: float


@dataclass(frozen=True, slots=True, kw_only=True)
class GateVerdict:
    """Whether a build was let through, and what that rests on.

    Attributes:
        judged: When, in ISO 8601, UTC.
        against: The build that was current then; None: there was none to lose.
        passed: Whether it was let through.
        reasons: Why not, one sentence each.
        metrics: Each metric, this build less the one before; none without judgements.
        n_lost, share_lost: Papers of the one before that this one does not answer.

    Raises:
        ValueError: The time is none, or a build that passed has reasons against it.
    """

    judged: str
    against: str | None
    passed: bool
    reasons: tuple[str, ...]
    metrics: tuple[MetricChange, ...]
    n_lost: int
    share_lost: float

    def __post_init__(self) -> None:
        datetime.fromisoformat(self.judged)
        if self.passed is not (not self.reasons):
            raise ValueError("the verdict contradicts its reasons")

    @classmethod
    def from_dict(cls, record: Mapping[str, Any]) -> Self:
        """Return the verdict of which `dataclasses.asdict` made `record`.

        Raises:
            TypeError: A field is missing or unknown.
            ValueError: A value is not valid.
        """
        metrics = tuple(MetricChange(**change) for change in record["metrics"])
        return cls(**{**record, "reasons": tuple(record["reasons"]), "metrics": metrics})

    @property
    def summary(self) -> str:
        """What it says in a few words: `passed, nDCG@10 +0.012 (p 0.340), 0 lost`."""
        changes = [
            f"{change.metric} {change.mean:+.3f} (p {change.p:.3f})"
            for change in self.metrics
            if change.metric.startswith("nDCG")
        ]
        return ", ".join(["passed" if self.passed else "refused", *changes, f"{self.n_lost} lost"])
