import io
import time

import pytest
from rich.console import Console

from recommender.presentation.cli import progress
from recommender.presentation.cli.progress import StageProgress


@pytest.fixture
def screen(monkeypatch):
    """What a terminal of 100 columns is sent."""
    text = io.StringIO()
    monkeypatch.setattr(
        progress, "Console", lambda stderr: Console(file=text, force_terminal=True, width=100)
    )
    return text


def test_a_long_stage_shows_what_is_done_and_the_rate(screen, monkeypatch):
    monkeypatch.setattr(progress, "PATIENCE", 0.0)
    with StageProgress() as bar:
        bar("embedding", 1, 40)
        time.sleep(0.2)
        bar("embedding", 20, 40)
    shown = screen.getvalue()
    assert "embedding" in shown
    assert "20/40" in shown
    assert "/s" in shown


def test_a_stage_within_its_first_second_shows_nothing(screen):
    with StageProgress() as bar:
        bar("embedding", 1, 2)
        bar("finding neighbours", 2, 2)
    assert screen.getvalue() == ""


def test_a_log_file_gets_no_bar(monkeypatch):
    text = io.StringIO()
    monkeypatch.setattr(progress, "Console", lambda stderr: Console(file=text))
    monkeypatch.setattr(progress, "PATIENCE", 0.0)
    with StageProgress() as bar:
        bar("embedding", 1, 2)
        bar("embedding", 2, 2)
    assert text.getvalue() == ""
