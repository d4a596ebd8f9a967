"""The baseline that a model has to beat: TF-IDF over characters and pairs of characters.

It needs no word segmentation, so it is strong in Chinese, and it knows nothing of meaning or translation.
"""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommender.vectors import Rows

BLOCK = 4_000_000  # scores held at once; a matrix of all pairs would not fit for a large corpus
DECIMALS = 12  # beyond them, what is a tie would hang on the order of a sum


def character_tfidf(
    texts: Mapping[str, str], *, k: int, queries: Collection[str] | None = None
) -> dict[str, list[str]]:
    """Rank, for every query, the `k` papers with the highest cosine of character TF-IDF.

    A ranking holds neither the query, nor an exact copy of its text, nor a paper without a character in
    common. Ties fall by the order of `texts`. A text without a letter or digit is no query and no answer.

    Args:
        texts: Paper id to text, in corpus order.
        k: Length of a ranking.
        queries: Ids of the papers to rank for, all by default; one that is not in `texts` gets no ranking.
    """
    corpus = _with_letters(texts)
    if not corpus:
        return {}
    weights = _vectorizer().fit_transform(corpus.values())
    transposed = weights.T.tocsr()
    ids = list(corpus)
    copies = _copies(corpus.values())
    wanted = frozenset(ids if queries is None else queries)
    asked = np.array([row for row, paper in enumerate(ids) if paper in wanted], dtype=np.int64)
    run: dict[str, list[str]] = {}
    for rows in _blocks(asked, len(ids)):
        for row, scores in zip(rows, (weights[rows] @ transposed).toarray(), strict=True):
            scores[copies[row]] = 0
            run[ids[row]] = [ids[other] for other in _best(scores, k)]
    return run


def character_tfidf_of_texts(
    asked: Mapping[str, str], texts: Mapping[str, str], *, k: int
) -> dict[str, list[str]]:
    """Rank likewise for texts that are no papers; a copy of such a text is an answer like any other.

    Args:
        asked: Query id to text.
        texts: Paper id to text, in corpus order.
        k: Length of a ranking.
    """
    corpus, queries = _with_letters(texts), _with_letters(asked)
    if not corpus or not queries:
        return {}
    vectorizer = _vectorizer()
    transposed = vectorizer.fit_transform(corpus.values()).T.tocsr()
    questions = vectorizer.transform(queries.values())
    ids, names = list(corpus), list(queries)
    run: dict[str, list[str]] = {}
    for rows in _blocks(np.arange(len(names)), len(ids)):
        for row, scores in zip(rows, (questions[rows] @ transposed).toarray(), strict=True):
            run[names[row]] = [ids[other] for other in _best(scores, k)]
    return run


def _with_letters(texts: Mapping[str, str]) -> dict[str, str]:
    return {name: text for name, text in texts.items() if any(map(str.isalnum, text))}


def _vectorizer() -> Any:
    from sklearn.feature_extraction.text import TfidfVectorizer  # here: it takes a second to import

    return TfidfVectorizer(analyzer="char", ngram_range=(1, 2))


def _best(scores: NDArray[np.float64], k: int) -> list[int]:
    best = np.argsort(-np.round(scores, DECIMALS), kind="stable")[:k]
    return [int(row) for row in best if scores[row] > 0]


def _copies(texts: Collection[str]) -> list[list[int]]:
    """Return, for every text, the positions of all texts that equal it, its own included."""
    positions: dict[str, list[int]] = {}
    for row, text in enumerate(texts):
        positions.setdefault(text, []).append(row)
    return [positions[text] for text in texts]


def _blocks(rows: Rows, n_columns: int) -> Iterator[Rows]:
    step = max(1, BLOCK // n_columns)
    return (rows[start : start + step] for start in range(0, len(rows), step))
