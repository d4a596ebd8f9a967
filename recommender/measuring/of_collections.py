"""A public test collection, measured: its documents become a build for the time of the measurement."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from recommender.errors import ModelError
from recommender.evaluation.baselines import character_tfidf_of_texts
from recommender.evaluation.beir import READER, Collection
from recommender.evaluation.evaluate import Queries, evaluate
from recommender.evaluation.judgements import Run
from recommender.evaluation.of_builds import groups_of, title_of
from recommender.evaluation.report import Against, Report
from recommender.evaluation.worst import worst
from recommender.measuring.wanted import Wanted, write
from recommender.paper import Paper
from recommender.progress import OnStage
from recommender.recommendation import Recommender
from recommender.settings import DEFAULT_MODEL
from recommender.text.language import detect_language
from recommender.workspace import Workspace, quiet

ANSWERS_A_REPORT = 100


@dataclass(frozen=True, slots=True)
class _Answered:
    """The documents that can be ranked, and the ranking of every query."""

    papers: Mapping[str, Paper]
    run: Run


def measure_collection(
    workspace: Workspace,
    collection: Collection,
    wanted: Wanted,
    *,
    allow_download: bool = False,
    on_stage: OnStage = quiet,
) -> Report:
    """Ask each query of a collection as free text, and measure the answers beside character TF-IDF.

    As BEIR does, a document that bears the id of the query is taken out of its list: in collections of
    arguments and duplicates it is the query itself.

    Args:
        workspace: Names model and engine; nothing is written to its home.
        collection: Queries and judgements, and where the documents are.
        wanted: Conditions, models to compare with, worst queries, files to write.
        allow_download: Fetch a model from the hub if it is not here.
        on_stage: Told how far each stage is.

    Raises:
        SourceError: The documents cannot be read.
        ModelError: There is no such model here.
    """
    model, depth = workspace.settings.model or DEFAULT_MODEL, wanted.conditions.depth

    def answered(model: str) -> _Answered:
        folder = workspace.model_folder(model, allow_download=allow_download)
        return _answered(workspace, collection, folder, depth, on_stage)

    ours = answered(model)
    write(wanted, collection.qrels, ours.run)
    asked = {query: paper.text for query, paper in collection.queries.items()}
    texts = {name: paper.text for name, paper in ours.papers.items()}
    baseline = _without_itself(character_tfidf_of_texts(asked, texts, k=depth + 1), depth)
    report = _measured(collection, ours, baseline, wanted)
    compared = [
        Against(
            name=f"model {other}",
            n_papers=len(ours.papers),
            n_left_out=0,
            metrics=_measured(collection, ours, answered(other).run, wanted).metrics,
        )
        for other in wanted.against_models
    ]
    titles = {name: title_of(paper) for name, paper in {**ours.papers, **collection.queries}.items()}
    told = worst(collection.qrels, ours.run, wanted.n_worst, titles)
    return replace(report, against=tuple(compared), worst=told)


def _measured(collection: Collection, ours: _Answered, baseline: Run, wanted: Wanted) -> Report:
    languages = {query: detect_language(paper.text) for query, paper in collection.queries.items()}
    return evaluate(
        collection.qrels,
        ours.run,
        languages={name: paper.language for name, paper in ours.papers.items()},
        baseline=baseline,
        conditions=wanted.conditions,
        queries=Queries(languages=languages, groups=groups_of(collection.queries)),
    )


def _answered(
    workspace: Workspace, collection: Collection, model: Path, depth: int, on_stage: OnStage
) -> _Answered:
    """Build the documents in a temporary home, and ask every query."""
    with TemporaryDirectory(prefix="recommender-") as folder:
        settings = replace(workspace.settings, home=Path(folder), model=str(model))
        aside = Workspace(settings)
        with aside.writing():
            aside.import_files([collection.corpus], reader=READER, on_stage=on_stage)
            aside.rebuild(on_stage=on_stage)
        recommender = aside.recommender()
        try:
            run: dict[str, list[str]] = {}
            for done, (query, paper) in enumerate(collection.queries.items(), start=1):
                run[query] = _ask(recommender, paper, depth + 1)
                if done % ANSWERS_A_REPORT == 0 or done == len(collection.queries):
                    on_stage("asking", done, len(collection.queries))
            papers = {paper.id: paper for paper in recommender.build.papers.all()}
            return _Answered(papers, _without_itself(run, depth))
        finally:
            recommender.build.close()


def _ask(recommender: Recommender, query: Paper, k: int) -> list[str]:
    """Return the answer to a query; none where it has no letter, or the model knows none of its words."""
    _ = recommender.embedder  # a model that cannot be opened is no question of the words
    if query.is_blank:
        return []
    try:
        return [result.paper.id for result in recommender.similar_to_text(query.text, k).results]
    except ModelError:
        return []


def _without_itself(run: Run, depth: int) -> Run:
    return {query: [paper for paper in ranked if paper != query][:depth] for query, ranked in run.items()}
