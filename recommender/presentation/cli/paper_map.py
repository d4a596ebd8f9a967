"""`recommend map`: every paper a point near its similar ones, as a page or a picture."""

import os
from pathlib import Path
from typing import Annotated

import typer

from recommender.errors import UnwritableError, UsageError
from recommender.presentation.asking import prepare
from recommender.presentation.cli import options as o
from recommender.presentation.cli.progress import StageProgress
from recommender.presentation.cli.table import note
from recommender.settings import Settings
from recommender.workspace import Workspace

PAGES = (".html", ".htm")


def map_(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="out.html, out.png or out.svg.", show_default=False)
    ],
    title: Annotated[str, typer.Option("--title", help="What stands above it.")] = "文献地图 · Map of papers",
    site: Annotated[
        str,
        typer.Option(
            "--site", metavar="URL", help="A site of recommend serve that papers lead to.", show_default=False
        ),
    ] = "",
    home: o.Home = None,
) -> None:
    """Draw the map of the current build: one HTML file that needs nothing else, or a picture."""
    is_page = file.suffix.lower() in PAGES
    if not is_page:
        from recommender.presentation.plots.canvas import SUFFIXES, check_suffix

        if file.suffix.lower() not in SUFFIXES:
            known = ", ".join((*PAGES[:1], *SUFFIXES))
            raise UsageError(f"{file}: a map is written as {known}, by the end of its name")
        check_suffix(file)
    from recommender.mapping.kept import map_of

    workspace = Workspace(Settings.read(os.environ, home=home))
    prepare(workspace)
    build = workspace.recommender().build
    with StageProgress() as progress:
        drawn = map_of(build, workspace.settings.maps, on_stage=progress)
    if is_page:
        from recommender.presentation.atlas.page import content_of, page

        similar = f"{site.rstrip('/')}/find?like={{id}}" if site else ""
        try:
            file.write_text(page(content_of(drawn, build, similar=similar), title), encoding="utf-8")
        except OSError as problem:
            raise UnwritableError(file, problem) from problem
    else:
        from recommender.presentation.plots.of_map import draw_map

        draw_map(drawn, title, file)
    note(f"{len(drawn.points):,} papers in {len(drawn.clusters)} clusters, written to {file}")
