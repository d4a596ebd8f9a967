"""The console entry: runs the command line and turns every expected failure into one line."""

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence


def main() -> None:
    """Run the command line with the arguments of the process, and exit with its code."""
    sys.stdout = sys.stdout or open(os.devnull, "w")  # noqa: SIM115, PTH123 - closed by the caller
    sys.stderr = sys.stderr or open(os.devnull, "w")  # noqa: SIM115, PTH123
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    try:
        sys.exit(run(sys.argv[1:]))
    except KeyboardInterrupt:  # while the commands were still being imported
        sys.exit(130)


def run(arguments: "Sequence[str]") -> int:
    """Run one command and return its exit code; what failed is said in one line on standard error.

    A look-up is answered before the commands are imported, which takes longer than the answer.
    """
    from recommender.presentation.quick import COMMANDS, COMPLETION, answered

    first = arguments[0] if arguments and COMPLETION not in os.environ else ""
    if first.isascii() and first.isalpha() and first.islower() and first not in COMMANDS:
        from recommender.presentation.mistyped import refused

        if (code := refused(arguments)) is not None:
            return code
    if (code := answered(arguments)) is not None:
        return code
    from recommender.presentation.cli.app import run_command

    return run_command(list(arguments))
