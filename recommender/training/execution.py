"""Where and how a run is carried out."""

from dataclasses import dataclass
from pathlib import Path

from recommender.training.checkpoints import MINUTES_BETWEEN


@dataclass(frozen=True, slots=True)
class Execution:
    """Where and how a run is carried out, which decides nothing of what is learnt.

    Attributes:
        work: Where prepared data and checkpoints are kept. None: beside the model folder, and deleted in
            the end. A folder that was given keeps the prepared data, which serve other rates too.
        minutes: How often the state is kept.
        device: Where it learns and where a transformer teaches, as PyTorch calls it; the data are read on the
            CPU. On another a teacher reads of each text as much as it can at once.
    """

    work: Path | None = None
    minutes: float = MINUTES_BETWEEN
    device: str = "cpu"


USUAL = Execution()
