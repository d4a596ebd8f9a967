"""Adapt a static model to a library: split → pairs → training → comparison → installed, or refused.

from recommender.training import adapt

report = adapt(library.papers(), start=Path("models/fast"), target=Path("models/ours"))
print(report.installed, report.objections)
"""

import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from safetensors.numpy import save

from recommender.builds.lock import writing
from recommender.embedding.static import StaticEmbedder
from recommender.errors import UsageError
from recommender.files import sync_folder, write_durably
from recommender.paper import Paper
from recommender.progress import OnStage
from recommender.training.adaptation_report import AdaptationReport
from recommender.training.comparison import compare, objections
from recommender.training.contrastive import Table, train
from recommender.training.library_pairs import Work, clean_streams, library_streams, split
from recommender.training.recipe import Recipe
from recommender.training.sources import Streams
from recommender.training.sums import with_sums
from recommender.training.token_vectors import StaticModel
from recommender.training.tokenised import TokenisedPairs, TokenisedTexts
from recommender.workspace import quiet

RECIPE = Path(__file__).with_name("adaptation.toml")
STAGING = ".training"
BASE_CARD = "BASE.md"
NOT_OF_THE_START = shutil.ignore_patterns("README.md", BASE_CARD, "model.safetensors", "*.toml", ".*")


def adapt(
    papers: Iterable[Paper],
    start: Path,
    target: Path,
    *,
    recipe: Recipe | None = None,
    on_stage: OnStage = quiet,
) -> AdaptationReport:
    """Adapt a static model to papers, and install the result unless it is worse.

    Papers with some hashes of their ids are held out, all versions of a paper together: the two models
    are compared on them, and on the bundled sample. The folder appears at once, whole, or not at all.

    Args:
        papers: The library.
        start: The model folder to begin with.
        target: The model folder to make; its name is the model's.
        recipe: None: that of `adaptation.toml`.
        on_stage: Told how far each stage is.

    Raises:
        UsageError: There are too few papers, they give too few pairs, too many of these are bad, or the
            target exists.
        ModelError: The start is no static model.
        LockedError: Another training writes beside the target.
    """
    refuse_existing(target)
    recipe = replace(recipe or Recipe.read(RECIPE), name=target.name, start=start.name)
    parts = split(papers, recipe.library.held_out)
    learnt, held_out = _flat(parts.learnt), _flat(parts.held_out)
    streams, tallies = clean_streams(library_streams(parts.learnt, recipe), parts.held_out, recipe)
    model = StaticModel.read(start)
    recipe = replace(recipe, dims=(model.dim, *(dim for dim in recipe.dims if dim < model.dim)))
    with writing(target.parent / f"{STAGING}.lock"), _staging(target) as folder:
        table = _trained(model, streams, learnt, recipe, on_stage)
        base_card = _write_model(table, start, folder)
        on_stage("measuring", 0, 0)
        before, after = StaticEmbedder(start), StaticEmbedder(folder)
        measures = compare(before, after, held_out, learnt)
        report = AdaptationReport(
            target=target,
            objections=objections(measures),
            measures=tuple(measures),
            tallies=tuple(tallies),
            n_learnt=len(learnt),
            n_held_out=len(held_out),
            start=before.fingerprint,
            fingerprint=after.fingerprint,
        )
        if report.installed:
            (folder / "recipe.toml").write_text(recipe.to_toml(), encoding="utf-8")
            card = with_sums(report.card(recipe, start.name, base_card), folder)
            (folder / "README.md").write_text(card, encoding="utf-8")
            folder.rename(target)
            sync_folder(target.parent)
    return report


def refuse_existing(target: Path) -> None:
    """Refuse to write a model over another one.

    Raises:
        UsageError: There is a file or folder of that name.
    """
    if target.exists():
        raise UsageError(f"{target} exists; a model is never replaced: choose another name, or delete it")


def _trained(
    model: StaticModel, streams: Streams, learnt: Sequence[Paper], recipe: Recipe, on_stage: OnStage
) -> Table:
    """Return the token vectors that come out of training, with as many rows as went in."""
    texts = TokenisedTexts.of([paper.text for paper in learnt], model.tokenizer, recipe.max_tokens)
    start = model.shortened(texts, recipe.library.frequent)
    tokenised = {
        name: TokenisedPairs.of(pairs, model.tokenizer, recipe.max_tokens) for name, pairs in streams.items()
    }

    def on_step(step: int, steps: int, _stream: str, _loss: float) -> None:
        on_stage("training", step, steps)

    return train(tokenised, torch.from_numpy(start), recipe, on_step)


def _write_model(table: Table, start: Path, folder: Path) -> str:
    """Write the vectors in half precision beside what else the starting model has; return its card's name."""
    shutil.copytree(start, folder, ignore=NOT_OF_THE_START)
    write_durably(folder / "model.safetensors", save({"embedding.weight": table.astype(np.float16)}))
    for card in (BASE_CARD, "README.md"):  # where one was adapted before, the card of the very first
        if (start / card).is_file():
            shutil.copyfile(start / card, folder / BASE_CARD)
            return BASE_CARD
    return ""


@contextmanager
def _staging(target: Path) -> Iterator[Path]:
    """Yield a folder beside the target that is not there yet, and leave none behind."""
    folder = target.parent / STAGING
    shutil.rmtree(folder, ignore_errors=True)  # of a training that was killed
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _flat(works: Iterable[Work]) -> list[Paper]:
    return [paper for work in works for paper in work]
