"""`recommend train`: adapt a model to the papers of the library."""

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from recommender.errors import GateError, UsageError
from recommender.presentation.cli import options as o
from recommender.presentation.cli.progress import StageProgress
from recommender.presentation.cli.table import note, show_rows
from recommender.settings import DEFAULT_MODEL, Settings, bundled
from recommender.workspace import Workspace

if TYPE_CHECKING:  # torch is behind it
    from recommender.training import AdaptationReport


def train(
    name: Annotated[
        str | None,
        typer.Option("--name", help="What to call the new model; none: by the time.", show_default=False),
    ] = None,
    model: Annotated[
        str | None,
        typer.Option(
            "--model", help="Static model to begin with [env: RECOMMENDER_MODEL].", show_default=False
        ),
    ] = None,
    recipe: Annotated[
        Path | None,
        typer.Option("--recipe", help="Recipe to follow; none: the one that ships.", show_default=False),
    ] = None,
    as_json: o.Json = False,
    home: o.Home = None,
) -> None:
    """Adapt the model to the library's own papers; refuse the result if it is worse on held-out ones."""
    workspace = Workspace(Settings.read(os.environ, home=home, model=model))
    target = workspace.settings.models / _checked(name or f"adapted-{datetime.now(UTC):%Y%m%dT%H%M%SZ}")
    begun_with = workspace.settings.model or DEFAULT_MODEL
    start = workspace.model_folder(begun_with)
    papers = workspace.corpus().papers
    from recommender.training import Recipe, adapt

    with StageProgress() as progress:
        report = adapt(
            papers, start, target, recipe=Recipe.read(recipe) if recipe else None, on_stage=progress
        )
    if as_json:
        typer.echo(json.dumps(report.to_dict(), ensure_ascii=False, indent=1))
    else:
        _show(report)
    if not report.installed:
        raise GateError(f"the adapted model is refused: {'; '.join(report.objections)}; {begun_with} stays")
    note(f"model {target.name} is ready; use it with: recommend rebuild --model {target.name}")


def _checked(name: str) -> str:
    if Path(name).name != name or name.startswith((".", "-")) or not name.isprintable() or " " in name:
        raise UsageError(
            f"a model's name is one word without slashes that begins with a letter, got {name!r}"
        )
    if (bundled("models") / name).exists():
        raise UsageError(f"{name} is the name of a bundled model; choose another")
    return name


def _show(report: "AdaptationReport") -> None:
    from recommender.training.adaptation_report import percent
    from recommender.training.tally import by_kind

    note(f"learnt from {report.n_learnt:,} papers; {report.n_held_out:,} others were asked about")
    for tally in by_kind(report.tallies):
        reasons = ", ".join(f"{count:,} {reason}" for reason, count in tally.refused.items())
        note(f"  {tally.name}: {tally.kept:,} pairs" + (f"; left out: {reasons}" if reasons else ""))
    show_rows(
        ("measure, in percent", "questions", "before", "after", "difference [95 %]"),
        [
            (
                measure.name,
                f"{measure.n:,}",
                f"{100 * measure.before.mean:.1f}",
                f"{100 * measure.after.mean:.1f}",
                percent(measure.difference, sign="+"),
            )
            for measure in report.measures
        ],
    )
