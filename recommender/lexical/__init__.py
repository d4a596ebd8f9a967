"""Texts → shared words: the lexical leg. TF-IDF cosine over the tokens of every language.

    texts → TermMatrix.of → write → LexicalIndex.open → scores of a text against every row

The same weights answer both ways: pairs of rows while a build is made, a text against all rows later.
"""

from recommender.lexical.index import LexicalIndex, write_lexical
from recommender.lexical.matrix import TermMatrix

__all__ = ["LexicalIndex", "TermMatrix", "write_lexical"]
