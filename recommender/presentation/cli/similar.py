"""`recommend similar`: the main command."""

import os
import sys
from unicodedata import normalize

import typer

from recommender.errors import UsageError
from recommender.presentation.cli import options as o
from recommender.settings import Settings
from recommender.workspace import Workspace


def similar(
    text: o.Text = None,
    paper_id: o.Ids = None,
    k: o.K = 5,
    min_similarity: o.MinSimilarity = 0.0,
    output: o.Format = o.OutputFormat.table,
    as_json: o.Json = False,
    model: o.QueryModel = None,
    allow_download: o.AllowDownload = False,
    home: o.Home = None,
) -> None:
    """Recommend papers similar to a paper (--id) or to any text."""
    words = " ".join(text or [])
    if paper_id is not None and model:
        raise UsageError("--model is for texts: the neighbours of a paper were found when the build was made")
    if (paper_id is None) == (not words):
        raise UsageError("give either --id or a text: recommend --id 9, recommend '产教融合 治理'")
    workspace = Workspace(Settings.read(os.environ, home=home))
    prepare(workspace)
    recommender = workspace.recommender(model=model, allow_download=allow_download)
    if paper_id is not None:
        name = normalize("NFC", paper_id.strip())
        answer = recommender.similar_to(name, k, min_similarity=min_similarity)
    else:
        query = _standard_input() if words == "-" else words
        answer = recommender.similar_to_text(query, k, min_similarity=min_similarity)
    from recommender.presentation.cli.table import header, note, show_answer

    note(header(answer))
    if recommender.build.manifest.is_sample and workspace.has_papers():
        note("this is the bundled sample; your papers are in no build yet, run: recommend rebuild")
    if output is o.OutputFormat.table and not as_json:
        show_answer(answer)
        return
    from recommender.presentation.formats import FORMATS

    chosen = o.OutputFormat.json if as_json else output
    typer.echo(FORMATS[chosen](answer), nl=False)


def prepare(workspace: Workspace) -> None:
    """Build the bundled sample on a machine that has no papers yet, and say so."""
    if not workspace.is_new():
        return
    from recommender.presentation.cli.progress import StageProgress
    from recommender.presentation.cli.table import note

    with StageProgress() as progress:
        manifest = workspace.build_sample(on_stage=progress)
    note(
        f"no papers yet: built the bundled sample of {manifest.n_papers} papers in {workspace.settings.home};"
        " use your own with: recommend rebuild FILES"
    )


def _standard_input() -> str:
    if sys.stdin is None:
        raise UsageError("standard input is closed; give the text as an argument")
    try:
        return sys.stdin.buffer.read().decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        raise UsageError(
            f"standard input is not UTF-8 (byte {problem.start + 1}); convert it first"
        ) from problem
