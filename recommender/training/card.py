"""The model card: what a model is, what it learnt from, how good it is. Written by the recipe's run."""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from recommender.training.development import Figure, as_markdown
from recommender.training.recipe import Recipe

TEMPLATE = Path(__file__).with_name("card.md")


def write_card(
    path: Path, recipe: Recipe, n_tokens: int, sizes: Mapping[str, int], figures: Sequence[Figure]
) -> None:
    """Write the card of a trained model.

    Args:
        path: The README.md of the model folder.
        recipe: What was run.
        n_tokens: Size of the vocabulary.
        sizes: Pairs that were learnt from, by stream.
        figures: What it reaches on the development sets.
    """
    kinds = Counter[str]()
    for name, size in sizes.items():
        kinds[name.partition("/")[0]] += size
    card = TEMPLATE.read_text(encoding="utf-8").format(
        name=recipe.name,
        seed=recipe.seed,
        dim=recipe.dim,
        smaller=" or ".join(map(str, recipe.dims[1:])),
        n_tokens=n_tokens,
        pairs=", ".join(f"{kind} {size:,}" for kind, size in kinds.most_common()),
        figures=as_markdown(figures),
        left_out=", ".join(recipe.left_out) or "none",
    )
    path.write_text(card, encoding="utf-8")
