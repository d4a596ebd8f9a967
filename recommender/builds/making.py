"""Records → vectors and words → neighbours → one immutable build: the only place that joins the stages.

A stage leaves files that the later ones read. What a killed rebuild of the same has left is not made again.
"""

from collections import Counter
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np

from recommender.arrays import map_array
from recommender.builds import neighbours
from recommender.builds.build import Build
from recommender.builds.carrying import FILE as DIGESTS
from recommender.builds.carrying import Earlier, write_windowed
from recommender.builds.corpus import Answerable, Corpus
from recommender.builds.manifest import Manifest
from recommender.builds.papers import PaperTable
from recommender.builds.parts import Parts
from recommender.builds.reading import StoredTexts, count, embed, known_of, sizes_of
from recommender.builds.recording import write_papers
from recommender.builds.stages import Stages
from recommender.builds.unfinished import Unfinished
from recommender.builds.updating import Update
from recommender.digests import Digests, first_copies
from recommender.errors import BuildError
from recommender.files import FileStamp
from recommender.index import OUTSIDE, VectorIndex, engine_named
from recommender.index.stored import read_vectors, writing_vectors
from recommender.lexical import TermMatrix, read_lists, write_lexical
from recommender.ranking import (
    Calibration,
    LanguageGroups,
    NeighbourLists,
    Ranker,
    approach,
    fit,
    words_worth,
)
from recommender.vectors import Rows, Vectors
from recommender.workers import HERE, PROCESSES, THREADS, Workers

NEIGHBOURS = 50


