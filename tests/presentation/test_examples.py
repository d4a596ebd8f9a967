"""The examples in the help of the commands: every command has some, and every one can be called so."""

import shlex

import pytest
import typer

from recommender.presentation.cli.app import app, run_command
from recommender.presentation.cli.examples import EXAMPLES

COMMANDS = typer.main.get_command(app).commands
LINES = [(name, line) for name, lines in EXAMPLES.items() for line in lines]


def test_every_command_has_examples_and_no_other_has():
    assert EXAMPLES.keys() == COMMANDS.keys()


@pytest.mark.parametrize(("name", "line"), LINES, ids=[line for _, line in LINES])
def test_an_example_is_a_call_of_its_command(name, line):
    program, *words = shlex.split(line.partition(" < ")[0])
    assert program == "recommend"
    if words[0] == name:
        words = words[1:]
    else:
        assert name == "similar"
    COMMANDS[name].make_context(name, words)  # refuses what it does not know


@pytest.mark.parametrize("name", ["rollback", "similar"])
def test_the_help_shows_them_line_by_line(name, capsys):
    assert run_command([name, "--help"]) == 0
    told = capsys.readouterr().out
    assert all(f"  {line}\n" in told for line in EXAMPLES[name])
