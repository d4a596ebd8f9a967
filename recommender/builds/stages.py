"""How long the stages of a rebuild take: its own record, stage after stage."""

from collections.abc import Callable
from time import perf_counter

from recommender.progress import OnStage


class Stages:
    """A clock that stands at one stage at a time; what a stage tells of its progress is passed on.

    Attributes:
        seconds: Of every stage so far, in order.
    """

    def __init__(self, on_stage: OnStage) -> None:
        self.seconds: dict[str, float] = {}
        self._on_stage = on_stage
        self._began = perf_counter()

    def done(self, stage: str) -> None:
        """Book the time since the last call on a stage."""
        now = perf_counter()
        self.seconds[stage] = self.seconds.get(stage, 0.0) + now - self._began
        self._began = now

    def telling(self, stage: str) -> Callable[[int, int], None]:
        """Return what passes the progress of a stage on."""
        return lambda done, total: self._on_stage(stage, done, total)
