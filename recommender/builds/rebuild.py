"""Records → vectors and words → neighbours → one immutable build. The only place that joins the stages."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from recommender.builds import facets, neighbours
from recommender.builds.build import Build
from recommender.builds.carrying import Earlier, write_digests
from recommender.builds.corpus import Answerable
from recommender.builds.corpus import Corpus as Corpus
from recommender.builds.corpus import HeldPapers as HeldPapers
from recommender.builds.facets import FacetWriter
from recommender.builds.files import FileStamp
from recommender.builds.manifest import Manifest
from recommender.builds.papers import PaperTable, PaperWriter
from recommender.builds.parts import Parts as Parts
from recommender.builds.reading import StoredTexts, count, embed, levels_and_strength
from recommender.builds.stages import OnStage as OnStage
from recommender.builds.stages import Stages
from recommender.digests import Digests, digests_of, first_copies
from recommender.errors import BuildError, NotAnswerableError
from recommender.index import Engine, VectorIndex, engine_named
from recommender.index.stored import read_vectors, writing_vectors
from recommender.lexical import TermMatrix, write_lexical
from recommender.paper import Paper
from recommender.ranking import LanguageGroups, Ranker, fit
from recommender.vectors import Rows
from recommender.workers import HERE, PROCESSES, THREADS

NEIGHBOURS = 50
PAPERS_AT_ONCE = 1_000  # between two reports


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
        stages = Stages(on_stage)
        answerable = corpus.answerable()
        stages.done("order")
        if before and _is_same(before, corpus, answerable, parts):
            return Rebuilt(manifest=before.manifest, n_fresh=0, unchanged=True)
        return _made(corpus, answerable, parts, before, now, stages)


def _made(
    corpus: Corpus, answerable: Answerable, parts: Parts, before: Build | None, now: datetime, stages: Stages
) -> Rebuilt:
    """Make a build; of the one before, if it is given, it takes over what is as good as new."""
    if not len(answerable):
        raise NotAnswerableError(
            f"no paper of the {corpus.origin} has a title or an abstract; import some first"
        )
    is_here = parts.workers is HERE
    processes, threads = (PROCESSES, THREADS) if is_here else (parts.workers, parts.workers)
    readers = HERE if is_here and parts.embedder.fills_cores else processes
    build_id = parts.store.free_id(now)
    with ExitStack() as stack, parts.store.create(build_id) as folder:
        digests, copies = _written(answerable, build_id, folder, stages.telling("writing records"))
        stages.done("records")
        earlier = Earlier.of(before, digests) if before and _is_alike(before.manifest, parts) else None
        texts = StoredTexts(stack.enter_context(closing(PaperTable(folder, build_id))), digests)
        with writing_vectors(folder, len(texts), parts.embedder.dim) as room:
            embedded = embed(texts, parts, stages.telling("embedding"), readers, earlier, room)
        vectors = read_vectors(folder)
        levels, strength = levels_and_strength(parts)
        stages.done("embed")
        groups = LanguageGroups.of(answerable.languages)
        parts.engine.build(folder, groups.sizes)
        index = _opened(parts.engine, len(answerable), folder)
        stages.done("index")
        counts = count(texts, earlier, stages.telling("reading words"), processes, folder)
        matrix = TermMatrix.weighted(counts, folder)
        write_lexical(matrix, folder, counts, folder)
        counts.write(folder)
        del counts
        stages.done("words")
        calibration = fit(vectors, matrix, groups, parts.ranking, levels, strength)
        calibration.write(folder)
        stages.done("calibration")
        ranker = Ranker(index, vectors, matrix, calibration, copies)
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


def _written(
    answerable: Answerable, build_id: str, folder: Path, on_progress: Callable[[int, int], None]
) -> tuple[Digests, Rows]:
    """Write the records, the facets and the digests of the texts: the one time that the papers are read.

    Returns:
        The digests, and the first row with the same text of each.
    """
    found = FacetWriter()
    with PaperWriter(folder, build_id) as records:

        def digest_of(paper: Paper) -> str:
            records.add(paper)
            found.add(paper)
            if len(records) % PAPERS_AT_ONCE == 0 or len(records) == len(answerable):
                on_progress(len(records), len(answerable))
            return paper.digest

        digests = digests_of(map(digest_of, answerable))
        copies = first_copies(digests)
        records.finish(copies, answerable.unanswerable)
    found.write(folder / facets.FILE)
    write_digests(digests, folder)
    return digests, copies


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


def _is_same(build: Build, corpus: Corpus, answerable: Answerable, parts: Parts) -> bool:
    """Tell whether a new build would be the same."""
    manifest = build.manifest
    return (
        manifest.corpus_digest == corpus.digest
        and manifest.origin == corpus.origin
        and manifest.engine == parts.engine.name
        and (manifest.recall is None or 1 > parts.recall <= manifest.recall)
        and _is_alike(manifest, parts)
        and manifest.n_rejected == corpus.n_rejected
        and build.papers.reasons() == answerable.unanswerable
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
    answerable: Answerable,
    parts: Parts,
    folder: Path,
    build_id: str,
    now: datetime,
) -> Manifest:
    languages = Counter(language or "unknown" for language in answerable.languages)
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
