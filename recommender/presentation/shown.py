"""What the writers of answers need of one: the answer of a search has it, and that of a look-up."""

from collections.abc import Sequence
from typing import Any, Protocol

from recommender.writers.cited import Cited


class ShownPaper(Cited, Protocol):
    """A paper."""

    def as_dict(self) -> dict[str, Any]:
        """Return the fields by name, ready for JSON."""
        ...


class ShownLabel(Protocol):
    """How alike a paper is."""

    @property
    def words(self) -> str: ...
    def __int__(self) -> int: ...


class ShownResult(Protocol):
    """A similar paper."""

    @property
    def rank(self) -> int: ...
    @property
    def score(self) -> float: ...
    @property
    def similarity(self) -> float: ...
    @property
    def label(self) -> ShownLabel: ...
    @property
    def paper(self) -> ShownPaper: ...


class ShownQuery(Protocol):
    """What was asked."""

    @property
    def text(self) -> str: ...
    @property
    def min_similarity(self) -> float: ...
    @property
    def is_look_up(self) -> bool: ...


class ShownAnswer(Protocol):
    """An answer."""

    @property
    def query(self) -> ShownQuery: ...
    @property
    def liked(self) -> Sequence[ShownPaper]: ...
    @property
    def results(self) -> Sequence[ShownResult]: ...
    @property
    def build_id(self) -> str: ...
    @property
    def seconds(self) -> float: ...
