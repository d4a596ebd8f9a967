"""Workspace: one home folder and what can be done with it. What the command line calls, and you can too.

workspace = Workspace(Settings.read(os.environ))
with workspace.writing():
    workspace.import_files([Path("papers.jsonl")])
    workspace.rebuild()
answer = workspace.recommender().similar_to("9", k=5)
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from recommender.builds import Build, BuildStore, Manifest
from recommender.choices import Choices, made_with
from recommender.errors import BuildError, ModelError, OtherFormatError
from recommender.recommendation import Recommender
from recommender.settings import DEFAULT_MODEL, Settings

if TYPE_CHECKING:
    from recommender.builds.rebuild import Corpus, Rebuilt
    from recommender.embedding import Embedder
    from recommender.evaluation.judgements import Qrels
    from recommender.harvesting import Harvested, Request
    from recommender.judging import Compared
    from recommender.library import ImportReport, Library
    from recommender.paper import Paper
    from recommender.progress import OnStage

UNUSED = timedelta(days=30)
PATIENCE = 60.0  # seconds that a second first command waits for the first one
Clock = Callable[[], datetime]
log = logging.getLogger(__name__)
UTC_CLOCK = partial(datetime.now, UTC)


def quiet(stage: str, done: int, total: int) -> None:
    """Show no progress."""


class Workspace:
    """A home folder: its library, its builds, its embeddings."""

    def __init__(self, settings: Settings, clock: Clock = UTC_CLOCK) -> None:
        self.settings = settings
        self.store = BuildStore(settings.builds)
        self._clock = clock

    @contextmanager
    def writing(self, *, wait: float = 0.0) -> Iterator[None]:
        """Hold the writer's lock; whatever changes the home folder belongs in here.

        Args:
            wait: Seconds to wait for another process.

        Raises:
            LockedError: Another process holds it.
            SettingsError: The folder cannot be written to.
        """
        from recommender.builds.lock import writing

        with writing(self.settings.lock, wait=wait):
            yield

    def is_new(self) -> bool:
        """Tell whether nothing was ever built or imported here."""
        try:
            return self.store.current_id() is None and not self.store.builds() and not self.has_papers()
        except BuildError:
            return False  # whoever opens it says so

    def has_old_sample(self) -> bool:
        """Tell whether what answers here is the bundled sample, built by an older version, and no more."""
        try:
            current = self.store.current_id()
            if current:
                Manifest.read(self.store.root / current)
        except OtherFormatError as problem:
            return problem.is_older and problem.is_sample and not self.has_papers()
        except BuildError:
            pass  # whoever opens it says so
        return False

    def has_papers(self) -> bool:
        """Tell whether the library holds any paper; after an import that was refused it may be empty."""
        if not self.settings.library.exists():
            return False
        with self.reading() as library:
            return next(library.papers(), None) is not None

    def published(self) -> Manifest | None:
        """Return the manifest of the current build, None where there is none that could be read."""
        try:
            return self.store.current().manifest
        except BuildError:
            return None

    def choices(self, *, allow_download: bool = False) -> Choices:
        """Return what a rebuild is made with: what is chosen, else as the current build, else the defaults.

        Raises:
            ModelError: No model is chosen, and that of the current build is gone.
        """
        before = made_with(self.store)
        if before and not self.settings.model:
            try:
                self.model_folder(before.model, allow_download=allow_download)
            except ModelError as problem:
                raise ModelError(
                    f"{problem}; the current build was made with it:"
                    " bring it back, or choose another with --model"
                ) from problem
        return Choices.of(self.settings, before)

    def library(self, *, create: bool = False) -> "Library":
        """Open the library for writing, a context manager.

        Raises:
            LibraryError: There is none, or it cannot be used.
        """
        from recommender.library import Library

        return Library.open(self.settings.library, create=create)

    def reading(self) -> "Library":
        """Open the library for reading, a context manager; it need not be writable.

        Raises:
            LibraryError: There is none, or it cannot be used.
        """
        from recommender.library import Library

        return Library.open_read_only(self.settings.library)

    def import_files(
        self,
        paths: Sequence[Path],
        *,
        report: bool = False,
        replace: bool = False,
        reader: str | None = None,
        on_stage: "OnStage" = quiet,
    ) -> "ImportReport":
        """Read files into the library, all of them or none.

        Args:
            paths: Source files.
            report: Keep bad records as rejected and go on; the default stops at the first one.
            replace: Remove papers that are in none of the files.
            reader: Name of the format, if it is not recognised.
            on_stage: Told how many records were read.

        Raises:
            RecordError: A record is no paper, or its id is used twice; nothing was imported.
            SourceError: A file cannot be read; nothing was imported.
        """
        from recommender.intake import source_of
        from recommender.workers import PROCESSES

        sources = [source_of(path, reader, on_stage) for path in paths]
        with self.library(create=True) as library:
            return library.import_papers(
                sources,
                now=self._clock(),
                replace=replace,
                on_error="report" if report else "stop",
                workers=PROCESSES,
            )

    def harvest(
        self, request: "Request", *, report: bool = False, on_stage: "OnStage" = quiet
    ) -> "Harvested":
        """Fetch the records of a repository that are new or changed, and import them; hold `writing`.

        Args:
            request: Which repository, and what of it.
            report: Keep bad records as rejected and go on; the default stops at the first one.
            on_stage: Told after every page.

        Raises:
            HarvestError: The repository cannot be reached or understood; what was fetched is kept.
            RecordError: A record is no paper; nothing was imported, what was fetched is kept.
        """
        from recommender.harvesting import Harvester, harvest

        harvester = Harvester(folder=self.settings.harvests, on_stage=on_stage)
        return harvest(request, harvester, partial(self.library, create=True), now=self._clock, report=report)

    def changed_at(self) -> datetime:
        """Return when the papers here changed last: by an import, or else by the making of the build."""
        if self.settings.library.exists():
            with self.reading() as library:
                if at := library.summary().imported_at:
                    return at
        return datetime.fromisoformat(self.store.current().manifest.created)

    def corpus(self) -> "Corpus":
        """Return what the library holds, as a rebuild takes it.

        Raises:
            LibraryError: There is no library.
        """
        from recommender.assembly import corpus_of

        return corpus_of(self.settings)

    def rebuild(
        self,
        *,
        publish: bool = True,
        force: bool = False,
        allow_download: bool = False,
        on_stage: "OnStage" = quiet,
    ) -> "Rebuilt":
        """Make a build of the library, with what `choices` names, and publish it unless told not to.

        Raises:
            NotAnswerableError: The library has no paper with text.
            ModelError: The model cannot be opened.
            SettingsError: There is too little memory or disk.
            WorkersError: The cluster that shares the work cannot be reached, or is gone.
        """
        return self.rebuild_corpus(
            self.corpus(), publish=publish, force=force, allow_download=allow_download, on_stage=on_stage
        )

    def rebuild_corpus(
        self,
        corpus: "Corpus",
        *,
        on_stage: "OnStage" = quiet,
        publish: bool = True,
        force: bool = False,
        allow_download: bool = False,
    ) -> "Rebuilt":
        """Make a build of any papers, which need not be in the library, as `rebuild` does."""
        from recommender.assembly import check_room, parts_of
        from recommender.builds.rebuild import rebuild
        from recommender.workers import open_workers

        with open_workers(self.settings.workers) as workers:
            chosen = self.choices(allow_download=allow_download)
            parts = parts_of(
                self.settings, chosen, self.store, workers=workers, allow_download=allow_download
            )
            check_room(corpus, parts, self.settings)
            rebuilt = rebuild(corpus, parts, now=self._clock(), on_stage=on_stage, force=force)
        if publish and not rebuilt.unchanged:
            self.store.publish(rebuilt.manifest.build_id)
        return rebuilt

    def prune(self, keep: int) -> tuple[list[str], list[str]]:
        """Delete old builds, as the store does, and cached vectors of models that nobody uses any more.

        Of a model that no build names and that is not the one of the settings, what was cached is deleted
        once nothing was added for `UNUSED`; whoever tries a model loses nothing. Hold `writing`.

        Returns:
            The ids of the builds, and the fingerprints of the models.
        """
        return self.store.prune(keep), self._drop_unused()

    def _drop_unused(self) -> list[str]:
        from recommender.embedding import cache, open_embedder

        named = self.store.models()
        stale = cache.unwritten_since(self.settings.embeddings, self._clock() - UNUSED)
        if named is None or not (unused := [model for model in stale if model not in named]):
            return []
        try:
            named.add(open_embedder(str(self.model_folder(self.choices().model))).fingerprint)
            unused = [model for model in unused if model not in named]
            for model in unused:
                cache.drop(self.settings.embeddings, model)
        except (ModelError, OSError) as problem:
            log.warning("of models that are not used nothing more is deleted: %s", problem)
            return []
        return unused

    def build_sample(self, on_stage: "OnStage" = quiet) -> Manifest:
        """Build and publish the bundled sample, if nothing is or an old one; it never enters the library."""
        from recommender.sample import sample_corpus

        with self.writing(wait=PATIENCE):
            if self.store.current_id() and not self.has_old_sample():
                return self.store.current().manifest  # another process was first
            settings = replace(self.settings, model=self.settings.model or DEFAULT_MODEL)
            return (
                Workspace(settings, self._clock).rebuild_corpus(sample_corpus(), on_stage=on_stage).manifest
            )

    def recommender(
        self, build: Build | None = None, *, model: str | None = None, allow_download: bool = False
    ) -> Recommender:
        """Return what answers from a build.

        Args:
            build: None: the current one.
            model: The model to embed texts with; None: the one that the build names.
            allow_download: Fetch the model from the hub if it is not here.

        Raises:
            BuildError: There is no build, or it is damaged.
        """
        build = build or self._current()
        name = model or build.manifest.model

        def open_embedder() -> "Embedder":
            from recommender.embedding import open_embedder

            folder = self.model_folder(name, allow_download=allow_download)
            expected = build.manifest.model_fingerprint
            return open_embedder(str(folder), kept=self.settings.embeddings, expected=expected)

        return Recommender(build, open_embedder)

    def model_folder(self, name: str, *, allow_download: bool = False) -> Path:
        """Return the folder of a model: a bundled one, one that was trained here, a folder, a hub name.

        Raises:
            ModelError: There is no such model here.
        """
        from recommender.embedding import find_model

        return find_model(name, allow_download=allow_download, own=self.settings.models)

    def find(self, paper_id: str) -> "Paper | None":
        """Return a paper as it is in the library, else in the current build, else None."""
        if self.settings.library.exists():
            with self.reading() as library:
                if stored := library.get(paper_id):
                    return stored.paper
        if self.store.current_id() is None:
            return None
        with self.store.current() as build:
            row = build.papers.row_of(paper_id)
            return None if row is None else build.papers.paper(row)

    def entered_since(self, since: str | datetime, build: Build | None = None) -> set[str]:
        """Return the ids of the papers that are new.

        Args:
            since: Id of a build: those of the later build that it does not hold. Or a time: those that
                came into the library then or later.
            build: The later build; None: the current one.

        Raises:
            BuildError: There is no such build.
            LibraryError: There is no library that could tell.
        """
        if isinstance(since, datetime):
            with self.reading() as library:
                return library.added_since(since)
        with self.store.open(since) as before, nullcontext(build) if build else self._current() as later:
            return {*later.papers.ids()} - {*before.papers.ids()}

    def judged(self, pairs: Path | None = None, build_id: str | None = None) -> "tuple[Build, Qrels]":
        """Return a build, None: the current one, and its judgements, as `judging.judged` does."""
        from recommender.judging import judged

        return judged(self.store.open(build_id) if build_id else self._current(), pairs)

    def judge(self, build_id: str | None, pairs: Path | None = None) -> "tuple[Compared, bool]":
        """Judge a build, None: the newest, as `judging.compared` does, beside the current one.

        Return also whether it now keeps the verdict: its first one, before it is published. Hold `writing`.
        """
        from recommender.judging import compared

        found = compared(self.store, build_id, pairs)
        return found, found.keep(self.store, self._clock())

    def _current(self) -> Build:
        if self.store.current_id() is None and not self.store.builds() and self.settings.library.exists():
            raise BuildError(f"the library in {self.settings.home} has no build yet; run: recommend rebuild")
        return self.store.current()
