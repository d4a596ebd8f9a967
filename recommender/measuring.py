"""What `recommend evaluate` does: a build, or a run of any system, measured in every way asked for."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from recommender.builds import Build
from recommender.builds.rebuild import Corpus, OnStage
from recommender.errors import UsageError
from recommender.evaluation import judgements, trec
from recommender.evaluation.judgements import Qrels, Run
from recommender.evaluation.of_builds import against, evaluate_run, run_of, worst_of
from recommender.evaluation.report import DEFAULT, Conditions, Report
from recommender.settings import Settings
from recommender.workspace import Workspace, quiet


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What shall be measured, and beside what.

    Attributes:
        pairs: A file of judgements; None: the bundled sample's, if the build holds the sample.
        build_id: The build; None: the current one.
        run: A TREC run over the papers of the build, to be judged in place of the build's own answers.
        conditions: What the numbers depend on besides the data.
        against: Ids of builds to compare with.
        against_models: Models to compare with: the same papers are rebuilt with each, and thrown away.
        n_worst: How many of the worst queries to tell.
        write_run, write_qrels: Files to write the answers and the judgements to.
    """

    pairs: Path | None = None
    build_id: str | None = None
    run: Path | None = None
    conditions: Conditions = DEFAULT
    against: tuple[str, ...] = ()
    against_models: tuple[str, ...] = ()
    n_worst: int = 0
    write_run: Path | None = None
    write_qrels: Path | None = None


def measure(workspace: Workspace, wanted: Wanted, on_stage: OnStage = quiet) -> Report:
    """Measure a build, or a run over its papers.

    Raises:
        SourceError: A file cannot be read.
        UsageError: There are no judgements for the build, or a file cannot be written.
        BuildError: There is no such build, or it is damaged.
    """
    build, qrels = workspace.judged(wanted.pairs, wanted.build_id)
    run = run_of(build, qrels) if wanted.run is None else _given(wanted.run, build)
    write(wanted, qrels, run)
    report = evaluate_run(build, qrels, run, wanted.conditions)
    compared = [
        against(build, workspace.store.open(name), qrels, wanted.conditions, name=f"build {name}")
        for name in wanted.against
    ]
    for model in wanted.against_models:
        with rebuilt_with(workspace, build, model, on_stage) as other:
            compared.append(against(build, other, qrels, wanted.conditions, name=f"model {model}"))
    return replace(report, against=tuple(compared), worst=worst_of(build, qrels, run, wanted.n_worst))


def write(wanted: Wanted, qrels: Qrels, run: Run) -> None:
    """Write the files that are wanted.

    Raises:
        UsageError: One cannot be written.
    """
    if wanted.write_run:
        trec.write_run(run, wanted.write_run)
    if wanted.write_qrels:
        judgements.write_qrels(qrels, wanted.write_qrels)


@contextmanager
def rebuilt_with(workspace: Workspace, build: Build, model: str, on_stage: OnStage) -> Iterator[Build]:
    """Yield a build of the same papers with another model; it lives in a temporary folder.

    Raises:
        ModelError: There is no such model here.
    """
    manifest = build.manifest
    corpus = Corpus(
        papers=list(build.papers.all()),
        rejected={},
        n_rejected=0,
        digest=manifest.corpus_digest,
        origin=manifest.origin,
    )
    with TemporaryDirectory(prefix="recommender-") as folder:
        found = str(workspace.model_folder(model))
        aside = Workspace(Settings(home=Path(folder), model=found, engine=manifest.engine))
        rebuilt = aside.rebuild_corpus(corpus, on_stage=on_stage)
        other = aside.store.open(rebuilt.manifest.build_id)
        try:
            yield other
        finally:
            other.close()


def _given(path: Path, build: Build) -> Run:
    """Read a run over the papers of a build.

    Raises:
        UsageError: It ranks a paper that the build does not hold, or a query for itself.
    """
    run = trec.read_run(path)
    for query, ranked in run.items():
        if query in ranked:
            raise UsageError(f"{path}: the list of {query!r} holds {query!r} itself; leave it out")
        if unknown := [paper for paper in ranked if build.papers.row_of(paper) is None]:
            raise UsageError(f"{path}: the list of {query!r} holds {unknown[0]!r}, which is not in the build")
    return run
