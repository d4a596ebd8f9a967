"""The product's own search as a column of the table: both legs, calibrated on the corpus of a question."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from recommender.builds.reading import sizes_of
from recommender.builds.rebuild import NEIGHBOURS
from recommender.embedding import Embedder, HeldTexts
from recommender.index.flat import FlatEngine
from recommender.index.stored import read_vectors, write_vectors
from recommender.lexical import LexicalIndex, TermMatrix, read_lists, write_lexical
from recommender.ranking import (
    FUSED,
    Asked,
    Known,
    KnownPairs,
    LanguageGroups,
    NeighbourLists,
    Ranker,
    Ranking,
    Search,
    arranged,
    fit,
    words_worth,
)
from recommender.text.language import detect_language
from recommender.vectors import Rows

WORDS = Ranking(name="words", lexical=1.0, across=1.0, calibrated=False)  # without the vectors


@dataclass(frozen=True, slots=True)
class _Opened:
    """A corpus that can be searched.

    Attributes:
        corpus: Its texts.
        search: Finds rows in the order of languages.
        order: The place in the corpus of each such row.
        folder: Where the search reads from.
    """

    corpus: Sequence[str]
    search: Search
    order: Rows
    folder: TemporaryDirectory[str]


class FusedSystem:
    """A model and the words of the texts, ranked as the product ranks."""

    def __init__(self, embedder: Embedder, ranking: Ranking = FUSED, known: KnownPairs | None = None) -> None:
        """Rank as a build does; by the words alone nothing is found across languages.

        Args:
            embedder: The model.
            ranking: How papers are ranked.
            known: What the model is known from, as by a build; None: nothing is known of it.
        """
        self.translates = ranking is not WORDS
        self._embedder = embedder
        self._ranking = ranking
        self._known = known
        self._opened: _Opened | None = None

    def nearest(
        self, queries: Sequence[str], corpus: Sequence[str], k: int, without: Rows | None = None
    ) -> Rows:
        if self._opened is None or self._opened.corpus != corpus:
            self._opened = self._open(corpus)
        search, order = self._opened.search, self._opened.order
        found = np.zeros((len(queries), k), dtype=np.int64)
        for place, (text, vector) in enumerate(zip(queries, self._embedder.encode(queries), strict=True)):
            left_out = [] if without is None else np.flatnonzero(np.isin(order, without[place])).tolist()
            own = (row for row in left_out if corpus[order[row]] == text)  # a paper is asked as by its id
            asked = Asked(text, vector, detect_language(text), row=next(own, None))
            near = search.nearest([asked], k, without=frozenset(left_out))
            found[place] = order[[neighbour.row for neighbour in near]]
        return found

    def features(self, texts: Sequence[str]) -> Any:
        return None  # clusters are of vectors alone

    def _open(self, corpus: Sequence[str]) -> _Opened:
        languages = [detect_language(text) for text in corpus]
        order = arranged(languages, [f"{row:09}" for row in range(len(corpus))])
        texts = [corpus[row] for row in order]
        vectors, matrix = self._embedder.encode(texts), TermMatrix.of(texts)
        groups = LanguageGroups.of([languages[row] for row in order])
        worth = words_worth(sizes_of(HeldTexts(texts)))
        known = Known.learnt(self._known, self._embedder.encode)
        calibration = fit(vectors, matrix, groups, self._ranking, known, worth)
        folder = TemporaryDirectory()
        path, engine = Path(folder.name), FlatEngine()
        write_vectors(vectors, path)
        engine.build(path)
        write_lexical(matrix, path)
        lexical = LexicalIndex(path, len(texts))
        index = engine.open(path)
        lists = None
        if self._ranking.shared:
            words = read_lists(path, len(texts))
            ranker = Ranker(index, vectors, matrix, words, calibration, np.arange(len(texts)))
            found = ranker.neighbours(NEIGHBOURS, lambda _done, _total: None)
            lists = NeighbourLists.of(len(texts), NEIGHBOURS, found, path)
        search = Search(index, read_vectors(path), lexical, calibration, lists)
        return _Opened(list(corpus), search, np.array(order), folder)
