"""Papers → text of other programs. A format is one module with a `write`, and one entry in `WRITERS`.

Every name below is loaded when it is first used: a look-up takes its citation lines from here, and no more.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from recommender.writers.known import WRITERS, writer_for, writer_named
    from recommender.writers.writer import About, Write, Writer

__all__ = ["WRITERS", "About", "Write", "Writer", "writer_for", "writer_named"]

_HOMES = {
    "WRITERS": "known",
    "About": "writer",
    "Write": "writer",
    "Writer": "writer",
    "writer_for": "known",
    "writer_named": "known",
}


def __getattr__(name: str) -> "Any":
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
