"""Whether a build is to be made, of what, and what is taken up or taken over: `making` then makes it."""

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from importlib.metadata import version

from recommender.builds import staging
from recommender.builds.build import Build
from recommender.builds.corpus import Answerable
from recommender.builds.corpus import Corpus as Corpus
from recommender.builds.corpus import HeldPapers as HeldPapers
from recommender.builds.making import NEIGHBOURS as NEIGHBOURS
from recommender.builds.making import Making, is_alike
from recommender.builds.manifest import Manifest
from recommender.builds.parts import Parts as Parts
from recommender.builds.stages import Stages
from recommender.builds.store import BuildStore
from recommender.builds.unfinished import Unfinished
from recommender.errors import BuildError, NotAnswerableError
from recommender.lookup.summary import FORMAT
from recommender.progress import OnStage


@dataclass(frozen=True, slots=True, kw_only=True)
class Rebuilt:
    """What a rebuild did.

    Attributes:
        manifest: Of the build that now exists.
        n_fresh: How many distinct texts were embedded; the others were known.
        unchanged: Nothing differs from the current build, so no new one was made.
        made_before: Nor from the newest build, which is not the current one; so it is this one, as it was
            made and judged.
        seconds: How long each stage took, in order.
        gone_on_from: The stages that a killed rebuild of the same had done; none: it began anew.
    """

    manifest: Manifest
    n_fresh: int
    unchanged: bool
    made_before: bool = False
    seconds: Mapping[str, float] = field(default_factory=dict)
    gone_on_from: tuple[str, ...] = ()


def rebuild(
    corpus: Corpus, parts: Parts, *, now: datetime, on_stage: OnStage, force: bool = False
) -> Rebuilt:
    """Make a build of `corpus` without publishing it.

    Args:
        corpus: The records.
        parts: Store, embedder, engine.
        now: The time that names the build.
        on_stage: Told how far each stage is.
        force: Make a new build even if nothing differs from the current or the newest one.

    Raises:
        NotAnswerableError: No paper of the corpus has any text.
        BuildError: The build cannot be written.
    """
    with nullcontext() if force else _before(parts) as before:
        of = _deciding(corpus, parts, before)
        unfinished = None if force else _taken_up(parts.store, of)
        gone_on_from = unfinished.stages if unfinished else ()
        parts.store.tidy(unfinished.folder if unfinished else None)
        stages = Stages(on_stage)
        answerable = corpus.answerable()
        stages.done("order")
        if before and _is_same(before, corpus, answerable, parts):
            parts.store.tidy()
            return Rebuilt(manifest=before.manifest, n_fresh=0, unchanged=True)
        if not force and (made := _newest_if_same(corpus, answerable, parts)):
            parts.store.tidy()
            return Rebuilt(manifest=made, n_fresh=0, unchanged=False, made_before=True)
        if not len(answerable):
            raise NotAnswerableError(
                f"no paper of the {corpus.origin} has a title or an abstract; import some first"
            )
        build_id = staging.id_of(unfinished.folder) if unfinished else parts.store.free_id(now)
        with parts.store.create(build_id, goes_on=unfinished is not None) as folder:
            making = Making(corpus, answerable, parts, stages, unfinished or Unfinished(folder, of))
            manifest = making.make(build_id, now, before)
        stages.done("digests")
    return Rebuilt(
        manifest=manifest,
        n_fresh=making.n_fresh,
        unchanged=False,
        seconds=stages.seconds,
        gone_on_from=gone_on_from,
    )


def _deciding(corpus: Corpus, parts: Parts, before: Build | None) -> dict[str, object]:
    """Return what decides what a build will be, but for the time."""
    return {
        "format": FORMAT,
        "program": version("recommender"),
        "corpus": corpus.digest,
        "origin": corpus.origin,
        "n_rejected": corpus.n_rejected,
        "rejected": hashlib.sha256(repr(sorted(corpus.rejected.items())).encode()).hexdigest(),
        "model": parts.embedder.fingerprint,
        "engine": parts.engine.name,
        "recall": parts.recall,
        "ranking": parts.ranking.name,
        "n_neighbours": NEIGHBOURS,
        "before": before.manifest.build_id if before and before.manifest.recall else "",  # see `updating`
    }


def _taken_up(store: BuildStore, of: Mapping[str, object]) -> Unfinished | None:
    """Return what a killed rebuild of the same has left, if no build has been made since."""
    newest = max(store.builds(), default="")
    for folder in store.unfinished():
        if staging.id_of(folder) > newest and (found := Unfinished.take_up(folder, of)):
            return found
    return None


@contextmanager
def _before(parts: Parts) -> Iterator[Build | None]:
    """Yield the current build, or None: a damaged one is nothing to go on from."""
    with ExitStack() as opened:
        try:
            build = opened.enter_context(parts.store.current())
            build.verify_files()
        except BuildError:
            build = None
            opened.close()  # now: it may be pruned while the new one is made
        yield build


def _newest_if_same(corpus: Corpus, answerable: Answerable, parts: Parts) -> Manifest | None:
    """Return the manifest of the newest build if it is whole and a new one would be the same."""
    try:
        with parts.store.open(max(parts.store.builds(), default="none")) as build:
            if not _is_same(build, corpus, answerable, parts):
                return None
            build.verify()  # else it would be found again whenever its publication had failed
            return build.manifest
    except BuildError:
        return None


def _is_same(build: Build, corpus: Corpus, answerable: Answerable, parts: Parts) -> bool:
    """Tell whether a new build would be the same."""
    manifest = build.manifest
    return (
        manifest.corpus_digest == corpus.digest
        and manifest.origin == corpus.origin
        and manifest.engine == parts.engine.name
        and (manifest.recall is None or 1 > parts.recall <= manifest.recall)
        and is_alike(manifest, parts)
        and manifest.n_rejected == corpus.n_rejected
        and build.papers.reasons() == answerable.unanswerable
    )
