"""recommender: similar literature (相似文献) for a corpus of abstracts.

The folders read like the data flow:

    source files → readers → Paper → library → embedding → index   → ranking → build → recommendation → CLI
                                                  ↑         lexical               ↓
                                       models ← training                    evaluation → publish or refuse

Nothing happens on import; every name below is loaded when it is first used.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from recommender.builds import Build, BuildStore
    from recommender.embedding import Embedder, open_embedder
    from recommender.errors import RecommenderError
    from recommender.frames import papers_from, recommender_of, to_pandas, to_polars
    from recommender.library import Library
    from recommender.neighbour import Label
    from recommender.paper import Paper
    from recommender.readers import read_papers
    from recommender.recommendation import Answer, Filters, Query, Recommendation, Recommender
    from recommender.settings import Settings
    from recommender.workspace import Workspace

__all__ = [
    "Answer",
    "Build",
    "BuildStore",
    "Embedder",
    "Filters",
    "Label",
    "Library",
    "Paper",
    "Query",
    "Recommendation",
    "Recommender",
    "RecommenderError",
    "Settings",
    "Workspace",
    "open_embedder",
    "papers_from",
    "read_papers",
    "recommender_of",
    "to_pandas",
    "to_polars",
]

_HOMES = {
    "Answer": "recommendation",
    "Build": "builds",
    "BuildStore": "builds",
    "Embedder": "embedding",
    "Filters": "recommendation",
    "Label": "neighbour",
    "Library": "library",
    "Paper": "paper",
    "Query": "recommendation",
    "Recommendation": "recommendation",
    "Recommender": "recommendation",
    "RecommenderError": "errors",
    "Settings": "settings",
    "Workspace": "workspace",
    "open_embedder": "embedding",
    "papers_from": "frames",
    "read_papers": "readers",
    "recommender_of": "frames",
    "to_pandas": "frames",
    "to_polars": "frames",
}


def __getattr__(name: str) -> "Any":
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
