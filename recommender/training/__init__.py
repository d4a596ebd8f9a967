"""Where models come from: sources → vocabulary → pairs → contrastive training → model folder.

`run` trains the bundled model on a data folder; it needs the extra `train` (sentencepiece, regex).
`adapt` adapts a static model to your own papers, in a plain installation; `recommend train` calls it:

    from recommender.training import adapt

    report = adapt(library.papers(), start=Path("models/fast"), target=Path("my-models/ours"))
    report.installed, report.objections, report.measures

Nothing else in the package but the command line imports this part, and nothing is loaded before it is used.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from recommender.training.adaptation import adapt
    from recommender.training.adaptation_report import AdaptationReport
    from recommender.training.comparison import Measure
    from recommender.training.recipe import Recipe
    from recommender.training.run import run

__all__ = ["AdaptationReport", "Measure", "Recipe", "adapt", "run"]

_HOMES = {
    "AdaptationReport": "adaptation_report",
    "Measure": "comparison",
    "Recipe": "recipe",
    "adapt": "adaptation",
    "run": "run",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
