"""Asking one question of a home folder and writing the answer, whoever has read the arguments."""

import shlex
import sys
from datetime import datetime
from typing import TYPE_CHECKING

from recommender.presentation import answers, terminal
from recommender.presentation.formats import written
from recommender.presentation.terminal import note

if TYPE_CHECKING:
    from recommender.recommendation import Query, Recommender
    from recommender.workspace import Workspace


def ask(
    workspace: "Workspace",
    recommender: "Recommender",
    query: "Query",
    k: int,
    output: str,
    *,
    why: bool = False,
) -> None:
    """Answer a question on standard output, and say on standard error what was found.

    Args:
        workspace: The home folder.
        recommender: What answers from it.
        query: What is asked.
        k: How many papers.
        output: `table`, or the name of a format.
        why: Say why each paper is similar.

    Raises:
        RecommenderError: There is no answer.
    """
    answer = recommender.recommend(query, k)
    reasons = recommender.explain(answer) if why else ()
    is_id = bool(query.text) and recommender.build.papers.row_of(query.text) is not None
    note(answers.header(answer))
    if recommender.build.manifest.is_sample and workspace.has_papers():
        note("this is the bundled sample; your papers are in no build yet, run: recommend rebuild")
    if fillers := answers.unrelated(answer):
        note(fillers)
    if is_id:
        note(f"there is a paper {query.text!r}; its similar ones: --id {shlex.quote(query.text)}")
    if output != "table":
        created = datetime.fromisoformat(recommender.build.manifest.created)
        sys.stdout.write(written(answer, output, reasons, created))
        return
    last = []
    if reasons:
        from recommender.presentation.reasons import reason_line

        last = [reason_line(reason) for reason in reasons]
    sys.stdout.write(answers.table(answer.results, last, terminal.width(), styled=terminal.has_styles()))


def prepare(workspace: "Workspace") -> None:
    """Build the bundled sample on a machine that has no papers yet, or an old build of it; say so."""
    if not workspace.is_new() and not workspace.has_old_sample():
        return
    from recommender.presentation.cli.progress import StageProgress

    with StageProgress() as progress:
        manifest = workspace.build_sample(on_stage=progress)
    note(
        f"no papers yet: built the bundled sample of {manifest.n_papers} papers in {workspace.settings.home};"
        " use your own with: recommend rebuild FILES"
    )
