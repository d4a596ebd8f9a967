"""`recommend evaluate`: known-similar pairs → recall, MRR, nDCG, hit, with intervals, chance, baseline."""

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from recommender.errors import GateError
from recommender.presentation.cli import options as o
from recommender.presentation.cli.report_table import show_report
from recommender.presentation.cli.similar import prepare
from recommender.presentation.cli.table import note
from recommender.settings import Settings
from recommender.workspace import Workspace

if TYPE_CHECKING:  # NumPy is behind them, and an answer by id does without
    from recommender.evaluation.gate import Verdict


def evaluate(
    pairs: Annotated[
        Path | None,
        typer.Argument(
            help="Known-similar pairs, TSV or TREC qrels; none: the sample's.", show_default=False
        ),
    ] = None,
    k: o.K = 10,
    build_id: Annotated[
        str | None,
        typer.Option("--build", help="Build to evaluate; none: the current one.", show_default=False),
    ] = None,
    gate: Annotated[
        bool, typer.Option("--gate", help="Exit 5 unless this build may replace the current one.")
    ] = False,
    relevant_from: Annotated[
        int | None,
        typer.Option("--relevant-from", min=1, help="Lowest grade that counts.", show_default=False),
    ] = None,
    by: o.By = None,
    as_json: o.Json = False,
    home: o.Home = None,
) -> None:
    """Measure a build against known-similar pairs, beside chance and character TF-IDF."""
    workspace = Workspace(Settings.read(os.environ, home=home))
    prepare(workspace)
    if gate:
        _gate(workspace.verdict(build_id, pairs), as_json=as_json)
        return
    report = workspace.evaluate(pairs, build_id=build_id, k=k, relevant_from=relevant_from)
    if as_json:
        typer.echo(json.dumps(report.to_dict(), ensure_ascii=False, indent=1))
        return
    show_report(report, by or [o.Split.language])


def _gate(verdict: "Verdict", *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(verdict.to_dict(), ensure_ascii=False, indent=1))
    if not verdict.passed:
        raise GateError(f"the build is refused: {'; '.join(verdict.reasons)}; the current one stays")
    if verdict.difference is None:
        note("the build may be published; no judged query to compare quality by")
    else:
        change = f"{verdict.difference.mean:+.3f} over {verdict.n_queries} queries"
        note(f"the build may be published: nDCG@10 {change}, {verdict.share_lost:.1%} of the papers lost")
