"""The model card: what a model is, what it learnt from, how good it is. Written by the recipe's run."""

from collections.abc import Sequence
from pathlib import Path

from recommender.training.development import Figure, as_markdown
from recommender.training.recipe import Recipe
from recommender.training.tally import Tally, by_kind
from recommender.training.tally import as_markdown as tallies_as_markdown

TEMPLATE = Path(__file__).with_name("card.md")
TEACHER = """
English words begin with the vectors that {name} has of them, words of other languages with those of
their dictionary entries (`--english FOLDER` tells where it lies). """
TEACHER_ROW = (
    "| {name} | vectors of English words as the beginning; which English titles are alike | Apache-2.0 |\n"
)


def write_card(
    path: Path, recipe: Recipe, n_tokens: int, tallies: Sequence[Tally], figures: Sequence[Figure]
) -> None:
    """Write the card of a trained model.

    Args:
        path: The README.md of the model folder.
        recipe: What was run.
        n_tokens: Size of the vocabulary.
        tallies: Pairs that were learnt from and pairs that were refused, by stream.
        figures: What it reaches on the development sets.
    """
    card = TEMPLATE.read_text(encoding="utf-8").format(
        name=recipe.name,
        seed=recipe.seed,
        dim=recipe.dim,
        smaller=" or ".join(map(str, recipe.dims[1:])),
        n_tokens=n_tokens,
        pairs=tallies_as_markdown(by_kind(tallies)),
        figures=as_markdown(figures),
        teacher=TEACHER.format(name=recipe.teacher) if recipe.teacher else "",
        teacher_row=TEACHER_ROW.format(name=recipe.teacher) if recipe.teacher else "",
        left_out=", ".join(recipe.left_out) or "none",
    )
    path.write_text(card, encoding="utf-8")
