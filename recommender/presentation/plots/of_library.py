"""A library as a picture: its years, languages and subjects."""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from recommender.paper import Paper
from recommender.presentation.plots.canvas import INK, PALETTE, figure, save
from recommender.text.printable import printable

MOST = 12  # bars
LONGEST = 24  # characters of a name


def draw_library(papers: Iterable[Paper], file: Path) -> None:
    """Draw how many papers there are of each year, language and subject.

    Raises:
        MissingExtraError: matplotlib is not installed.
        UsageError: The file cannot be written.
    """
    years: Counter[int] = Counter()
    languages: Counter[str] = Counter()
    subjects: Counter[str] = Counter()
    n = without_year = 0
    for paper in papers:
        n += 1
        languages[paper.language] += 1
        subjects[paper.subject] += 1
        if paper.year is None:
            without_year += 1
        else:
            years[paper.year] += 1
    found, ((first, second, third),) = figure(12, 4.2, columns=3)
    first.bar([*years.keys()], [*years.values()], color=PALETTE[0], width=0.8)
    first.xaxis.get_major_locator().set_params(integer=True)
    first.set_title(f"years ({without_year:,} of {n:,} unknown)", fontsize=10, color=INK)
    bars(second, languages, "languages")
    bars(third, subjects, "subjects")
    save(found, file)


def bars(axes: Any, counted: Counter[str], title: str) -> None:
    """Draw the most frequent names, the others as one."""
    ordered = sorted(counted.items(), key=lambda entry: (-entry[1], entry[0]))
    shown = [(printable(name)[:LONGEST] or "unknown", count) for name, count in ordered[:MOST]]
    if rest := sum(count for _, count in ordered[MOST:]):
        shown.append((f"{len(ordered) - MOST} others", rest))
    places = range(len(shown))
    drawn = axes.barh(places, [count for _, count in shown], color=PALETTE[0])
    axes.bar_label(drawn, fmt="{:,.0f}", padding=2, fontsize=8, color=INK)
    axes.set_yticks(places, [name for name, _ in shown])
    axes.invert_yaxis()
    axes.set_title(title, fontsize=10, color=INK)
