"""`recommend similar`: the main command."""

import os
import sys
from io import BytesIO
from pathlib import Path

from recommender.builds.fallback import whole_before_current
from recommender.errors import BuildError, UsageError
from recommender.presentation.asking import ask, prepare
from recommender.presentation.cli import options as o
from recommender.presentation.named import ids_of
from recommender.presentation.terminal import note
from recommender.recommendation import Filters, Query
from recommender.recommendation.recommender import read
from recommender.settings import Settings
from recommender.workspace import Workspace


def similar(
    text: o.Text = None,
    paper_id: o.Ids = None,
    like: o.Like = None,
    unlike: o.Unlike = None,
    k: o.K = 5,
    min_similarity: o.MinSimilarity = 0.0,
    since: o.Since = None,
    until: o.Until = None,
    venue: o.Venues = None,
    author: o.Authors = None,
    subject: o.Subjects = None,
    language: o.Languages = None,
    exclude: o.Exclude = None,
    diversity: o.Diversity = 0.0,
    half_life: o.HalfLife = None,
    why: o.Why = False,
    output: o.Format = o.TABLE,
    as_json: o.Json = False,
    on_damage: o.Damage = o.OnDamage.refuse,
    model: o.QueryModel = None,
    allow_download: o.AllowDownload = False,
    home: o.Home = None,
) -> None:
    """Recommend papers similar to a paper (--id) or to any text."""
    words = " ".join(text or [])
    if not words and model:
        raise UsageError("--model is for texts: the vectors of papers were made when the build was made")
    if paper_id and words:
        raise UsageError("give either --id or a text; --like adds papers to a text")
    if not paper_id and not like and not words:
        raise UsageError("give either --id or a text: recommend --id 9, recommend '产教融合 治理'")
    query = Query(
        like=ids_of([*(paper_id or []), *(like or [])]),
        text=read(_standard_input() if words == "-" else words) if words else "",
        unlike=ids_of(unlike),
        filters=Filters(
            since=since,
            until=until,
            venues=tuple(venue or ()),
            authors=tuple(author or ()),
            subjects=tuple(subject or ()),
            languages=tuple(code for code in language or () if code != "any"),
            exclude=ids_of(exclude),
        ),
        diversity=diversity,
        half_life=half_life,
        min_similarity=min_similarity,
    )
    workspace = Workspace(Settings.read(os.environ, home=home))
    prepare(workspace)
    written = "json" if as_json else output
    try:
        recommender = workspace.recommender(model=model, allow_download=allow_download)
        ask(workspace, recommender, query, k, written, why=why)
    except BuildError as problem:
        if on_damage is o.OnDamage.refuse:
            raise
        build = whole_before_current(workspace.store)
        note(f"{problem}: answering from the build before, {build.manifest.build_id}")
        recommender = workspace.recommender(build, model=model, allow_download=allow_download)
        ask(workspace, recommender, query, k, written, why=why)


def _standard_input() -> str:
    from recommender.readers.decoding import find_encoding  # of no use to whoever asks by an id

    if sys.stdin is None:
        raise UsageError("standard input is closed; give the text as an argument")
    content = sys.stdin.buffer.read()
    encoding = find_encoding(Path("standard input"), content, lambda: BytesIO(content))
    return content.decode(encoding)
