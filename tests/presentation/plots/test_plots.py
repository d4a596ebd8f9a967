"""Pictures of an evaluation and of a library."""

import re
import sys

import numpy as np
import pytest
from matplotlib.patches import Polygon, Rectangle

from recommender.measuring.likeness import Likeness, likeness_of
from recommender.paper import Paper
from recommender.presentation.plots import of_library
from recommender.presentation.plots.canvas import figure
from recommender.presentation.plots.of_likeness import draw_likeness
from recommender.ranking.calibration import SHARES
from recommender.settings import Settings
from recommender.workspace import Workspace


@pytest.fixture
def pairs(write):
    return write("id_a\tid_b\tgrade\na\tb\t2\nc\td\t2\n", "pairs.tsv")


def test_an_evaluation_is_drawn_beside_its_table(built, pairs, tmp_path):
    file = tmp_path / "report.svg"
    result = built("evaluate", pairs, "--plot", file)
    assert result.code == 0, result.err
    assert "recall@10" in result.out
    assert file.read_text("utf-8").count("<path") > 20
    assert built("evaluate", pairs, "--plot", tmp_path / "report.png", "--json").code == 0
    assert (tmp_path / "report.png").read_bytes().startswith(b"\x89PNG")


def test_the_scores_of_a_build_are_drawn_over_the_bands_of_its_labels():
    likeness = Likeness(
        random=np.array([-0.7, 0.0, 0.1, 0.1]),
        nearest=np.array([0.5, 0.9]),
        steps=[("same field", 0.3), ("same topic", 0.45)],
    )
    _, ((axes,),) = figure(4, 3)
    draw_likeness(axes, likeness, "two papers")
    random, nearest = (patch.get_xy() for patch in axes.patches if isinstance(patch, Polygon))
    assert random[:, 1].max() == pytest.approx(0.5)  # two of four in one bar
    assert random[random[:, 1] > 0, 0].min() == pytest.approx(-0.4)  # what lies beyond counts in the last
    assert nearest[nearest[:, 1] > 0, 0].min() == pytest.approx(0.5)
    bands = [
        (band.get_x(), band.get_x() + band.get_width())
        for band in axes.patches
        if isinstance(band, Rectangle)
    ]
    assert sum(bands, ()) == pytest.approx((-0.4, 0.3, 0.3, 0.45, 0.45, 1.0))
    assert [text.get_text() for text in axes.texts] == ["unrelated", "same field", "same topic"]


def test_likeness_tells_neighbours_from_random_pairs_and_one_language_from_two(built, home):
    build = Workspace(Settings(home=home)).store.current()
    within, across = likeness_of(build)
    assert within.nearest.mean() > within.random.mean()
    assert (len(within.nearest), len(across.nearest)) == (12, 0)  # so few papers make one group
    assert [name for name, _ in across.steps] == ["same field", "same topic", "near-duplicate"]
    levels = build.search.calibration.levels
    assert [step for _, step in across.steps] == [*levels.topics.across, levels.papers.across[-1]]
    best = max(build.neighbours.of(row, 1)[0].score for row in range(4))
    assert within.nearest.max() == pytest.approx(best)
    knots = build.search.calibration.knots[0, 0]  # from the lowest score of a random pair to the highest
    assert (within.random.min(), within.random.max()) == pytest.approx((knots[0], knots[-1]))
    assert np.median(within.random) == pytest.approx(np.interp(0.5, SHARES, knots), abs=1e-3)
    assert len(across.random) == 0


def test_a_library_is_drawn_beside_its_table(built, tmp_path):
    file = tmp_path / "library.png"
    result = built("library", "--plot", file)
    assert result.code == 0, result.err
    assert re.search("papers +4", result.out)
    assert file.read_bytes().startswith(b"\x89PNG")


def test_every_paper_is_in_a_bar_of_each_part(tmp_path, monkeypatch):
    drawn = []
    monkeypatch.setattr(of_library, "save", lambda found, file: drawn.append(found))
    papers = [Paper(id=str(n), year=2000 + n % 3, language="zh", subject=f"学科{n:02}") for n in range(20)]
    of_library.draw_library([*papers, Paper(id="x")], tmp_path / "x.png")
    years, languages, subjects = drawn[0].axes
    assert sorted(bar.get_height() for bar in years.patches) == [6, 7, 7]
    assert [bar.get_width() for bar in languages.patches] == [20, 1]
    assert sum(bar.get_width() for bar in subjects.patches) == 21
    assert [tick.get_text() for tick in subjects.get_yticklabels()][-1] == "9 others"
    assert years.get_title() == "years (1 of 21 unknown)"


@pytest.mark.parametrize("command", ["evaluate", "library"])
def test_a_file_that_is_no_picture_and_a_missing_extra_are_refused_at_once(
    built, tmp_path, monkeypatch, command
):
    refused = built(command, "--plot", tmp_path / "out.pdf")
    assert (refused.code, refused.out) == (2, "")
    assert "a picture is written as .png or .svg" in refused.err
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    missing = built(command, "--plot", tmp_path / "out.png")
    assert (missing.code, missing.out) == (2, "")
    assert "pip install 'recommender[plot]'" in missing.err


def test_a_figure_needs_no_window():
    found, axes = figure(2, 1, columns=2)
    assert axes.shape == (1, 2)
    assert type(found.canvas).__name__ == "FigureCanvasBase"
