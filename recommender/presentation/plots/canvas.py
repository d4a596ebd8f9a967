"""What every picture stands on: a figure without a window, fonts that have Chinese, a file."""

import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from recommender.errors import UnwritableError, UsageError
from recommender.extras import require
from recommender.presentation.terminal import note

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SUFFIXES = (".png", ".svg")
FONTS = (  # with Chinese, as systems name them; of a collection matplotlib knows the first font only
    "Noto Sans CJK SC", "Noto Sans CJK JP", "Noto Sans SC", "Source Han Sans SC", "Source Han Sans CN",
    "PingFang SC", "Hiragino Sans GB", "Microsoft YaHei", "SimHei", "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei", "Noto Serif CJK SC", "Noto Serif CJK JP", "Droid Sans Fallback", "Arial Unicode MS",
)  # fmt: skip
PALETTE = (
    "#4c78c8", "#d9703a", "#3d9a5f", "#c44e68", "#8268b8", "#a3802e",
    "#2f9aa8", "#c663a8", "#6f8f2e", "#5f7f9f", "#b5543f", "#7a6a5a",
)  # fmt: skip
INK, SOFT, LINE = "#1d2126", "#565c64", "#dcd8cd"
DOTS_PER_INCH = 150
WIDE = "\u2e80"  # from here on signs need a font with Chinese


def check_suffix(file: Path) -> None:
    """Refuse a file that is no picture, before anything is computed for it.

    Raises:
        UsageError: Its name ends in neither `.png` nor `.svg`.
        MissingExtraError: matplotlib is not installed.
    """
    if file.suffix.lower() not in SUFFIXES:
        raise UsageError(f"{file}: a picture is written as {' or '.join(SUFFIXES)}, by the end of its name")
    require("matplotlib", "plot")


def figure(width: float, height: float, rows: int = 1, columns: int = 1) -> "tuple[Figure, Any]":
    """Return a figure of inches, and its axes in an array (rows, columns)."""
    require("matplotlib", "plot")
    from matplotlib.figure import Figure

    found = Figure(figsize=(width, height), layout="constrained", dpi=DOTS_PER_INCH)
    axes = found.subplots(rows, columns, squeeze=False)
    for one in axes.ravel():
        _make_quiet(one)
    return found, axes


def mosaic(width: float, heights: Sequence[float], names: Sequence[Sequence[str]]) -> "tuple[Figure, Any]":
    """Return a figure of inches, and its axes by name; a line of names is as high as `heights` says."""
    require("matplotlib", "plot")
    from matplotlib.figure import Figure

    found = Figure(figsize=(width, sum(heights)), layout="constrained", dpi=DOTS_PER_INCH)
    axes = found.subplot_mosaic([[*line] for line in names], height_ratios=[*heights])
    for one in axes.values():
        _make_quiet(one)
    return found, axes


def _make_quiet(axes: Any) -> None:
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(colors=SOFT, labelsize=8)
    axes.xaxis.label.set_color(SOFT)
    axes.yaxis.label.set_color(SOFT)


def save(found: "Figure", file: Path) -> None:
    """Write a figure; the same one gives the same bytes. Where no font has Chinese, say so.

    Raises:
        UnwritableError: It cannot be written.
    """
    import matplotlib
    from matplotlib import font_manager
    from matplotlib.text import Text

    has = {entry.name for entry in font_manager.fontManager.ttflist}
    chinese = [name for name in FONTS if name in has][:1]
    texts = [artist for artist in found.findobj(Text) if isinstance(artist, Text)]
    for text in texts:
        text.set_fontfamily(["DejaVu Sans", *chinese])
    if not chinese and any(sign >= WIDE for text in texts for sign in text.get_text()):
        note("no font with Chinese is installed, so that boxes stand for it; Debian has it in fonts-noto-cjk")
    is_svg = file.suffix.lower() == ".svg"
    try:
        with warnings.catch_warnings(), matplotlib.rc_context({"svg.hashsalt": "recommender"}):
            warnings.filterwarnings("ignore", "Glyph", UserWarning)  # said once above
            found.savefig(file, metadata={"Date": None} if is_svg else {"Software": None})
    except OSError as problem:
        raise UnwritableError(file, problem) from problem
