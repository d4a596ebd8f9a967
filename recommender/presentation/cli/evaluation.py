"""`recommend evaluate`: known-similar pairs → recall, MRR, nDCG, hit, with intervals, chance, baseline."""

import json
import os
from typing import TYPE_CHECKING

import typer

from recommender.errors import GateError, UsageError
from recommender.presentation.cli import options as o
from recommender.presentation.cli.progress import StageProgress
from recommender.presentation.cli.report_table import show_report
from recommender.presentation.cli.similar import prepare
from recommender.presentation.cli.table import note
from recommender.settings import Settings
from recommender.workspace import Workspace

if TYPE_CHECKING:  # NumPy is behind it, and an answer by id does without
    from recommender.evaluation.gate import Verdict


def evaluate(
    pairs: o.Pairs = None,
    k: o.K = 10,
    build_id: o.EvaluatedBuild = None,
    gate: o.Gate = False,
    relevant_from: o.RelevantFrom = None,
    by: o.By = None,
    against: o.Against = None,
    against_model: o.AgainstModel = None,
    worst: o.Worst = 0,
    run: o.RunFile = None,
    write_run: o.WriteRun = None,
    write_qrels: o.WriteQrels = None,
    as_json: o.Json = False,
    home: o.Home = None,
) -> None:
    """Measure a build against known-similar pairs, beside chance and character TF-IDF."""
    from recommender.evaluation.report import Conditions
    from recommender.measuring import Wanted, measure

    compared = [*(against or []), *(against_model or [])]
    if gate and (run or write_run or write_qrels or compared or worst):
        raise UsageError("--gate takes pairs and --build alone; call evaluate again for the rest")
    if run and compared:
        raise UsageError("--run takes the place of the build's answers; compare builds without it")
    workspace = Workspace(Settings.read(os.environ, home=home))
    prepare(workspace)
    if gate:
        _gate(workspace.verdict(build_id, pairs), as_json=as_json)
        return
    wanted = Wanted(
        pairs=pairs,
        build_id=build_id,
        run=run,
        conditions=Conditions(k=k, relevant_from=relevant_from),
        against=tuple(against or ()),
        against_models=tuple(against_model or ()),
        n_worst=worst,
        write_run=write_run,
        write_qrels=write_qrels,
    )
    with StageProgress() as progress:
        report = measure(workspace, wanted, progress)
    if as_json:
        typer.echo(json.dumps(report.to_dict(), ensure_ascii=False, indent=1))
        return
    show_report(report, by or [o.Split.language], measured="this run" if run else "this build")


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
