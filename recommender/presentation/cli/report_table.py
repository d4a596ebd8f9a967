"""The report of an evaluation as a table for people."""

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING

from recommender.presentation.cli.options import Split
from recommender.presentation.cli.table import note, show_rows

if TYPE_CHECKING:  # NumPy is behind them, and an answer by id does without
    from recommender.evaluation.intervals import Estimate
    from recommender.evaluation.own_language import OwnLanguageReport
    from recommender.evaluation.report import MetricReport, Report

GROUPS_SHOWN = 12  # of each split in the table; all of them are in the JSON
COLUMNS = ("metric", "queries", "this build [95 %]", "TF-IDF [95 %]", "chance")
Row = tuple[str, ...]


def show_report(report: "Report", splits: Collection[Split]) -> None:
    """Print the metrics, the chosen splits of recall and the same-language bias; then the notes."""
    rows = [(entry.metric, *_figures(entry)) for entry in report.metrics]
    hidden = []
    for split in splits:
        groups = [(f"{recall.metric} {name}", *_figures(recall)) for name, recall in _groups(report, split)]
        rows += groups[:GROUPS_SHOWN]
        if more := len(groups) - GROUPS_SHOWN:
            hidden.append((split, more))
    if report.own_language:
        rows += _own_language(report.own_language)
    show_rows(COLUMNS, rows)
    for line in report.notes:
        note(line)
    for split, more in hidden:
        if more > 0:
            note(f"{more} smaller groups by {split} are left out here; all are in --json")


def _groups(report: "Report", split: Split) -> "Iterable[tuple[str, MetricReport]]":
    if split is Split.language:
        return ((entry.name, entry.recall) for entry in report.language_pairs)
    return ((entry.group, entry.recall) for entry in report.groups if entry.split == split)


def _own_language(own: "OwnLanguageReport") -> list[Row]:
    n = str(own.n_queries)
    baseline = estimate(own.baseline) if own.baseline else "-"
    return [
        ("own language@10", n, estimate(own.nearest), baseline, f"{own.chance:.3f}"),
        ("… of the relevant", n, estimate(own.relevant), "-", "-"),
    ]


def _figures(entry: "MetricReport") -> Row:
    baseline = estimate(entry.baseline) if entry.baseline else "-"
    return str(entry.n_queries), estimate(entry.system), baseline, f"{entry.chance:.3f}"


def estimate(of: "Estimate") -> str:
    """Return a mean with its interval: `0.512 [0.48, 0.54]`."""
    return f"{of.mean:.3f} [{of.low:.2f}, {of.high:.2f}]"
