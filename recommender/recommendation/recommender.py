"""Answers: which papers of a build are similar to a paper, or to a text."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from recommender.builds import Build
from recommender.errors import BuildError, ModelError, NotAnswerableError, PaperNotFoundError, UsageError
from recommender.neighbour import Label, Neighbour
from recommender.paper import Paper

if TYPE_CHECKING:
    from recommender.embedding import Embedder

OpenEmbedder = Callable[[], "Embedder"]


@dataclass(frozen=True, slots=True)
class Recommendation:
    """One similar paper.

    Attributes:
        rank: From 1.
        score: What it is ranked by: 0 is as alike as any two papers; in a corpus of one language at most 1.
        similarity: The share of random pairs of the same two languages in the corpus that score lower,
            in [0, 1).
        label: How alike the meanings are, in a word.
        paper: The paper.
    """

    rank: int
    score: float
    similarity: float
    label: Label
    paper: Paper


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Similar papers, best first.

    Attributes:
        query: The paper asked about; None if a text was asked about.
        results: The similar papers; none where nothing is similar enough.
        min_similarity: The similarity that was asked for at least.
        build_id: The build that answered.
        seconds: How long the answer took, the opening of build and model left out.
    """

    query: Paper | None
    results: tuple[Recommendation, ...]
    min_similarity: float
    build_id: str
    seconds: float


class Recommender:
    """Answers from one build. Safe to share between threads."""

    def __init__(self, build: Build, open_embedder: OpenEmbedder) -> None:
        """Answer from `build`; `open_embedder` is called only if a text has to be embedded."""
        self.build = build
        self._open_embedder = open_embedder

    def similar_to(self, paper_id: str, k: int, *, min_similarity: float = 0.0) -> Answer:
        """Return the `k` papers most similar to a paper of the build; never itself or an exact copy.

        Fewer come only where the build has no more, or where those are less similar than asked for.

        Args:
            paper_id: Id of the paper.
            k: How many at most.
            min_similarity: From 0 to below 1, see `Recommendation.similarity`.

        Raises:
            UsageError: `k` or `min_similarity` is out of range.
            PaperNotFoundError: The build does not know the id.
            NotAnswerableError: The paper is known, but has no text.
            BuildError: The build is damaged.
        """
        _check(k, min_similarity)
        neighbours, _ = self.build.neighbours, self.build.papers  # opened before the clock starts
        started = time.perf_counter()
        row = self._row_of(paper_id)
        found = neighbours.of(row)[:k]
        if k > neighbours.k:
            found += self._beyond(row, found, k)
        results = self._recommendations(found, min_similarity)
        seconds = time.perf_counter() - started
        return Answer(
            query=self.build.papers.paper(row),
            results=results,
            min_similarity=min_similarity,
            build_id=self.build.manifest.build_id,
            seconds=seconds,
        )

    def similar_to_text(self, text: str, k: int, *, min_similarity: float = 0.0) -> Answer:
        """Return the `k` papers most similar to any text, in any of the model's languages.

        Args:
            text: A few words, or an abstract.
            k: How many at most.
            min_similarity: From 0 to below 1, see `Recommendation.similarity`.

        Raises:
            UsageError: The text has no letter or digit; `k` or `min_similarity` is out of range.
            ModelError: The model is not the one that the build was made with.
            BuildError: The build is damaged.
        """
        _check(k, min_similarity)
        query = _query(text)
        search, embedder = self.build.search, self.embedder
        started = time.perf_counter()
        from recommender.ranking import Asked
        from recommender.text.language import detect_language

        asked = Asked(query.text, embedder.encode([query.text])[0], detect_language(query.text))
        results = self._recommendations(search.nearest(asked, k), min_similarity)
        seconds = time.perf_counter() - started
        return Answer(
            query=None,
            results=results,
            min_similarity=min_similarity,
            build_id=self.build.manifest.build_id,
            seconds=seconds,
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

    def _row_of(self, paper_id: str) -> int:
        papers = self.build.papers
        row = papers.row_of(paper_id)
        if row is not None:
            return row
        if reason := papers.reason(paper_id):
            raise NotAnswerableError(f"paper {paper_id!r} is known, but {reason}; query by text instead")
        self.build.check_file("papers.db")  # a damaged file must not pass for a missing paper
        raise PaperNotFoundError(paper_id, self.build.manifest.build_id)

    def _beyond(self, row: int, stored: list[Neighbour], k: int) -> list[Neighbour]:
        """Search for what follows the stored neighbours, up to `k` in all."""
        from recommender.index.stored import read_vectors
        from recommender.ranking import Asked

        search = self.build.search  # the digests are compared before anything is read
        paper = self.build.papers.paper(row)
        known = self.build.papers.copies_of(row) | {neighbour.row for neighbour in stored}
        asked = Asked(paper.text, read_vectors(self.build.folder)[row], paper.language, row)
        found = search.nearest(asked, k + len(known))
        return [neighbour for neighbour in found if neighbour.row not in known][: k - len(stored)]

    def _recommendations(self, found: list[Neighbour], min_similarity: float) -> tuple[Recommendation, ...]:
        if any(neighbour.row >= self.build.manifest.n_papers for neighbour in found):
            raise BuildError(f"{self.build.folder}: a neighbour is no paper of the build; rebuild")
        similar = (neighbour for neighbour in found if neighbour.similarity >= min_similarity)
        return tuple(
            Recommendation(rank, score, similarity, label, self.build.papers.paper(row))
            for rank, (row, score, similarity, label) in enumerate(similar, start=1)
        )


def _check(k: int, min_similarity: float) -> None:
    if k < 1:
        raise UsageError(f"k must be at least 1, got {k}")
    if not 0 <= min_similarity < 1:
        raise UsageError(f"the least similarity lies from 0 to below 1, got {min_similarity}")


def _query(text: str) -> Paper:
    """Return the text as a paper without an id of its own, so that it is read as papers are."""
    try:
        query = Paper(id="query", abstract=text)
    except ValueError as problem:
        reason = str(problem).replace("abstract", "it")
        raise UsageError(f"the query cannot be read: {reason}") from problem
    if query.is_blank:
        raise UsageError("the query has no letter or digit; give a few words, an abstract, or --id")
    return query
