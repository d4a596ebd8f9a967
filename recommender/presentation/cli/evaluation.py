"""`recommend evaluate`: known-similar pairs → recall, MRR, nDCG, hit, with intervals, chance, baseline."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from recommender.errors import GateError, UsageError
from recommender.presentation import journal
from recommender.presentation.asking import prepare
from recommender.presentation.cli import options as o
from recommender.presentation.cli.progress import StageProgress
from recommender.presentation.cli.report_table import show_report
from recommender.presentation.cli.table import note
from recommender.presentation.plots.canvas import check_suffix
from recommender.settings import Settings
from recommender.workspace import Workspace

if TYPE_CHECKING:  # NumPy is behind it, and an answer by id does without
    from recommender.builds import BuildStore
    from recommender.evaluation.gate import Verdict
    from recommender.evaluation.report import Report


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
    beir: o.Beir = None,
    split: o.BeirSplit = "test",
    model: o.CollectionModel = None,
    allow_download: o.AllowDownload = False,
    plot: o.Plot = None,
    as_json: o.Json = False,
    home: o.Home = None,
) -> None:
    """Measure a build against known-similar pairs, beside chance and character TF-IDF."""
    from recommender.evaluation.beir import read_collection
    from recommender.evaluation.report import Conditions
    from recommender.measuring import Wanted, measure, measure_collection

    _refuse_together(
        ("--gate", gate),
        {
            "--run": run,
            "--write-run": write_run,
            "--write-qrels": write_qrels,
            "--worst": worst,
            "--plot": plot,
            "--beir": beir,
        }
        | {"--against": against, "--against-model": against_model},
    )
    _refuse_together(("--run", run), {"--against": against, "--against-model": against_model})
    _refuse_together(
        ("--beir", beir), {"a file of pairs": pairs, "--build": build_id, "--against": against, "--run": run}
    )
    if model and not beir:
        raise UsageError("--model is for --beir; compare the build with a model by --against-model")
    if plot:
        check_suffix(plot)
    workspace = Workspace(Settings.read(os.environ, home=home, model=model))
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
    if not beir:
        prepare(workspace)
    if gate:
        _gate(workspace, build_id, pairs, as_json=as_json)
        return
    with StageProgress() as progress:
        report = (
            measure_collection(
                workspace,
                read_collection(beir, split),
                wanted,
                allow_download=allow_download,
                on_stage=progress,
            )
            if beir
            else measure(workspace, wanted, progress)
        )
    measured = "this run" if run else "this build"
    if plot:
        _draw(report, plot, measured, None if run or beir else workspace.store, build_id)
    if as_json:
        typer.echo(json.dumps(report.to_dict(), ensure_ascii=False, indent=1))
        return
    show_report(report, by or [o.Split.language], measured=measured)


def _draw(
    report: "Report", plot: Path, measured: str, store: "BuildStore | None", build_id: str | None
) -> None:
    """Draw a report, and the scores of a build of a store below it; None: no build was measured."""
    from recommender.measuring.likeness import likeness_of
    from recommender.presentation.plots.of_report import draw_report

    likeness = likeness_of(store.open(build_id) if build_id else store.current()) if store else None
    draw_report(report, plot, measured=measured, likeness=likeness)


def _refuse_together(one: tuple[str, object], others: Mapping[str, object]) -> None:
    """Refuse options that one option leaves no meaning."""
    name, is_given = one
    if is_given and (given := [other for other, value in others.items() if value]):
        raise UsageError(f"{name} does not go together with {given[0]}; call evaluate once for each")


def _gate(workspace: Workspace, build_id: str | None, pairs: Path | None, *, as_json: bool) -> None:
    """Judge a build, None: the newest, and keep the verdict.

    Raises:
        GateError: It is refused.
    """
    with workspace.writing():
        compared, is_kept = workspace.judge(build_id, pairs)
    judged, verdict = compared.candidate.manifest.build_id, compared.verdict
    if compared.problem:
        note(f"there is nothing to compare build {judged} with: {compared.problem}")
    if not is_kept:
        note("the build is current or was judged before; this verdict is not written into it")
    journal.tell(
        "verdict", build=judged, passed=verdict.passed, reasons=[*verdict.reasons],
        share_lost=verdict.share_lost, not_compared=compared.problem or None,
    )  # fmt: skip
    _tell(judged, verdict, as_json=as_json)


def _tell(build_id: str, verdict: "Verdict", *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(verdict.to_dict(), ensure_ascii=False, indent=1))
    if not verdict.passed:
        raise GateError(f"build {build_id} is refused: {'; '.join(verdict.reasons)}; the current one stays")
    if verdict.difference is None:
        note(f"build {build_id} may be published; no judged query to compare quality by")
    else:
        change = f"{verdict.difference.mean:+.3f} over {verdict.n_queries} queries"
        note(
            f"build {build_id} may be published:"
            f" nDCG@10 {change}, {verdict.share_lost:.1%} of the papers lost"
        )
