"""The model card: what a model is, what it learnt from, how good it is. Written by the recipe's run."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from recommender.training.development import Figure, as_markdown
from recommender.training.recipe import Lengths, Recipe
from recommender.training.sums import with_sums
from recommender.training.tally import Tally, by_kind
from recommender.training.tally import as_markdown as tallies_as_markdown

TEMPLATE = Path(__file__).with_name("card.md")


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """What a model of one kind says of itself, in Markdown.

    Attributes:
        name: Of the model.
        seed: Of its run.
        command: That trains it.
        what: What it is, how large it is, and how it is loaded.
        other_scripts: What becomes of texts in languages that it was not taught.
        how: How it was trained.
        teacher: The row of its teacher in the table of sources, "" where there is none.
        weaknesses: What it is known to do badly.
        left_out: Data files that were not used for their licences.
    """

    name: str
    seed: int
    command: str
    what: str
    other_scripts: str
    how: str
    teacher: str
    weaknesses: str
    left_out: tuple[str, ...]


def write_card(path: Path, account: Account, tallies: Sequence[Tally], figures: Sequence[Figure]) -> None:
    """Write the card of a trained model.

    Args:
        path: The README.md of the model folder, whose other files are there.
        account: What it says of itself.
        tallies: Pairs that were learnt from and pairs that were refused, by stream.
        figures: What it reaches on the development sets.
    """
    said = asdict(account) | {"left_out": ", ".join(account.left_out) or "none"}
    card = TEMPLATE.read_text(encoding="utf-8").format(
        **said, pairs=tallies_as_markdown(by_kind(tallies)), figures=as_markdown(figures)
    )
    path.write_text(with_sums(card, path.parent), encoding="utf-8")


def teacher_row(name: str, taught: str) -> str:
    """Return the row of a teacher of Apache-2.0 in the table of sources."""
    return f"| {name} | {taught} | Apache-2.0 |\n"


WHAT = """\
A static sentence-transformer for abstracts: the vector of a text is the mean of its tokens' vectors.
{n_tokens:,} tokens × {dim} dimensions in float16; `SentenceTransformer(folder)` loads it as is, and
`recommender` reads it without torch. The first {smaller} dimensions alone are usable too (Matryoshka)."""
HOW = """\
A Unigram tokenizer over words and pieces of words of every language (compatibility forms, case, and
traditional characters folded), then contrastive learning on pairs that belong together, one kind of pair a
batch. {teaching}The same seed gives the same weights on one machine, also when the run is interrupted and
started again."""
TEACHING = """\
English words begin with the vectors that {teacher} has of them, words of other languages with those of
their dictionary entries (`--english FOLDER` tells where it lies). """
GOING_ON = """This run went on from what {earlier} of this folder made (EARLIER), with its tokens, at a
lower rate, and its vectors are averaged with those that it began with (arXiv:2203.05482). Beside the pairs
`{teacher}` told it which texts are alike, within a language and across (TEACHER). """
EVENED = """In the end the lengths of its vectors were evened: {how}. """
TAUGHT = "vectors of English words as the beginning; which English titles are alike"
WEAKNESSES = """\
It knows words, not their order: negation and who did what to whom are lost. Languages with little parallel
text (hi, th, uk, vi, ko) are weaker, see the table; fields beyond computing, physics, medicine and education
are carried by dictionaries more than by abstracts."""


def account_of(recipe: Recipe, n_tokens: int, earlier: Mapping[str, Recipe] | None = None) -> Account:
    """Return what a static model of `n_tokens` tokens says of itself.

    Args:
        recipe: Of the run that made it.
        n_tokens: How many tokens it has.
        earlier: By the name of their file, the recipes of the runs that it went on from.
    """
    before = earlier or {}
    command = f"python scripts/train_model.py --recipe models/{recipe.name}/recipe.toml DATA"
    going_on = ""
    if before:
        command += " --start EARLIER --english TEACHER"
        going_on = GOING_ON.format(
            earlier=" and ".join(f"`{name}`" for name in before), teacher=recipe.teacher
        )
    evened = EVENED.format(how=recipe.lengths.said) if recipe.lengths != Lengths() else ""
    begun = [*dict.fromkeys(one.teacher for one in (*before.values(), recipe) if one.teacher and one.taught)]
    return Account(
        name=recipe.name,
        seed=recipe.seed,
        command=command,
        what=WHAT.format(n_tokens=n_tokens, dim=recipe.dim, smaller=" or ".join(map(str, recipe.dims[1:]))),
        other_scripts="Other scripts are read byte by byte: they get a vector, not a good one.",
        how=HOW.format(teaching="".join(TEACHING.format(teacher=name) for name in begun) + going_on + evened),
        teacher="".join(teacher_row(name, TAUGHT) for name in begun)
        + (teacher_row(f"models/{recipe.teacher}", "which texts are alike") if before else ""),
        weaknesses=WEAKNESSES,
        left_out=recipe.left_out,
    )
