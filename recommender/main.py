"""The console entry: runs the command line and turns every expected failure into one line."""

import sys
from collections.abc import Sequence


def main() -> None:
    """Run the command line with the arguments of the process, and exit with its code."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code; what failed is said in one line on standard error."""
    from recommender.presentation.cli.app import run_command

    return run_command(list(arguments))
