"""What a rebuild reads in the texts of papers: vectors and words, but for what the build before has."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import numpy as np

from recommender.builds.carrying import Earlier
from recommender.builds.papers import PaperTable
from recommender.builds.parts import Parts
from recommender.digests import Digests
from recommender.embedding import EmbeddedCorpus, EmbeddingCache, HeldTexts, KnownVectors, Texts, embed_corpus
from recommender.lexical.counts import TermCounts
from recommender.lexical.weighting import counted, size_of
from recommender.ranking import Known
from recommender.vectors import Rows, Values, Vectors
from recommender.workers import HERE, Workers

WORDS_AT_ONCE = 1_000
SIZED = 1_000  # texts of which the size is looked at


class StoredTexts:
    """The texts of the papers of a build, each read when it is needed.

    Attributes:
        digests: Of the texts (n, 32).
    """

    def __init__(self, papers: PaperTable, digests: Digests) -> None:
        self.digests = digests
        self._papers = papers

    def __len__(self) -> int:
        return len(self._papers)

    def __getitem__(self, row: int) -> str:
        return self._papers.text(row)


def embed(
    texts: Texts,
    parts: Parts,
    on_progress: Callable[[int, int], None],
    workers: Workers = HERE,
    earlier: Earlier | None = None,
    into: Vectors | None = None,
) -> EmbeddedCorpus:
    """Return the vectors of texts.

    Args:
        texts: The texts.
        parts: Model and cache.
        on_progress: Told how many of the texts that nobody knew are done.
        workers: Who reads these.
        earlier: What the build before has of them.
        into: Where the vectors go (n, dim); None: into memory.
    """
    model = parts.embedder
    with EmbeddingCache(parts.embeddings, fingerprint=model.fingerprint, dim=model.dim) as cache:
        known = earlier.vectors(cache) if earlier else KnownVectors(cache)
        return embed_corpus(texts, model, known, on_progress, workers, into)


def known_of(parts: Parts) -> Known:
    """Return what the known papers tell of the model, nothing if there are none.

    The known papers are embedded once, as all are.
    """
    return Known.learnt(
        parts.known, lambda texts: embed(HeldTexts(texts), parts, lambda done, total: None).vectors
    )


def sizes_of(texts: Texts) -> Values:
    """Return how many distinct words some texts have that stand for all (m,), at equal distances."""
    rows = np.linspace(0, len(texts) - 1, min(len(texts), SIZED)).astype(np.int64)
    return np.array([size_of(counted(texts[row])) for row in rows.tolist()])


def count(
    texts: StoredTexts,
    rows: Rows,
    on_progress: Callable[[int, int], None],
    workers: Workers,
    room: Path,
) -> TermCounts:
    """Return the words of some papers; in the folder `room` lies what does not last."""
    asked = map(texts.__getitem__, rows.tolist())
    return TermCounts.of(_telling(asked, len(rows), on_progress), workers, room)


def _telling(texts: Iterable[str], n: int, on_progress: Callable[[int, int], None]) -> Iterator[str]:
    """Yield texts, telling now and then how many of them were."""
    for done, text in enumerate(texts, start=1):
        yield text
        if done % WORDS_AT_ONCE == 0 or done == n:
            on_progress(done, n)
