"""Records → vectors and words → neighbours → one immutable build. The only place that joins the stages."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from recommender.builds import facets, neighbours, papers
from recommender.builds.build import Build
from recommender.builds.carrying import Earlier, write_digests
from recommender.builds.corpus import Corpus as Corpus
from recommender.builds.files import FileStamp
from recommender.builds.manifest import Manifest
from recommender.builds.parts import Parts as Parts
from recommender.builds.reading import count, embed, levels_and_strength
from recommender.builds.stages import OnStage as OnStage
from recommender.builds.stages import Stages
from recommender.errors import BuildError, NotAnswerableError
from recommender.index import Engine, VectorIndex, engine_named
from recommender.lexical import TermMatrix, write_lexical
from recommender.paper import Paper
from recommender.ranking import LanguageGroups, Ranker, fit
from recommender.workers import HERE, PROCESSES, THREADS

NEIGHBOURS = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Rebuilt:
    """What a rebuild did.

    Attributes:
        manifest: Of the build that now exists.
        n_fresh: How many distinct texts were embedded; the others were known.
        unchanged: Nothing differs from the current build, so no new one was made.
        seconds: How long each stage took, in order.
    """

    manifest: Manifest
    n_fresh: int
    unchanged: bool
    seconds: Mapping[str, float] = field(default_factory=dict)


def rebuild(
    corpus: Corpus, parts: Parts, *, now: datetime, on_stage: OnStage, force: bool = False
) -> Rebuilt:
    """Make a build of `corpus` without publishing it.

    Args:
        corpus: The records.
        parts: Store, embedder, engine.
        now: The time that names the build.
        on_stage: Told how far each stage is.
        force: Make a new build even if nothing differs from the current one.

    Raises:
        NotAnswerableError: No paper of the corpus has any text.
        BuildError: The build cannot be written.
    """
    parts.store.tidy()
    with nullcontext() if force else _before(parts) as before:
        if before and _is_same(before, corpus, parts):
            return Rebuilt(manifest=before.manifest, n_fresh=0, unchanged=True)
        return _made(corpus, parts, before, now, on_stage)


def _made(corpus: Corpus, parts: Parts, before: Build | None, now: datetime, on_stage: OnStage) -> Rebuilt:
    """Make a build; of the one before, if it is given, it takes over what is as good as new."""
    stages = Stages(on_stage)
    answerable = corpus.answerable()
    if not answerable:
        raise NotAnswerableError(
            f"no paper of the {corpus.origin} has a title or an abstract; import some first"
        )
    digests = [paper.digest for paper in answerable]
    earlier = Earlier.of(before, digests) if before and _is_alike(before.manifest, parts) else None
    stages.done("order")
    is_here = parts.workers is HERE
    processes, threads = (PROCESSES, THREADS) if is_here else (parts.workers, parts.workers)
    readers = HERE if is_here and parts.embedder.fills_cores else processes
    embedded = embed(answerable, digests, parts, stages.telling("embedding"), readers, earlier)
    levels, strength = levels_and_strength(parts)
    stages.done("embed")
    build_id = parts.store.free_id(now)
    with parts.store.create(build_id) as folder:
        copies = papers.first_copies(digests)
        papers.write_papers(answerable, copies, corpus.unanswerable(), build_id, folder)
        write_digests(digests, folder)
        stages.done("records")
        facets.write_facets(answerable, folder / facets.FILE)
        stages.done("facets")
        groups = LanguageGroups.of([paper.language for paper in answerable])
        parts.engine.build(embedded.vectors, folder, groups.sizes)
        index = _opened(parts.engine, len(answerable), folder)
        stages.done("index")
        counts = count(answerable, earlier, stages.telling("reading words"), processes)
        matrix = TermMatrix.weighted(counts)
        write_lexical(matrix, folder)
        counts.write(folder)
        stages.done("words")
        calibration = fit(embedded.vectors, matrix, groups, parts.ranking, levels, strength)
        calibration.write(folder)
        stages.done("calibration")
        ranker = Ranker(index, embedded.vectors, matrix, calibration, copies)
        carried = earlier.neighbours(ranker, threads) if earlier and index.recall is not None else None
        stages.done("carried")
        graph = carried
        if graph is None and index.recall is not None:
            graph = ranker.approach(NEIGHBOURS, stages.telling("approaching neighbours"), threads)
        stages.done("approach")
        found = ranker.neighbours(NEIGHBOURS, stages.telling("finding neighbours"), threads, graph)
        shape = (len(answerable), NEIGHBOURS)
        neighbours.write_neighbours(found, shape, build_id, folder / neighbours.FILE)
        stages.done("neighbours")
        made = _manifest(corpus, answerable, parts, folder, build_id, now)
        manifest = replace(
            made,
            n_windowed=embedded.n_windowed,
            recall=index.recall,
            n_carried=len(carried) if carried else 0,
        )
        manifest.write(folder)
    stages.done("digests")
    return Rebuilt(manifest=manifest, n_fresh=embedded.n_fresh, unchanged=False, seconds=stages.seconds)


def _opened(engine: Engine, n: int, folder: Path) -> VectorIndex:
    """Open the index of a build to ask it for every row.

    Raises:
        BuildError: It did not take all vectors.
    """
    index = engine.open(folder)
    if len(index) != n:
        raise BuildError(f"the index took {len(index)} of {n} vectors")
    # of so many neighbours at once NumPy finds the same ones in a fraction of the time
    return engine_named("flat").open(folder) if engine.name == "faiss" and index.recall is None else index


@contextmanager
def _before(parts: Parts) -> Iterator[Build | None]:
    """Yield the current build, or None: a damaged one is nothing to go on from."""
    try:
        build = parts.store.current()
        build.verify_files()
    except BuildError:
        yield None
        return
    try:
        yield build
    finally:
        build.close()


def _is_same(build: Build, corpus: Corpus, parts: Parts) -> bool:
    """Tell whether a new build would be the same."""
    manifest = build.manifest
    return (
        manifest.corpus_digest == corpus.digest
        and manifest.origin == corpus.origin
        and manifest.engine == parts.engine.name
        and (manifest.recall is None or 1 > parts.recall <= manifest.recall)
        and _is_alike(manifest, parts)
        and manifest.n_rejected == corpus.n_rejected
        and build.papers.reasons() == corpus.unanswerable()
    )


def _is_alike(manifest: Manifest, parts: Parts) -> bool:
    """Tell whether two papers of a build would be as near to each other in a new one."""
    return (
        manifest.model_fingerprint == parts.embedder.fingerprint
        and manifest.ranking == parts.ranking.name
        and manifest.n_neighbours == NEIGHBOURS
    )


def _manifest(
    corpus: Corpus,
    answerable: Sequence[Paper],
    parts: Parts,
    folder: Path,
    build_id: str,
    now: datetime,
) -> Manifest:
    languages = Counter(paper.language or "unknown" for paper in answerable)
    files = sorted(folder.iterdir())
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
        n_papers=len(answerable),
        n_blank=len(corpus.papers) - len(answerable),
        n_rejected=corpus.n_rejected,
        n_windowed=0,
        n_neighbours=NEIGHBOURS,
        languages=dict(languages.most_common()),
        files={path.name: stamp for path, stamp in zip(files, THREADS.map(FileStamp.of, files), strict=True)},
    )
