"""`recommend some words`, answered without importing the command line, which takes a third of the time."""

import os
import sys
from pathlib import Path

from recommender.errors import RecommenderError
from recommender.presentation.terminal import INTERRUPTED, fail, refuse, written


def answered_text(text: str, k: int, output: str, home: str | None) -> int:
    """Answer a text as the command does, and return the exit code.

    Args:
        text: Words or an abstract.
        k: How many papers.
        output: `table`, or the name of a format.
        home: The folder, where it is named.
    """
    if "numpy" not in sys.modules:
        os.environ.setdefault(
            "OPENBLAS_NUM_THREADS", "1"
        )  # one question keeps one core busy, threads cost time
    try:
        return written(lambda: _answer(text, k, output, home))
    except RecommenderError as error:
        return refuse(error)
    except KeyboardInterrupt:
        return fail("interrupted; nothing was published", INTERRUPTED)


def _answer(text: str, k: int, output: str, home: str | None) -> None:
    from recommender.presentation.asking import ask, prepare
    from recommender.recommendation import Query
    from recommender.recommendation.recommender import read
    from recommender.settings import Settings
    from recommender.workspace import Workspace

    query = Query(text=read(text))
    workspace = Workspace(Settings.read(os.environ, home=Path(home) if home else None))
    prepare(workspace)
    ask(workspace, workspace.recommender(), query, k, output)