class Making:
    """The stages of one build.

    Attributes:
        n_fresh: How many distinct texts were embedded.
    """

    def __init__(
        self,
        corpus: Corpus,
        answerable: Answerable,
        parts: Parts,
        stages: Stages,
        unfinished: Unfinished,
    ) -> None:
        """Take what the build is made of.

        Args:
            corpus: The records.
            answerable: Those with a text, of which there is one at least.
            parts: What is worked with.
            stages: The clock.
            unfinished: Where the build lies, and what of it is done.
        """
        self.n_fresh = 0
        self._corpus = corpus
        self._answerable = answerable
        self._parts = parts
        self._stages = stages
        self._unfinished = unfinished
        self._folder = unfinished.folder
        self._groups = LanguageGroups.of(answerable.languages)
        is_here = parts.workers is HERE
        self._processes: Workers = PROCESSES if is_here else parts.workers
        self._threads: Workers = THREADS if is_here else parts.workers

    def make(self, build_id: str, now: datetime, before: Build | None) -> Manifest:
        """Make all that is not done, and write the manifest.

        Args:
            build_id: Of the build.
            now: When it is made.
            before: A build from which is taken over what is as good as new; None: there is none.
        """
        digests, copies = self._records(build_id, before)
        self._done("records")
        earlier = update = None
        if before and is_alike(before.manifest, self._parts) and (earlier := Earlier.of(before, digests)):
            update = Update.of(earlier, self._groups)
        with closing(PaperTable(self._folder, build_id)) as papers:
            texts = StoredTexts(papers, digests)
            n_windowed, vectors = self._vectors(texts, earlier)
            self._done("embed", n_windowed=n_windowed)
            index = self._index(earlier)
            self._done("index")
            matrix = self._words(texts, earlier, update)
            self._done("words")
            calibration = self._calibration(texts, vectors, matrix, update)
            self._done("calibration")
        words = read_lists(self._folder, len(texts))
        ranker = Ranker(index, vectors, matrix, words, calibration, copies)
        lists, recall, is_updated = self._neighbours(ranker, index, update)
        in_order = lists.in_order(calibration)
        shape = (len(self._answerable), NEIGHBOURS)
        neighbours.write_neighbours(in_order, shape, build_id, self._folder / neighbours.FILE)
        self._stages.done("in-common")
        self._unfinished.end()
        manifest = replace(
            self._manifest(build_id, now, n_windowed, index.recall), recall_of_neighbours=recall
        )
        if update:
            n_carried = len(texts) - len(update.fresh) if is_updated else 0
            manifest = replace(manifest, n_carried=n_carried, n_changed=update.n_changed)
        manifest.write(self._folder)
        return manifest

    def _done(self, stage: str, **facts: int) -> None:
        self._stages.done(stage)
        if self._parts.engine.name not in OUTSIDE.values():  # what lies on a server may be gone by then
            self._unfinished.note(stage, self._stages.seconds, **facts)

    def _records(self, build_id: str, before: Build | None) -> tuple[Digests, Rows]:
        """Write the records, the facets and the digests of the texts: the one time that the papers are read.

        Returns:
            The digests, and for each row the first one with the same text.
        """
        if self._unfinished.has("records"):
            digests = map_array(self._folder / DIGESTS, np.uint8, 2)
            return digests, first_copies(digests)
        on_progress = self._stages.telling("writing records")
        return write_papers(self._answerable, self._folder, build_id, before, on_progress)

    def _vectors(self, texts: StoredTexts, earlier: Earlier | None) -> tuple[int, Vectors]:
        """Write the vectors; return how many texts are read in windows, and the vectors."""
        if self._unfinished.has("embed"):
            return self._unfinished.fact("embed", "n_windowed"), read_vectors(self._folder)
        embedder = self._parts.embedder
        is_here = self._parts.workers is HERE
        readers = HERE if is_here and embedder.fills_cores else self._processes
        with writing_vectors(self._folder, len(texts), embedder.dim) as room:
            embedded = embed(texts, self._parts, self._stages.telling("embedding"), readers, earlier, room)
        write_windowed(embedded.are_windowed, self._folder)
        self.n_fresh = embedded.n_fresh
        return embedded.n_windowed, read_vectors(self._folder)

    def _index(self, earlier: Earlier | None) -> VectorIndex:
        """Write the index, and open it to ask it for every row.

        Raises:
            BuildError: It did not take all vectors.
        """
        engine = self._parts.engine
        if not self._unfinished.has("index"):
            engine.build(self._folder, self._groups.sizes, earlier.index() if earlier else None)
        index = engine.open(self._folder)
        if len(index) != len(self._answerable):
            raise BuildError(f"the index took {len(index)} of {len(self._answerable)} vectors")
        if engine.name == "faiss" and index.recall is None:
            # of so many neighbours at once NumPy finds the same ones in a fraction of the time
            return engine_named("flat").open(self._folder)
        return index

    def _words(self, texts: StoredTexts, earlier: Earlier | None, update: Update | None) -> TermMatrix:
        """Write the words, and return them as pairs of papers are compared by them."""
        folder = self._folder
        if not self._unfinished.has("words"):
            rows = np.arange(len(texts))
            if update:
                rows = update.fresh
            elif earlier:
                rows = earlier.fresh
            read = count(texts, rows, self._stages.telling("reading words"), self._processes, folder)
            if update:
                update.write_words(read, folder)
            else:
                counts = earlier.counts(read, folder) if earlier else read
                matrix = TermMatrix.weighted(counts, folder)
                write_lexical(matrix, folder, counts, folder)
                counts.write(folder)
                return matrix
        return TermMatrix.read(folder, len(texts), folder)

    def _calibration(
        self, texts: StoredTexts, vectors: Vectors, matrix: TermMatrix, update: Update | None
    ) -> Calibration:
        """Write what is usual, and return it."""
        if self._unfinished.has("calibration"):
            return Calibration.read(self._folder)
        if update:
            calibration = update.calibration(self._groups, vectors)
        else:
            known, worth = known_of(self._parts), words_worth(sizes_of(texts))
            calibration = fit(vectors, matrix, self._groups, self._parts.ranking, known, worth)
        calibration.write(self._folder)
        return calibration

    def _neighbours(
        self, ranker: Ranker, index: VectorIndex, update: Update | None
    ) -> tuple[NeighbourLists, float | None, bool]:
        """Return the neighbours, which part was found of the nearest, and whether most were taken over.

        None: all vectors were compared.
        """
        telling = self._stages.telling
        is_listed = index.recall is not None  # rows are near each other in lists
        updated = recall = graph = None
        if update and is_listed:
            updated = update.neighbours(ranker, NEIGHBOURS, telling("finding new neighbours"), self._threads)
            self._stages.done("update")
        if updated:
            lists, recall = updated
            found = lists.each()
        else:
            if is_listed:
                if self._threads is THREADS:
                    ranker.arrange(self._folder)
                graph, recall = approach(ranker, NEIGHBOURS, telling("approaching neighbours"), self._threads)
            self._stages.done("approach")
            found = ranker.neighbours(NEIGHBOURS, telling("finding neighbours"), self._threads, graph)
        kept = NeighbourLists.of(len(self._answerable), NEIGHBOURS, found, self._folder)
        self._stages.done("neighbours")
        return kept, recall, updated is not None

    def _manifest(self, build_id: str, now: datetime, n_windowed: int, recall: float | None) -> Manifest:
        corpus, parts = self._corpus, self._parts
        languages = Counter(language or "unknown" for language in self._answerable.languages)
        known = self._unfinished.files
        rest = sorted(path for path in self._folder.iterdir() if path.name not in known)
        stamps = {path.name: stamp for path, stamp in zip(rest, THREADS.map(FileStamp.of, rest), strict=True)}
        return Manifest(
            build_id=build_id,
            created=now.astimezone(UTC).isoformat(timespec="seconds"),
            origin=corpus.origin,
            corpus_digest=corpus.digest,
            model=parts.model,
            model_fingerprint=parts.embedder.fingerprint,
            dim=parts.embedder.dim,
            engine=parts.engine.name,
            ranking=parts.ranking.name,
            n_papers=len(self._answerable),
            n_blank=len(corpus.papers) - len(self._answerable),
            n_rejected=corpus.n_rejected,
            n_windowed=n_windowed,
            n_neighbours=NEIGHBOURS,
            languages=dict(languages.most_common()),
            files=dict(sorted({**known, **stamps}.items())),
            recall=recall,
            recall_target=parts.recall,
        )


def is_alike(manifest: Manifest, parts: Parts) -> bool:
    """Tell whether two papers of a build would be as near to each other in a new one."""
    return (
        manifest.model_fingerprint == parts.embedder.fingerprint
        and manifest.ranking == parts.ranking.name
        and manifest.n_neighbours == NEIGHBOURS
    )
