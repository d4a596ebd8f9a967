"""Names in a request: a paper has the words of the name of whoever wrote it, though its text has not.

Who wrote a paper is a field of its own beside its text, as in BM25F (Robertson, Zaragoza and Taylor 2004,
doi:10.1145/1031171.1031181), and asked of a few words alone: two papers are not more alike since people of
one name wrote them. A field that is nothing but the name has it whole: it adds to the lexical cosine what
part of the request the name is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, Self

import numpy as np

from recommender.vectors import Rows, Values, are_among, distinct

if TYPE_CHECKING:
    from recommender.lexical import LexicalIndex
    from recommender.lexical.index import Question


class Name(NamedTuple):
    """A part of a request.

    Attributes:
        tokens: Of it.
        spellings: As the records have it, folded.
        rows: The papers that somebody of this name wrote, ascending.
    """

    tokens: frozenset[str]
    spellings: frozenset[str]
    rows: Rows


@dataclass(frozen=True, slots=True)
class Names:
    """The names in one request, each with the part of the request that it is."""

    question: "Question"
    parts: tuple[tuple[Name, float], ...]

    @classmethod
    def of(cls, names: Sequence[Name], question: "Question") -> Self:
        """Take the names of a request."""
        return cls(question, tuple((name, question.share_of(name.tokens)) for name in names))

    @property
    def rows(self) -> Rows:
        """The papers that anybody named wrote, ascending."""
        return distinct(np.concatenate([np.zeros(0, dtype=np.int64), *(name.rows for name, _ in self.parts)]))

    def shares_of(self, rows: Rows) -> Values:
        """Return what part of the request each of some rows has by who wrote it (m,), at most 1."""
        found = np.zeros(len(rows))
        for name, share in self.parts:
            found[are_among(rows, name.rows)] += share
        return np.minimum(found, 1.0)

    def added(self, covered: Values, rows: Rows, lexical: "LexicalIndex") -> Values:
        """Return how much of the request each of some rows has (m,), by its text (m,) and by who wrote it."""
        found = covered.copy()
        for name, share in self.parts:
            here = np.flatnonzero(are_among(rows, name.rows))
            found[here] += share - lexical.covered(self.question.only(name.tokens), rows[here])
        return np.minimum(found, 1.0)
