"""What a grafting run is made of: one frozen record, read from a TOML file."""

import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from recommender.errors import RecipeError
from recommender.training.recipe import check_part, longest_family
from recommender.training.toml import read_recipe

KIND = "graft"


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """How one family of pairs is used.

    Attributes:
        family: How the names of its streams begin; the longest family that fits a name counts.
        pairs: How many pairs of each stream are learnt from.
        commonest: Whether those whose English words are the commonest, instead of any.
        kept: How many English texts of each stream are held to the teacher's own vectors of them.
        passes: How many times each is seen, before `epochs`.
        max_tokens: What is read of a text that is learnt.
        begin, end: The part of the run, 0 to 1, that its batches are spread over by chance.
        max_refused: The share of its pairs that may be bad; beyond it the run ends with an error.
    """

    family: str
    pairs: int
    max_tokens: int
    passes: float = 1.0
    commonest: bool = False
    kept: int = 0
    begin: float = 0.0
    end: float = 1.0
    max_refused: float = 0.5

    def __post_init__(self) -> None:
        check_part(f"family {self.family!r}", self.begin, self.end)
        if self.pairs < 1 or not self.passes > 0:
            raise RecipeError(f"family {self.family!r}: pairs must be 1 or more, and passes more than 0")
        if self.kept < 0:
            raise RecipeError(f"family {self.family!r}: kept must be 0 or more")


@dataclass(frozen=True, slots=True, kw_only=True)
class GraftRecipe:
    """Everything that decides the weights, but for the data.

    Attributes:
        name: Of the model.
        kind: "graft", which tells such a recipe from that of a static model.
        seed: Of every choice by chance.
        english: Bundled name or folder of the English model that is grafted on.
        start: Name of the recipe beside this one, or folder of the model, that was grafted on the same
            English one before: the run goes on from its tokens and weights. "": it begins with that one.
        aligner: Bundled name or folder of the static model whose neighbours translate a new token.
        quotas: How many tokens each language adds; "other" stands for those not named.
        learning_rate: The highest rate of the added tokens.
        body_rate: The highest rate of the weights of the body; 0 leaves them as they are.
        warmup_steps: The steps after which the highest rates are reached.
        epochs: By which the passes of every family are multiplied.
        steps: After how many the run ends; 0: when all pairs were seen as often as their families say.
        temperature: By which cosines are divided in the contrastive part of the loss.
        closeness: Weight of 1 − cosine between a text and the vector that the teacher gives its pair.
        batch_tokens, smallest_batch, largest_batch: A batch holds pairs of one length, as many as make
            `batch_tokens`, within these bounds.
        rivals: How many English texts outside the batch each text is told from, where the other side is
            English.
        max_english: What is read of an English text by the teacher.
        max_seq_length: What the finished model reads of a text.
        families: How each family of pairs is used.
        left_out: Names of data files that are not used.
    """

    name: str
    kind: str
    seed: int
    aligner: str
    learning_rate: float
    body_rate: float
    families: tuple[Family, ...]
    quotas: dict[str, int] = field(default_factory=lambda: {"other": 2_000})
    english: str = "all-MiniLM-L6-v2"
    start: str = ""
    warmup_steps: int = 50
    epochs: float = 1.0
    steps: int = 0
    temperature: float = 0.05
    closeness: float = 2.0
    batch_tokens: int = 4_096
    smallest_batch: int = 24
    largest_batch: int = 384
    rivals: int = 2_048
    max_english: int = 128
    max_seq_length: int = 256
    left_out: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.kind != KIND:
            raise RecipeError(f'kind must be "{KIND}", got {self.kind!r}')
        if "other" not in self.quotas:
            raise RecipeError('quotas needs "other", for the languages that it does not name')
        if min(self.steps, self.body_rate) < 0:
            raise RecipeError("steps and body_rate must be 0 or more")
        if not self.epochs > 0:
            raise RecipeError("epochs must be more than 0")

    def stream_of(self, name: str) -> Family | None:
        """Return the longest family that begins a stream's name, or None: not used."""
        return longest_family(self.families, name)

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read a recipe from TOML.

        Raises:
            RecipeError: The file is not TOML, or a field is missing, unknown or of another type.
        """
        return read_recipe(cls, path)


def is_graft(path: Path) -> bool:
    """Tell whether a recipe file is of this kind; what is no TOML is of none."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8")).get("kind") == KIND
    except (OSError, ValueError):
        return False
