"""`recommend serve`: the pages and the API."""

import os
from pathlib import Path
from typing import Annotated

import typer

from recommender.errors import UsageError
from recommender.extras import require
from recommender.presentation.asking import prepare
from recommender.presentation.cli import options as o
from recommender.settings import Settings
from recommender.workspace import Workspace


def serve(
    host: Annotated[
        str, typer.Option("--host", help="Address to listen on; the default is this machine alone.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="0: any that is free.")] = 8000,
    title: Annotated[str, typer.Option("--title", help="Name of the site.", show_default=False)] = "",
    api_key_file: Annotated[
        Path | None,
        typer.Option(
            "--api-key-file",
            help="File with the keys, one a line, of which callers of the API send one"
            " [env: RECOMMENDER_API_KEY].",
            show_default=False,
        ),
    ] = None,
    rate: Annotated[
        int,
        typer.Option(
            "--rate",
            min=0,
            help="Requests a minute that one key, or one address, may make; 0: no limit.",
        ),
    ] = 0,
    cors: Annotated[
        list[str] | None,
        typer.Option("--cors", metavar="ORIGIN", help="Site whose scripts may call the API; several."),
    ] = None,
    pages: Annotated[bool, typer.Option("--pages/--no-pages", help="Whether there are pages at all.")] = True,
    root_path: Annotated[
        str, typer.Option("--root-path", help="Path that a proxy puts before all others.", show_default=False)
    ] = "",
    home: o.Home = None,
) -> None:
    """Answer in a browser and over HTTP, until interrupted; a new build is taken up by itself."""
    for module in ("fastapi", "jinja2", "uvicorn", "prometheus_client"):
        require(module, "web")
    from recommender.presentation.web.run import run
    from recommender.presentation.web.site import Limits, Site

    workspace = Workspace(Settings.read(os.environ, home=home))
    prepare(workspace)
    site = Site(
        title=title,
        api_keys=_keys(api_key_file),
        origins=tuple(cors or ()),
        has_pages=pages,
        limits=Limits(per_minute=rate),
    )
    run(workspace, site, host=host, port=port, root_path=root_path)


def _keys(file: Path | None) -> tuple[str, ...]:
    if file is None:
        key = os.environ.get("RECOMMENDER_API_KEY", "")
        return (key,) if key else ()
    try:
        lines = file.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as problem:
        raise UsageError(f"{file}: cannot be read ({problem})") from problem
    keys = tuple(line.strip() for line in lines if line.strip())
    if not keys:
        raise UsageError(f"{file}: holds no key")
    return keys
