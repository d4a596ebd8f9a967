"""Optional libraries: asked for where they are used, refused in one sentence where they are missing."""

from importlib import import_module
from types import ModuleType

from recommender.errors import MissingExtraError


def require(module: str, extra: str) -> ModuleType:
    """Import `module`, which belongs to the optional extra `extra`.

    Raises:
        MissingExtraError: It is not installed.
    """
    try:
        return import_module(module)
    except ModuleNotFoundError as problem:
        if problem.name != module.partition(".")[0]:
            raise  # installed but broken: say so
        raise MissingExtraError(module, extra) from problem
