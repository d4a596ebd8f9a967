"""What the reader sees with: the width and the styles of standard output, notes and errors beside it.

The same environment variables count as in most programs: COLUMNS, FORCE_COLOR, TTY_COMPATIBLE, TERM.
"""

import errno
import os
import sys

from recommender.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TextIO

    from recommender.errors import RecommenderError

DEFAULT_WIDTH = 80
INTERRUPTED = 130  # what a shell reports after Ctrl-C
NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
SQLITE_FULL = 13  # as SQLite says it
CONTROLS = dict.fromkeys([*range(9), *range(11, 32), 127])  # a terminal might obey them


def note(text: str) -> None:
    """Write one line for people on standard error."""
    _say(text.translate(CONTROLS))


def how_many(n: int, noun: str) -> str:
    """Return a number of things as a sentence says it.

    >>> how_many(1, "paper"), how_many(1200, "paper")
    ('1 paper', '1,200 papers')
    """
    return f"{n:,} {noun}{'' if n == 1 else 's'}"


def fail(message: str, code: int) -> int:
    """Say in one line on standard error what failed, and return the exit code."""
    line = f"error: {' '.join(message.split())}"
    _say(f"\x1b[31m{line}\x1b[0m" if sys.stderr.isatty() else line)
    return code


def refuse(error: "RecommenderError") -> int:
    """Say what a user can act on, and return its exit code; a full disk has one, whatever it was met by."""
    code, cause = error.exit_code, error.__cause__
    while cause is not None:
        if getattr(cause, "errno", 0) in NO_ROOM or getattr(cause, "sqlite_errorcode", 0) == SQLITE_FULL:
            code = UsageError.exit_code
        cause = cause.__cause__
    return fail(str(error), code)


def _say(line: str) -> None:
    """Write a line on standard error; that nobody reads there any more keeps no work from its end."""
    try:
        sys.stderr.write(f"{line}\n")
        sys.stderr.flush()
    except BrokenPipeError:
        _let_go(sys.stderr)


def written(write: "Callable[[], None]") -> int:
    """Let an answer be written, and return the exit code.

    A reader who has seen enough, as `head` has, is no failure; a full disk is one.
    """
    try:
        write()
        sys.stdout.flush()
    except (BrokenPipeError, SystemExit) as error:
        if BrokenPipeError not in (type(error), type(error.__context__)):  # Click and Rich exit with 1 by it
            raise
        _let_go(sys.stdout)
    except OSError as error:
        return fail(f"{error.filename or 'output'}: {error.strerror}", UsageError.exit_code)
    return 0


def _let_go(stream: "TextIO") -> None:
    """Have a closed stream lead nowhere, or the shutdown complains again."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def width() -> int:
    """Return how many columns the reader sees."""
    if _is_terminal(sys.stdout) and _is_dumb():
        return DEFAULT_WIDTH
    columns = os.environ.get("COLUMNS", "")
    if columns.isdigit():
        return int(columns) or DEFAULT_WIDTH
    for descriptor in range(3):
        try:
            return os.get_terminal_size(descriptor).columns or DEFAULT_WIDTH
        except OSError:
            continue
    return DEFAULT_WIDTH


def room() -> int | None:
    """Return in how many columns lines are to end, None where nobody sees them: a file, another program."""
    return width() if _is_terminal(sys.stdout) else None


def has_styles() -> bool:
    """Tell whether standard output shows bold and dim letters."""
    return _is_terminal(sys.stdout) and not _is_dumb()


def _is_terminal(stream: "TextIO") -> bool:
    compatible = os.environ.get("TTY_COMPATIBLE", "")
    if compatible in ("0", "1"):
        return compatible == "1"
    forced = os.environ.get("FORCE_COLOR")
    return stream.isatty() if forced is None else forced != ""


def _is_dumb() -> bool:
    return os.environ.get("TERM", "").lower() in ("dumb", "unknown")
