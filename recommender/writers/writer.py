"""The seam: a writer turns papers, in their order, into the text of one format."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import import_module

from recommender.paper import Paper


@dataclass(frozen=True, slots=True)
class About:
    """What a file says of itself, in the formats that do.

    Attributes:
        title: What the papers are.
        updated: When they were as they are, so that the same papers give the same bytes.
    """

    title: str = "Papers"
    updated: datetime = datetime(1970, 1, 1, tzinfo=UTC)


Write = Callable[
    [Iterable[Paper], About], Iterator[str]
]  # yields the text in pieces, so that any number fits


@dataclass(frozen=True, slots=True)
class Writer:
    """One format.

    Attributes:
        name: What the user calls it.
        suffixes: The endings, lower case with the dot, that a file of the format usually has.
        module: Of this package; its function `write` is loaded when it is used.
    """

    name: str
    suffixes: tuple[str, ...]
    module: str

    @property
    def write(self) -> Write:
        """The function that writes."""
        write: Write = import_module(f"recommender.writers.{self.module}").write
        return write

    def text(self, papers: Iterable[Paper], about: About | None = None) -> str:
        """Return the papers as one text."""
        return "".join(self.write(papers, about or About()))
