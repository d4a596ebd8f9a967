"""The commands, joined; and the one place where errors become one line and an exit code."""

import time
from typing import Any

import typer
from typer.core import TyperGroup

from recommender.errors import RecommenderError, SettingsError
from recommender.presentation import journal
from recommender.presentation.cli import (
    builds,
    corpus,
    doctor,
    duplicates,
    evaluation,
    export,
    harvest,
    mcp,
    new,
    paper_map,
    serve,
    similar,
    train,
)
from recommender.presentation.cli.examples import epilog
from recommender.presentation.quick import COMMANDS
from recommender.presentation.terminal import INTERRUPTED, fail, refuse, written

# The base of Typer's own errors: it has no public name, but is the same whichever Click is inside.
CommandLineError: type[Exception] = typer.BadParameter.__mro__[2]


class RecommendGroup(TyperGroup):
    """Runs `similar` when no command is named: `recommend --id 9` is `recommend similar --id 9`.

    With nothing at all it shows the help.
    """

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        own = {"--help", "--install-completion", "--show-completion", "--version"}
        if not args:
            args = ["--help"]
        if args[0] not in {*self.commands, *own}:
            args = ["similar", *args]
        return super().parse_args(ctx, args)


app = typer.Typer(
    cls=RecommendGroup,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="Similar literature (相似文献): recommend papers similar to a paper or to any text."
    " Without a command name, 'similar' is meant: recommend --id 9 --k 5.",
)
for command in (
    similar.similar,
    corpus.import_,
    harvest.harvest,
    export.export,
    corpus.remove,
    corpus.show,
    corpus.library,
    builds.rebuild,
    builds.builds,
    builds.publish,
    builds.rollback,
    builds.verify,
    builds.prune,
    duplicates.duplicates,
    new.new,
    evaluation.evaluate,
    train.train,
    serve.serve,
    mcp.mcp,
    paper_map.map_,
    doctor.doctor,
):
    name = command.__name__.rstrip("_")
    app.command(name=name, epilog=epilog(name))(command)


def _show_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"recommend {version('recommender')}")
        raise typer.Exit


@app.callback()
def _options(
    version: bool = typer.Option(
        False, "--version", callback=_show_version, is_eager=True, help="Show the version and exit."
    ),
) -> None:
    """Take the options that belong to no command."""


def run_command(arguments: list[str]) -> int:
    """Run one command and return its exit code."""
    code = 0

    def run() -> None:
        nonlocal code
        found = app(args=arguments, prog_name="recommend", standalone_mode=False)
        code = found if isinstance(found, int) else 0

    def ended() -> int:
        try:
            failed = written(run)
        except RecommenderError as error:
            return refuse(error)
        except CommandLineError as error:
            message = getattr(error, "format_message", error.__str__)()
            return fail(f"{message} (see recommend --help)", getattr(error, "exit_code", 2))
        if code == INTERRUPTED:
            return fail("interrupted; nothing was published", INTERRUPTED)
        return failed or code

    try:
        with journal.kept():
            began = time.perf_counter()
            name = arguments[0] if arguments and arguments[0] in COMMANDS else "similar"
            found = ended()
            seconds = journal.rounded(time.perf_counter() - began)
            journal.tell("command", command=name, exit=found, seconds=seconds)
            return found
    except SettingsError as error:  # the journal itself
        return refuse(error)
