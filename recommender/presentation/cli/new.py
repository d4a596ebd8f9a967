"""`recommend new`: papers that entered since a build or a date and are similar to followed ones."""

import os
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from recommender.errors import UsageError
from recommender.presentation.cli import options as o
from recommender.presentation.cli.table import note, show_news
from recommender.presentation.named import ids_of, moment
from recommender.presentation.terminal import how_many
from recommender.recommendation.query import check_min_similarity
from recommender.settings import Settings
from recommender.workspace import Workspace

LAST = "last"  # the build before the current one


class NewsFormat(StrEnum):
    """How news are written."""

    table = "table"
    json = "json"
    atom = "atom"
    mail = "mail"


def new(
    since: Annotated[
        str,
        typer.Option(
            "--since",
            metavar="last|BUILD|DATE",
            help="last: the build before the current one; the id of a build; or a date: 2026-11-24.",
        ),
    ],
    follow: Annotated[
        list[str] | None, typer.Option("--follow", metavar="ID", help="A paper that is followed.")
    ] = None,
    follow_file: Annotated[
        Path | None, typer.Option("--follow-file", help="File with one id a line.", show_default=False)
    ] = None,
    k: Annotated[int, typer.Option("--k", "-k", min=1, help="How many papers at most.")] = 20,
    min_similarity: Annotated[
        float, typer.Option("--min-similarity", help="What counts as similar, from 0 to below 1.")
    ] = 0.99,
    output: Annotated[NewsFormat, typer.Option("--format", help="How to write it.")] = NewsFormat.table,
    as_json: o.Json = False,
    home: o.Home = None,
) -> None:
    """List papers that are new and similar to followed ones: table, JSON, Atom feed, or a mail.

    A mail of nothing is not written.
    """
    check_min_similarity(min_similarity)
    ids = followed(follow, follow_file)
    workspace = Workspace(Settings.read(os.environ, home=home))
    build = workspace.recommender().build
    named = workspace.store.predecessor() if since == LAST else since
    entered = workspace.entered_since(moment(named), build) if named else set()
    from recommender.presentation.news import FORMATS
    from recommender.recommendation.news import news_of

    news = news_of(build, ids, entered, k, min_similarity=min_similarity)
    when = f"since {named}" if named else "since the build before: there is none"
    similar = f"{len(news):,} similar to the {len(ids):,} followed"
    note(f"{how_many(len(entered), 'paper')} entered {when}; {similar}")
    if output is NewsFormat.table and not as_json:
        show_news(news)
        return
    name = NewsFormat.json if as_json else output
    if name is NewsFormat.mail and not news:
        return
    typer.echo(FORMATS[name](news, ids, build.manifest.created), nl=False)


def followed(ids: list[str] | None, file: Path | None) -> list[str]:
    """Return the ids that were given and those of a file, each once.

    Raises:
        UsageError: There are none, or the file cannot be read.
    """
    found = list(ids or [])
    if file:
        try:
            found += file.read_text(encoding="utf-8-sig").splitlines()
        except (OSError, UnicodeDecodeError) as problem:
            raise UsageError(f"{file}: cannot be read ({problem})") from problem
    if not (kept := [name for name in ids_of(found) if name]):
        raise UsageError("say which papers are followed: --follow ID, or --follow-file FILE")
    return kept
