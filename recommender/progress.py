"""How what takes long says how far it is."""

from collections.abc import Callable

OnStage = Callable[[str, int, int], None]  # (stage, done, total); a total of 0 is unknown
