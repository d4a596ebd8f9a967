"""The scores of a build as histograms, over the bands of its labels."""

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from recommender.presentation.plots.canvas import INK, PALETTE, SOFT

if TYPE_CHECKING:
    from recommender.measuring.likeness import Likeness

BARS = np.linspace(-0.4, 1.0, 71)
BANDS = ("#ffffff", "#f4f1e6", "#e6efe2", "#d5e4f2")  # unrelated, and what each label covers


def draw_likeness(axes: Any, likeness: "Likeness", title: str) -> None:
    """Draw which share of random pairs, and of neighbours, has which score, and what it is called."""
    ends = [BARS[0], *(step for _, step in likeness.steps), BARS[-1]]
    names = ["unrelated", *(name for name, _ in likeness.steps)] if likeness.steps else [""]
    for name, colour, (low, high) in zip(names, BANDS, pairwise(ends), strict=False):
        axes.axvspan(low, high, color=colour, linewidth=0, zorder=0)
        axes.text(
            (low + high) / 2, 0.98, name, transform=axes.get_xaxis_transform(),
            rotation=90, ha="center", va="top", fontsize=7, color=SOFT,
        )  # fmt: skip
    for values, name, colour in (
        (likeness.random, "random pairs", SOFT),
        (likeness.nearest, "first ten neighbours", PALETTE[0]),
    ):
        if len(values):
            weights = np.full(len(values), 1 / len(values))
            axes.hist(
                np.clip(values, BARS[0], BARS[-1]), BARS, weights=weights, histtype="stepfilled",
                alpha=0.6, color=colour, label=f"{name} (n = {len(values):,})",
            )  # fmt: skip
    axes.set_xlim(BARS[0], BARS[-1])
    axes.set_xlabel("score")
    axes.set_ylabel("share of the pairs")
    axes.set_title(title, fontsize=10, color=INK)
    axes.set_ylim(0, 1.45 * axes.get_ylim()[1])  # room for the names of the bands
    if axes.get_legend_handles_labels()[0]:
        below: Any = {"loc": "upper center", "bbox_to_anchor": (0.5, -0.2)}
        axes.legend(**below, frameon=False, labelcolor=INK, fontsize=8)
