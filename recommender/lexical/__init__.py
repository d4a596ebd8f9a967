"""Texts → shared words: the lexical leg. TF-IDF cosine over the tokens of every language.

    texts → TermCounts.of → TermMatrix.weighted → write_lexical → LexicalIndex → scores against every row

The same weights answer both ways: pairs of rows while a build is made, whose candidates come by their rarest
words (`candidates`), and a text against all rows later. The matrix, which SciPy is behind, is loaded when it
is first used: a question does without.
"""

from typing import TYPE_CHECKING, Any

from recommender.lexical.index import LexicalIndex, write_lexical
from recommender.lexical.matches import Matches

if TYPE_CHECKING:
    from recommender.lexical.matrix import TermMatrix, read_lists

__all__ = ["LexicalIndex", "Matches", "TermMatrix", "read_lists", "write_lexical"]


def __getattr__(name: str) -> Any:
    if name not in ("TermMatrix", "read_lists"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from recommender.lexical import matrix

    return getattr(matrix, name)
