"""What came of an adaptation, and the card of the model that it made."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from recommender.evaluation.intervals import Difference, Estimate
from recommender.training.comparison import Measure
from recommender.training.recipe import Recipe
from recommender.training.tally import Tally, by_kind
from recommender.training.tally import as_markdown as tallies_as_markdown

TEMPLATE = Path(__file__).with_name("adaptation.md")


@dataclass(frozen=True, slots=True, kw_only=True)
class AdaptationReport:
    """What came of an adaptation.

    Attributes:
        target: The model folder, which is there if, and only if, the model was installed.
        objections: Why it was not installed, one sentence each.
        measures: Both models on held-out papers and on the sample.
        tallies: Pairs that were learnt from and pairs that were refused, by stream.
        n_learnt, n_held_out: Papers, each text once.
        start, fingerprint: Fingerprints of the model that training began with and of what came out.
    """

    target: Path
    objections: tuple[str, ...]
    measures: tuple[Measure, ...]
    tallies: tuple[Tally, ...]
    n_learnt: int
    n_held_out: int
    start: str
    fingerprint: str

    @property
    def installed(self) -> bool:
        """Whether nothing spoke against the new model."""
        return not self.objections

    def to_dict(self) -> dict[str, Any]:
        """Return the report ready for JSON."""
        return {**asdict(self), "target": str(self.target), "installed": self.installed}

    def card(self, recipe: Recipe, start: str, base_card: str) -> str:
        """Return the model card.

        Args:
            recipe: What was run.
            start: Name of the model that training began with.
            base_card: Name of the file that holds its card, "" where it has none.
        """
        return TEMPLATE.read_text(encoding="utf-8").format(
            name=self.target.name,
            start=start,
            start_fingerprint=self.start,
            frequent=recipe.library.frequent,
            n_learnt=self.n_learnt,
            n_held_out=self.n_held_out,
            pairs=tallies_as_markdown(by_kind(self.tallies)),
            figures=measures_as_markdown(self.measures),
            base=f"see `{base_card}`" if base_card else "it came without a card",
        )


def measures_as_markdown(measures: Sequence[Measure]) -> str:
    """Return the measures as a table in percent, with 95 % intervals."""
    lines = ["| measure | questions | before | after | difference | p |", "|---|--:|--:|--:|--:|--:|"]
    lines += [
        f"| {measure.name} | {measure.n:,} | {percent(measure.before)} | {percent(measure.after)}"
        f" | {percent(measure.difference, sign='+')} | {measure.difference.p:.3f} |"
        for measure in measures
    ]
    return "\n".join(lines) + "\n"


def percent(value: Estimate | Difference, *, sign: str = "") -> str:
    """Return a mean and its interval in percent: `74.6 [64.2, 85.1]`."""
    mean, low, high = (f"{100 * part:{sign}.1f}" for part in (value.mean, value.low, value.high))
    return f"{mean} [{low}, {high}]"
