"""Whatever is called, it is an answer or one sentence, and never an error of the program."""

import random

import pytest
import typer

from recommender.errors import HarvestError
from recommender.harvesting.web import check_address
from recommender.presentation.cli.app import app
from tests.reliability import fuzz_calls


def test_random_commands_end_as_they_should(tmp_path):
    tally = fuzz_calls.commands(tmp_path, fuzz_calls.SHORT[0])
    assert tally[0] > 10
    assert tally[2] > 10


def test_random_requests_break_no_server(tmp_path):
    tally = fuzz_calls.requests(tmp_path, fuzz_calls.SHORT[1])
    assert {200, 400, 404, 405, 422} <= {*tally}
    assert tally[200] > 50


def test_the_same_seed_makes_the_same_requests():
    first, second = (fuzz_calls.request(random.Random(5)) for _ in range(2))
    assert first == second


def test_a_command_that_breaks_is_told(tmp_path, monkeypatch):
    home = fuzz_calls.make_home(tmp_path)
    monkeypatch.setattr(fuzz_calls, "make_home", lambda _: home)
    monkeypatch.setattr("recommender.workspace.Workspace.published", lambda _: 1 // 0)
    with pytest.raises(AssertionError, match="ZeroDivisionError"):
        fuzz_calls.commands(tmp_path, 50)


def test_a_command_without_end_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr(fuzz_calls, "make_home", lambda folder: folder)
    monkeypatch.setattr(fuzz_calls, "said", lambda *_: sum(1 for _ in iter(int, 1)))
    monkeypatch.setattr(fuzz_calls, "SECONDS", 0.1)
    with pytest.raises(AssertionError, match="TooSlowError"):
        fuzz_calls.commands(tmp_path, 1)


def test_every_command_is_called_or_left_out_for_a_reason():
    assert {*fuzz_calls.COMMANDS} | fuzz_calls.LEFT_OUT == {*typer.main.get_command(app).commands}


@pytest.mark.parametrize("value", fuzz_calls.VALUES)
def test_no_value_is_an_address_that_a_harvest_would_ask(value):
    with pytest.raises(HarvestError, match="is no address"):
        check_address(value)
