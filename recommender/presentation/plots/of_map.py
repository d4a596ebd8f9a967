"""The map as a picture."""

from pathlib import Path

from recommender.mapping import PaperMap
from recommender.presentation.plots.canvas import INK, PALETTE, SOFT, figure, save
from recommender.text.printable import printable

LABELS = 40  # of the largest clusters


def draw_map(drawn: PaperMap, title: str, file: Path) -> None:
    """Draw the map into a file, each cluster in a colour and with its terms.

    Raises:
        MissingExtraError: matplotlib is not installed.
        UsageError: The file cannot be written.
    """
    from matplotlib import patheffects

    found, ((axes,),) = figure(11, 8)
    n = len(drawn.points)
    colours = [PALETTE[number % len(PALETTE)] for number in drawn.cluster.tolist()]
    axes.scatter(*drawn.points.T, s=max(0.4, min(24, 9000 / max(1, n))), c=colours, linewidths=0, alpha=0.8)
    halo = [patheffects.withStroke(linewidth=2.5, foreground="white", alpha=0.85)]
    for cluster in drawn.clusters[:LABELS]:
        text = "\n".join(printable(term) for term in cluster.terms[:2])
        axes.text(
            cluster.x, cluster.y, text, ha="center", va="center", fontsize=8, color=INK, path_effects=halo
        )
    axes.set_aspect("equal")
    axes.set_axis_off()
    axes.set_title(f"{title}: {n:,}", loc="left", fontsize=11, color=SOFT)
    save(found, file)
