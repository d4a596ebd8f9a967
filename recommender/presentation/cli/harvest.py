"""`recommend harvest`: the records of an OAI-PMH repository, into the library."""

import os
from typing import Annotated

import typer

from recommender.presentation.cli import options as o
from recommender.presentation.cli.corpus import note_import
from recommender.presentation.cli.progress import StageProgress
from recommender.presentation.cli.table import note
from recommender.presentation.terminal import how_many
from recommender.settings import Settings
from recommender.workspace import Workspace


def harvest(
    url: Annotated[str, typer.Argument(metavar="URL", help="Address of the repository.", show_default=False)],
    prefix: Annotated[
        str, typer.Option("--prefix", metavar="NAME", help="Kind of metadata: oai_dc or jats.")
    ] = "oai_dc",
    part: Annotated[
        str, typer.Option("--set", metavar="NAME", help="Only this part of it.", show_default=False)
    ] = "",
    since: Annotated[
        str,
        typer.Option(
            "--from",
            metavar="DATE",
            help="Changed then or later; none: since the last time.",
            show_default=False,
        ),
    ] = "",
    until: Annotated[
        str, typer.Option("--until", metavar="DATE", help="Changed then or earlier.", show_default=False)
    ] = "",
    on_error: o.Errors = o.OnError.stop,
    home: o.Home = None,
) -> None:
    """Fetch the records of an OAI-PMH repository that are new or changed; a broken off harvest goes on."""
    from recommender.harvesting import Request

    request = Request(url=url, prefix=prefix, set=part, since=since, until=until)
    workspace = Workspace(Settings.read(os.environ, home=home))
    with StageProgress() as progress, workspace.writing():
        harvested = workspace.harvest(request, report=on_error is o.OnError.report, on_stage=progress)
    note_import(harvested.report)
    if n := harvested.n_removed:
        were = "was" if n == 1 else "were"
        note(f"{how_many(n, 'paper')} that the repository has deleted {were} removed")
    if not harvested.n_pages:
        note(f"nothing new in {request.name}")
    note(f"harvest done, up to {harvested.done or 'now'}; take it up with: recommend rebuild")
