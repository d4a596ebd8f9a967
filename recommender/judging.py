"""A build beside its judgements, and a candidate beside the build that it would replace."""

from dataclasses import dataclass
from datetime import datetime
from itertools import chain, islice
from pathlib import Path

from recommender.builds import Build, BuildStore
from recommender.errors import BuildError, UsageError
from recommender.evaluation.gate import Verdict
from recommender.evaluation.judgements import Qrels
from recommender.evaluation.of_builds import compare_builds
from recommender.sample import judgements_for

FEW = 3  # ids that a message names


@dataclass(frozen=True, slots=True)
class Compared:
    """A verdict, the build that it is of, and the one that this would replace, None: nothing to lose.

    Attributes:
        problem: Why the current build cannot be compared with; "": it can, or there is none.
    """

    verdict: Verdict
    candidate: Build
    current: Build | None
    problem: str = ""

    def keep(self, store: BuildStore, now: datetime) -> bool:
        """Write the verdict into the candidate, if it is its first one and it is not published yet."""
        kept = self.verdict.kept(now, self.current.manifest.build_id if self.current else None)
        return store.keep_verdict(self.candidate.manifest.build_id, kept)


def judged(build: Build, pairs: Path | None = None) -> tuple[Build, Qrels]:
    """Return a build and the judgements of it, None: the bundled sample's.

    Raises:
        SourceError: The file cannot be read.
        UsageError: There are no judgements for the build.
    """
    qrels = judgements_for(build, pairs)
    named = dict.fromkeys(chain.from_iterable((query, *grades) for query, grades in qrels.items()))
    if named and all(build.papers.row_of(paper_id) is None for paper_id in named):
        few = ", ".join(islice(named, FEW))
        raise UsageError(
            f"{pairs}: build {build.manifest.build_id} holds none of its papers ({few}, …);"
            " give pairs that it holds, or measure another build"
        )
    if not qrels:
        raise UsageError(
            "give a file of known-similar pairs: the bundled ones are for the bundled sample only"
        )
    return build, qrels


def compared(store: BuildStore, build_id: str | None, pairs: Path | None = None) -> Compared:
    """Judge whether a build may take the place of the current one.

    Args:
        store: All builds.
        build_id: The candidate; None: the newest build.
        pairs: Judgements to compare by; None: the sample's if the candidate holds the sample, else
            only lost papers count.

    A current build that is damaged or of another format is no reason to keep it: a candidate is then judged
    as if there were none.

    Raises:
        BuildError: There is no such build, or it is damaged.
        SourceError: The file cannot be read.
    """
    newest = store.builds()[-1:]
    candidate = store.open(build_id or (newest[0] if newest else "none"))
    current, problem = _current(store)
    if current and current.manifest.is_sample and not candidate.manifest.is_sample:
        current = None  # the sample makes room for whatever the user brings
    qrels = judgements_for(candidate, pairs)
    try:
        verdict = compare_builds(candidate, current, qrels)
    except BuildError:
        if current is None or not (problem := _damage(current)):
            raise
        current = None
        verdict = compare_builds(candidate, None, qrels)
    return Compared(verdict, candidate, current, problem)


def _current(store: BuildStore) -> tuple[Build | None, str]:
    """Return the current build, or None and why it cannot be opened."""
    try:
        return (store.current() if store.current_id() else None), ""
    except BuildError as problem:
        return None, str(problem)


def _damage(build: Build) -> str:
    """Read a build in full, and return what is wrong with it; "": nothing."""
    try:
        build.verify_files()
    except BuildError as problem:
        return str(problem)
    return ""
