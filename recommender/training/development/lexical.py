"""Baselines that compare words: character TF-IDF, and BM25 over the product's own tokens.

They know no translation, so what needs one is not asked of them.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix, diags
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer

from recommender.text.tokens import tokens
from recommender.training.development.rankings import best, blocks
from recommender.vectors import Rows, Scores

SATURATION, LENGTH_WEIGHT = 1.2, 0.75  # k1 and b, as Lucene has them
FREQUENT = 0.05  # share of texts from which a column is multiplied as a dense one: many times faster


class CharacterTfidf:
    """Cosine of characters and pairs of characters, weighted by TF-IDF with logarithmic counts."""

    translates = False

    def nearest(
        self, queries: Sequence[str], corpus: Sequence[str], k: int, without: Rows | None = None
    ) -> Rows:
        weights, matrix = _tfidf(tuple(corpus))
        return _nearest(weights.transform(queries), matrix, k, without)

    def features(self, texts: Sequence[str]) -> Any:
        return _tfidf(tuple(texts))[1]


class Bm25:
    """BM25 of words, and of characters and pairs of them where words are not parted by spaces."""

    translates = False

    def nearest(
        self, queries: Sequence[str], corpus: Sequence[str], k: int, without: Rows | None = None
    ) -> Rows:
        counter, matrix = _bm25(tuple(corpus))
        return _nearest(counter.transform(queries), matrix, k, without)

    def features(self, texts: Sequence[str]) -> None:
        """Return None: a document's weights are not meant to be compared with another document's."""


@lru_cache(maxsize=1)  # the same corpus is often asked twice in a row
def _tfidf(corpus: tuple[str, ...]) -> tuple[TfidfVectorizer, csr_matrix]:
    weights = TfidfVectorizer(analyzer="char", ngram_range=(1, 2), sublinear_tf=True, dtype=np.float32)
    return weights, weights.fit_transform(corpus)


@lru_cache(maxsize=1)
def _bm25(corpus: tuple[str, ...]) -> tuple[CountVectorizer, csr_matrix]:
    counter = CountVectorizer(analyzer=tokens, dtype=np.float32)
    counts = counter.fit_transform(corpus).tocsr()
    lengths = np.asarray(counts.sum(axis=1)).ravel()
    penalty = SATURATION * (1 - LENGTH_WEIGHT + LENGTH_WEIGHT * lengths / lengths.mean())
    weights = counts.copy()
    weights.data = counts.data / (counts.data + np.repeat(penalty, np.diff(counts.indptr)))
    found_in = np.bincount(counts.indices, minlength=counts.shape[1])
    idf = np.log1p((len(corpus) - found_in + 0.5) / (found_in + 0.5))
    return counter, (weights @ diags(idf)).tocsr().astype(np.float32)


def _nearest(queries: csr_matrix, corpus: csr_matrix, k: int, without: Rows | None) -> Rows:
    """Rank by inner products: sparse for rare columns, dense for the few that most texts have."""
    frequent = np.bincount(corpus.indices, minlength=corpus.shape[1]) > FREQUENT * corpus.shape[0]
    dense = corpus[:, frequent].toarray().T
    sparse = corpus[:, ~frequent].T.tocsr()
    our_dense, our_sparse = queries[:, frequent], queries[:, ~frequent]
    found = []
    for part in blocks(queries.shape[0], corpus.shape[0]):
        scores: Scores = our_dense[part].toarray() @ dense + (our_sparse[part] @ sparse).toarray()
        found.append(best(scores, k, None if without is None else without[part]))
    return np.concatenate(found)
