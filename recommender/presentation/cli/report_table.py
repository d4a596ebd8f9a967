"""The report of an evaluation as a table for people."""

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING

from recommender.presentation.cli.options import Split
from recommender.presentation.cli.table import note, out, show_rows

if TYPE_CHECKING:  # NumPy is behind them, and an answer by id does without
    from recommender.evaluation.intervals import Difference, Estimate
    from recommender.evaluation.own_language import OwnLanguageReport
    from recommender.evaluation.report import Against, MetricReport, Report
    from recommender.evaluation.worst import Listed, WorstQuery

GROUPS_SHOWN = 12  # of each split in the table; all of them are in the JSON
MISSED_SHOWN = 10  # of each of the worst queries
Row = tuple[str, ...]


def show_report(report: "Report", splits: Collection[Split], *, measured: str) -> None:
    """Print everything that was found, tables to standard output and notes beside it.

    Args:
        report: The report.
        splits: What recall is split by.
        measured: What stands over its column: `this build`.
    """
    rows = [(entry.metric, *_figures(entry)) for entry in report.metrics]
    for split in splits:
        rows += [(f"{recall.metric} {name}", *_figures(recall)) for name, recall in _groups(report, split)][
            :GROUPS_SHOWN
        ]
    if report.own_language:
        rows += _own_language(report.own_language)
    show_rows(("metric", "queries", f"{measured} [95 %]", "TF-IDF [95 %]", "chance"), rows)
    for other in report.against:
        _show_against(other)
    for query in report.worst:
        _show_worst(query)
    for line in (*report.notes, *_hidden(report, splits)):
        note(line)


def _hidden(report: "Report", splits: Collection[Split]) -> Iterable[str]:
    for split in splits:
        n_hidden = len([*_groups(report, split)]) - GROUPS_SHOWN
        if n_hidden > 0:
            yield f"{n_hidden} smaller groups by {split} are left out here; all are in --json"


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


def _show_against(other: "Against") -> None:
    rows = [
        (
            entry.metric,
            str(entry.n_queries),
            f"{entry.system.mean:.3f}",
            f"{entry.baseline.mean:.3f}" if entry.baseline else "-",
            change(entry.difference) if entry.difference else "-",
            f"{entry.difference.p:.3f}" if entry.difference else "-",
        )
        for entry in other.metrics
    ]
    out().print(f"against {other.name}, over the {other.n_papers} papers that both hold:")
    show_rows(("metric", "queries", "this", "other", "difference [95 %]", "p"), rows)


def _show_worst(query: "WorstQuery") -> None:
    """Print one query: its list with the grades, and what was missed."""
    rows = [("", query.id, "", f"{query.title} (nDCG@10 {query.ndcg:.3f})")]
    rows += [(str(rank), one.id, _grade(one), one.title) for rank, one in enumerate(query.found, start=1)]
    rows += [
        ("missed", one.id, _grade(one), one.title or "not in the corpus")
        for one in query.missed[:MISSED_SHOWN]
    ]
    if more := query.missed[MISSED_SHOWN:]:
        rows.append(("missed", "…", "", f"{len(more)} more, none of a higher grade; all are in --json"))
    show_rows(("#", "id", "grade", "title"), rows)


def _grade(listed: "Listed") -> str:
    return "" if listed.grade is None else str(listed.grade)


def _figures(entry: "MetricReport") -> Row:
    baseline = estimate(entry.baseline) if entry.baseline else "-"
    return str(entry.n_queries), estimate(entry.system), baseline, f"{entry.chance:.3f}"


def estimate(of: "Estimate") -> str:
    """Return a mean with its interval: `0.512 [0.48, 0.54]`."""
    return f"{of.mean:.3f} [{of.low:.2f}, {of.high:.2f}]"


def change(of: "Difference") -> str:
    """Return a difference with its interval: `+0.050 [+0.02, +0.08]`."""
    return f"{of.mean:+.3f} [{of.low:+.2f}, {of.high:+.2f}]"
