"""A build, or a run of any system over its papers, measured in every way that is asked for."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from recommender.builds import Build
from recommender.builds.corpus import Corpus, HeldPapers
from recommender.errors import UsageError
from recommender.evaluation.judgements import Run
from recommender.evaluation.of_builds import against, evaluate_run, run_of, worst_of
from recommender.evaluation.report import Report
from recommender.evaluation.trec import read_run
from recommender.measuring.wanted import Wanted, write
from recommender.progress import OnStage
from recommender.settings import Settings
from recommender.workspace import Workspace, quiet


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


@contextmanager
def rebuilt_with(workspace: Workspace, build: Build, model: str, on_stage: OnStage) -> Iterator[Build]:
    """Yield a build of the same papers with another model; it lives in a temporary folder.

    Raises:
        ModelError: There is no such model here.
    """
    manifest = build.manifest
    corpus = Corpus(
        papers=HeldPapers(build.papers.all()),
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
    run = read_run(path)
    for query, ranked in run.items():
        if query in ranked:
            raise UsageError(f"{path}: the list of {query!r} holds {query!r} itself; leave it out")
        if unknown := [paper for paper in ranked if build.papers.row_of(paper) is None]:
            raise UsageError(f"{path}: the list of {query!r} holds {unknown[0]!r}, which is not in the build")
    return run
