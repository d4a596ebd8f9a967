"""Answers: which papers of a build are similar to papers, to a text, or to both."""

import time
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from recommender.builds import Build
from recommender.errors import (
    BuildError,
    ModelError,
    NotAnswerableError,
    PaperNotFoundError,
    QuestionError,
    UsageError,
)
from recommender.neighbour import Neighbour
from recommender.paper import Paper
from recommender.recommendation.answer import Answer, Recommendation
from recommender.recommendation.query import Query

if TYPE_CHECKING:
    from recommender.embedding import Embedder
    from recommender.ranking import Asked
    from recommender.recommendation.explanation import Explanation

OpenEmbedder = Callable[[], "Embedder"]


class Recommender:
    """Answers from one build. Safe to share between threads."""

    def __init__(self, build: Build, open_embedder: OpenEmbedder) -> None:
        """Answer from `build`; `open_embedder` is called only if a text has to be embedded."""
        self.build = build
        self._open_embedder = open_embedder

    def similar_to(self, paper_id: str, k: int, *, min_similarity: float = 0.0) -> Answer:
        """Return the `k` papers most similar to a paper of the build, as `recommend` does."""
        return self.recommend(Query(like=(paper_id,), min_similarity=min_similarity), k)

    def similar_to_text(self, text: str, k: int, *, min_similarity: float = 0.0) -> Answer:
        """Return the `k` papers most similar to a text in any language, as `recommend` does."""
        read(text)  # an empty one is refused for what it is
        return self.recommend(Query(text=text, min_similarity=min_similarity), k)

    def recommend(self, query: Query, k: int) -> Answer:
        """Return the `k` papers most similar to what is asked for.

        Never among them: the papers that were named, and exact copies of these. Fewer come only where no
        more pass the filters and are as similar as asked for.

        Raises:
            UsageError: `k` is below 1, a text has no letter or digit, or no paper has a name filtered by.
            PaperNotFoundError: The build does not know an id.
            NotAnswerableError: A paper is known, but has no text.
            ModelError: The model is not the one that the build was made with.
            BuildError: The build is damaged.
        """
        if k < 1:
            raise UsageError(f"k must be at least 1, got {k}")
        _ = self.build.papers, self.build.neighbours  # before the clock starts
        started = time.perf_counter()
        rows = self._rows_of(query.like)
        found = self._looked_up(query, rows[0], k) if query.is_look_up else None
        if found is None:
            began = time.perf_counter()
            self._open_search(query)
            started += time.perf_counter() - began  # it is done once, and is no part of the time
            found = self._searched(query, rows, k)
        results = self._recommendations(found)
        seconds = time.perf_counter() - started
        return Answer(
            query=query,
            liked=tuple(self.build.papers.paper(row) for row in rows),
            results=results,
            build_id=self.build.manifest.build_id,
            seconds=seconds,
        )

    def compare(self, query: Query, paper_id: str) -> Answer:
        """Return an answer with one paper alone: how similar it is, whatever the filters.

        Raises:
            PaperNotFoundError, NotAnswerableError, ModelError, BuildError: As `recommend`.
        """
        import numpy as np

        row = self._row_of(paper_id)
        self._open_search(query)
        started = time.perf_counter()
        rows = self._rows_of(query.like)
        found = self.build.search.nearest(self._asked(query, rows), 1, allowed=np.array([row]))
        return Answer(
            query=query,
            liked=tuple(self.build.papers.paper(liked) for liked in rows),
            results=self._recommendations(found),
            build_id=self.build.manifest.build_id,
            seconds=time.perf_counter() - started,
        )

    @cached_property
    def embedder(self) -> "Embedder":
        """The model of the build, opened at the first text.

        Raises:
            ModelError: It is not the model that the build was made with.
        """
        embedder, manifest = self._open_embedder(), self.build.manifest
        if embedder.fingerprint != manifest.model_fingerprint:
            raise ModelError(
                f"build {manifest.build_id} was made with model {manifest.model!r}"
                f" ({manifest.model_fingerprint}), this one is {embedder.fingerprint};"
                " ask with that model, or rebuild with this one"
            )
        return embedder

    def explain(self, answer: Answer) -> tuple["Explanation", ...]:
        """Return why each result is in an answer of this build.

        Raises:
            ModelError: The model is not the one that the build was made with.
            BuildError: The answer is of another build.
        """
        from recommender.recommendation.explanation import Found, explain

        if answer.build_id != self.build.manifest.build_id:
            raise BuildError(
                f"the answer is of build {answer.build_id}, not of {self.build.manifest.build_id}"
            )
        search, embedder = self.build.search, self.embedder
        asked = self._asked(answer.query, [self._row_of(paper.id) for paper in answer.liked])
        is_aged = answer.query.half_life is not None
        found = [Found(self._row_of(one.paper.id), one.paper, one.score, is_aged) for one in answer.results]
        return explain(search, embedder, asked, answer.liked, found)

    def _open_search(self, query: Query) -> None:
        """Open what a query is searched with."""
        _ = self.build.search
        if query.text:
            _ = self.embedder, self.build.facets

    def _row_of(self, paper_id: str) -> int:
        return row_of(self.build, paper_id, instead="query by text instead")

    def _rows_of(self, ids: Sequence[str]) -> list[int]:
        """Return rows, each once: an id has several forms in Unicode."""
        return [*dict.fromkeys(map(self._row_of, ids))]

    def _looked_up(self, query: Query, row: int, k: int) -> list[Neighbour] | None:
        """Return the stored neighbours that answer, or None: others that are not stored may answer too.

        Similarity does not fall with the score where the languages differ: any of those stored may pass, and
        any that is not.
        """
        least, table = query.min_similarity, self.build.neighbours
        stored = table.of(row, None if least else k)
        found = [neighbour for neighbour in stored if neighbour.similarity >= least][:k]
        if len(found) == k:
            return found
        n_others = self.build.manifest.n_papers - len(self.build.papers.copies_of(row))
        return found if len(stored) >= n_others else None

    def _searched(self, query: Query, rows: Sequence[int], k: int) -> list[Neighbour]:
        from recommender.recommendation.steering import Steered

        return Steered(self.build, query).nearest(self._asked(query, rows), k)

    def _asked(self, query: Query, rows: Sequence[int]) -> list["Asked"]:
        from recommender.recommendation.steering import UNLIKE, asked_for

        share = 1 / (len(rows) + bool(query.text))
        asked = [asked_for(self.build, row, share) for row in rows]
        if query.text:
            asked.append(self._asked_text(query.text, share))
        unlike = self._rows_of(query.unlike)
        return asked + [asked_for(self.build, row, -UNLIKE / len(unlike)) for row in unlike]

    def _asked_text(self, text: str, weight: float) -> "Asked":
        from recommender.ranking import Asked
        from recommender.recommendation.people import named
        from recommender.text.language import detect_language

        text = read(text)
        vector, names = self.embedder.encode([text])[0], named(self.build, text)
        return Asked(text, vector, detect_language(text), weight=weight, names=names)

    def _recommendations(self, found: list[Neighbour]) -> tuple[Recommendation, ...]:
        papers, n_papers = self.build.papers, self.build.manifest.n_papers
        if any(neighbour.row >= n_papers for neighbour in found):
            raise BuildError(f"{self.build.folder}: a neighbour is no paper of the build; rebuild")
        return tuple(
            Recommendation(rank, score, similarity, label, papers.paper(row))
            for rank, (row, score, similarity, label) in enumerate(found, start=1)
        )


def row_of(build: Build, paper_id: str, *, instead: str) -> int:
    """Return the row of a paper that can be asked about.

    Args:
        build: The build.
        paper_id: Id of the paper.
        instead: What to do where it has no text, for the message.

    Raises:
        PaperNotFoundError: The build does not know the id.
        NotAnswerableError: The paper is known, but has no text.
        BuildError: The records are damaged.
    """
    row = build.papers.row_of(paper_id)
    if row is not None:
        return row
    if reason := build.papers.reason(paper_id):
        raise NotAnswerableError(f"paper {paper_id!r} is known, but {reason}; {instead}")
    raise PaperNotFoundError(paper_id, build.manifest.build_id)


def read(text: str) -> str:
    """Return a text as the text of a paper is read.

    Raises:
        QuestionError: No paper could have it, or it has no letter or digit.
    """
    try:
        query = Paper(id="query", abstract=text)
    except ValueError as problem:
        reason = str(problem).replace("abstract", "it")
        raise QuestionError(f"the query cannot be read: {reason}", "unreadable") from problem
    if query.is_blank:
        raise QuestionError(
            "the query has no letter or digit; give a few words, an abstract, or the id of a paper", "blank"
        )
    return query.text
