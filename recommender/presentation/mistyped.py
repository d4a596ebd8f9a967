"""A command whose name is mistyped: `recommend rolback` asks for no papers about it."""

import os
from difflib import SequenceMatcher
from pathlib import Path

from recommender.errors import BuildError, SettingsError
from recommender.presentation.quick import COMMANDS
from recommender.presentation.terminal import fail

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

ALIKE = 0.75  # share of the letters that two names have in common, in order
FEW = 3  # words: whoever writes more of them, and no file, asks for papers


def meant(arguments: "Sequence[str]") -> str:
    """Return the command that the first of the arguments is a misspelling of, empty: it is none.

    >>> meant(["rolback"]), meant(["publsh", "20261128T174533Z"]), meant(["bild"])
    ('rollback', 'publish', 'builds')
    >>> meant(["bees"]), meant(["training", "of", "rural", "teachers"]), meant(["shows", "a.ris", "b", "c"])
    ('', '', 'show')
    """
    words = [word for word in arguments if not word.startswith("-")]
    if len(words) > FEW and not any("." in word[1:-1] for word in words[1:]):
        return ""
    alike = [(SequenceMatcher(None, words[0], name).ratio(), name) for name in COMMANDS]
    share, name = max(alike, key=lambda found: found[0])
    return name if share >= ALIKE else ""


def refused(arguments: "Sequence[str]") -> int | None:
    """Say what was meant and return the exit code; None: no command is mistyped, or papers have the word."""
    word = arguments[0]
    if not (command := meant(arguments)) or _is_term(word, arguments):
        return None
    return fail(
        f"there is no command {word!r}: did you mean {command!r}?"
        f" To ask for papers about it: recommend similar {word}",
        2,
    )


def _is_term(word: str, arguments: "Sequence[str]") -> bool:
    """Tell whether the papers of the current build have a word."""
    from recommender.lexical import LexicalIndex
    from recommender.settings import Settings
    from recommender.workspace import Workspace

    home = _named_home(arguments)
    try:
        workspace = Workspace(Settings.read(os.environ, home=Path(home) if home else None))
        with workspace.store.current() as build:
            return LexicalIndex(build.folder, build.manifest.n_papers).question(word).known == 1
    except (BuildError, SettingsError):
        return False


def _named_home(arguments: "Sequence[str]") -> str:
    for place, argument in enumerate(arguments):
        option, is_joined, value = argument.partition("=")
        if option == "--home":
            return value if is_joined else "".join(arguments[place + 1 : place + 2])
    return ""
