"""An evaluation as a picture: every metric with its interval, beside character TF-IDF and chance."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from recommender.presentation.plots.canvas import INK, LINE, PALETTE, SOFT, mosaic, save
from recommender.presentation.plots.of_likeness import draw_likeness

if TYPE_CHECKING:
    from recommender.evaluation.intervals import Estimate
    from recommender.evaluation.report import MetricReport, Report
    from recommender.measuring.likeness import Likeness

PAIRS = 12  # of languages


def draw_report(
    report: "Report",
    file: Path,
    *,
    measured: str,
    likeness: "tuple[Likeness, Likeness] | None" = None,
) -> None:
    """Draw the metrics, and recall by pair of languages, with 95 % intervals.

    Args:
        report: The report.
        file: Where to.
        measured: What was: `this build`.
        likeness: Of the papers of one language and of two, drawn below.

    Raises:
        MissingExtraError: matplotlib is not installed.
        UsageError: The file cannot be written.
    """
    rows = [(entry.metric, entry) for entry in report.metrics]
    rows += [(f"{pair.recall.metric} {pair.name}", pair.recall) for pair in report.language_pairs[:PAIRS]]
    names = [["report", "report"], *([["within", "across"]] if likeness else [])]
    found, parts = mosaic(8, [1.4 + 0.36 * len(rows), *([3.2] if likeness else [])], names)
    axes = parts["report"]
    for place, (_, entry) in enumerate(rows):
        _draw(axes, place, entry)
    axes.set_yticks(range(len(rows)), [f"{name}  (n = {entry.n_queries})" for name, entry in rows])
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.set_xlim(0, 1)
    axes.set_xlabel(f"95 % intervals, {report.n_queries:,} queries, {report.n_papers:,} papers")
    axes.grid(axis="x", color=LINE, linewidth=0.6)
    for label, colour, marker in (
        (measured, PALETTE[0], "o"), ("TF-IDF", PALETTE[1], "s"), ("chance", SOFT, "|"),
    ):  # fmt: skip
        axes.plot([], [], marker, color=colour, label=label)
    above: Any = {"loc": "lower center", "bbox_to_anchor": (0.5, 1.0)}
    axes.legend(**above, ncols=3, frameon=False, labelcolor=INK, fontsize=8)
    if likeness:
        draw_likeness(parts["within"], likeness[0], "two papers of one language")
        draw_likeness(parts["across"], likeness[1], "of two languages")
    save(found, file)


def _draw(axes: Any, place: int, entry: "MetricReport") -> None:
    _estimate(axes, place - 0.14, entry.system, PALETTE[0], "o")
    if entry.baseline:
        _estimate(axes, place + 0.14, entry.baseline, PALETTE[1], "s")
    axes.plot([entry.chance], [place], "|", color=SOFT, markersize=9)


def _estimate(axes: Any, place: float, estimate: "Estimate", colour: str, marker: str) -> None:
    axes.plot([estimate.low, estimate.high], [place, place], color=colour, linewidth=1.6)
    axes.plot([estimate.mean], [place], marker, color=colour, markersize=4.5)
