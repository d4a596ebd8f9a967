"""What a rebuild is put together of: the papers of the library, the model and the engine that are chosen."""

from pathlib import Path

from recommender.builds import BuildStore
from recommender.builds.manifest import FROM_LIBRARY
from recommender.builds.needs import Needs, free_disk, free_memory
from recommender.builds.rebuild import Corpus, Parts
from recommender.choices import Choices
from recommender.embedding import count_cached, find_model, open_embedder, prepare_model
from recommender.errors import LibraryError
from recommender.index import engine_named
from recommender.library import Library, LibraryPapers
from recommender.sample import known_pairs
from recommender.settings import Settings
from recommender.workers import HERE, Workers


def corpus_of(settings: Settings) -> Corpus:
    """Return what the library holds, as a rebuild takes it.

    Raises:
        LibraryError: There is no library, or it cannot be used.
    """
    if not settings.library.exists():
        raise LibraryError(f"there is no library in {settings.home}; run: recommend rebuild FILES")
    papers = LibraryPapers(settings.library)  # their digest with them, so that it is of these very papers
    with Library.open_read_only(settings.library) as library:
        rejected = library.rejected()
        return Corpus(
            papers=papers,
            rejected={entry.paper_id: entry.reason for entry in rejected if entry.paper_id},
            n_rejected=len(rejected),
            digest=papers.digest,
            origin=FROM_LIBRARY,
        )


def parts_of(
    settings: Settings,
    choices: Choices,
    store: BuildStore,
    *,
    workers: Workers = HERE,
    allow_download: bool = False,
) -> Parts:
    """Return the parts that a rebuild works with, the model opened and prepared.

    Raises:
        ModelError: The model cannot be opened.
        SettingsError: There is no such engine.
    """
    model, engine = choices.model, engine_named(choices.engine, choices.recall)
    folder = find_model(model, allow_download=allow_download, own=settings.models)
    if folder == Path(model).expanduser().resolve():
        model = str(folder)  # so that the build finds it from any other folder
    embedder = open_embedder(str(folder))
    prepare_model(embedder, settings.embeddings)
    return Parts(
        store=store,
        embeddings=settings.embeddings,
        embedder=embedder,
        model=model,
        engine=engine,
        recall=choices.recall,
        known=known_pairs(),
        workers=workers,
    )


def check_room(corpus: Corpus, parts: Parts, settings: Settings) -> None:
    """Compare what a rebuild will need with the memory and the disk there is.

    Raises:
        SettingsError: There is too little.
    """
    memory = free_memory() if settings.memory is None else settings.memory
    # what a killed run has left is gone on with, or deleted before anything is written
    left = sum(path.stat().st_size for folder in parts.store.unfinished() for path in folder.iterdir())
    n_cached = count_cached(parts.embeddings, parts.embedder.fingerprint)
    needs = Needs.of(len(corpus.papers), parts.embedder.dim, n_cached)
    needs.check(memory, free_disk(settings.home) + left)
