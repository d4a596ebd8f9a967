"""What a rebuild reads in the texts of papers: vectors and words, but for what the build before has."""

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from recommender.builds.carrying import Earlier
from recommender.builds.parts import Parts
from recommender.embedding import EmbeddedCorpus, EmbeddingCache, KnownVectors, embed_corpus
from recommender.lexical.counts import TermCounts
from recommender.paper import Paper
from recommender.ranking import USUAL_STRENGTH, Levels, levels_of, strength_of
from recommender.text.sentences import sentences
from recommender.workers import HERE, Workers

WORDS_AT_ONCE = 1_000


def embed(
    papers: Sequence[Paper],
    digests: Sequence[str],
    parts: Parts,
    on_progress: Callable[[int, int], None],
    workers: Workers = HERE,
    earlier: Earlier | None = None,
) -> EmbeddedCorpus:
    """Return the vectors of papers.

    Args:
        papers: The papers.
        digests: Of their texts.
        parts: Model and cache.
        on_progress: Told how many of the texts that nobody knew are done.
        workers: Who reads these.
        earlier: What the build before has of them.
    """
    texts = {digest: paper.text for digest, paper in zip(digests, papers, strict=True)}
    model = parts.embedder
    with EmbeddingCache(parts.embeddings, fingerprint=model.fingerprint, dim=model.dim) as cache:
        known = earlier.vectors(cache) if earlier else KnownVectors(cache)
        return embed_corpus(digests, texts, model, known, on_progress, workers)


def levels_and_strength(parts: Parts) -> tuple[Levels | None, float]:
    """Return what the labels go by with this model, and how well its vectors tell related papers apart.

    The known papers are embedded once, as all are.
    """
    if parts.known is None:
        return None, USUAL_STRENGTH
    titles = [Paper(id=paper.id, title=sentences(paper.text)[0]) for paper in parts.known.papers]
    every = [*parts.known.papers, *titles]
    both = embed(every, [paper.digest for paper in every], parts, lambda done, total: None).vectors
    known, known_titles = np.split(both, 2)
    return levels_of(parts.known, known, known_titles), strength_of(parts.known, known)


def count(
    papers: Sequence[Paper],
    earlier: Earlier | None,
    on_progress: Callable[[int, int], None],
    workers: Workers,
) -> TermCounts:
    """Return the words of all papers, of which those that the build before has are not read again."""
    if earlier is None:
        return TermCounts.of(_read(papers, on_progress), workers)
    fresh = [papers[place] for place in np.flatnonzero(earlier.rows < 0).tolist()]
    return earlier.counts(TermCounts.of(_read(fresh, on_progress), workers))


def _read(papers: Sequence[Paper], on_progress: Callable[[int, int], None]) -> Iterator[str]:
    """Yield the texts of papers, telling now and then how far it is."""
    for done, paper in enumerate(papers, start=1):
        yield paper.text
        if done % WORDS_AT_ONCE == 0 or done == len(papers):
            on_progress(done, len(papers))
