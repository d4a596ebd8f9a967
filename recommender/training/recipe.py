"""What a training run is made of: one frozen record, read from a TOML file."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Self

from recommender.errors import RecipeError


@dataclass(frozen=True, slots=True, kw_only=True)
class VocabularySizes:
    """How many tokens of each kind the vocabulary takes, most frequent first."""

    han_words: int = 32_000
    han_pairs: int = 10_000
    english_words: int = 40_000
    other_words: int = 3_000
    subwords: int = 16_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """How one family of pairs is fed: `batch` pairs at a time, all of them `passes` times."""

    family: str
    batch: int
    passes: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """Everything that decides the weights, but for the data.

    Attributes:
        dims: Nested sizes of the vector that are learnt together, the full one first.
        temperature: By which the cosines are divided in the loss.
        spread: Standard deviation of the random vectors that tokens begin with. A token that training
            rarely meets keeps nearly all of it: it stays a mark of that word and nothing else.
        learning_rate, warmup: The highest rate, and the share of steps in which it is reached.
        max_tokens: What is read of a text in training.
        left_out: Names of data files that are not used.
        streams: How each family of pairs is fed.
    """

    name: str
    seed: int
    dims: tuple[int, ...]
    temperature: float
    spread: float
    learning_rate: float
    warmup: float
    max_tokens: int
    left_out: tuple[str, ...]
    streams: tuple[Stream, ...]
    vocabulary: VocabularySizes = field(default_factory=VocabularySizes)

    def __post_init__(self) -> None:
        if not self.dims or list(self.dims) != sorted(self.dims, reverse=True):
            raise RecipeError(f"dims must fall from the full size down, got {self.dims}")
        if not self.streams:
            raise RecipeError("a recipe needs at least one stream")

    @property
    def dim(self) -> int:
        """The full size of a vector."""
        return self.dims[0]

    def stream_of(self, name: str) -> Stream | None:
        """Return the stream with the longest family that begins `name`, or None: not used."""
        matching = [stream for stream in self.streams if name.startswith(stream.family)]
        return max(matching, key=lambda stream: len(stream.family), default=None)

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read a recipe from TOML.

        Raises:
            RecipeError: The file is not TOML, or a field is missing or unknown.
        """
        try:
            table = tomllib.loads(path.read_text(encoding="utf-8"))
            return cls(**_typed(table))
        except (OSError, tomllib.TOMLDecodeError, TypeError) as problem:
            raise RecipeError(f"{path}: {problem}") from problem


def _typed(table: Mapping[str, Any]) -> dict[str, Any]:
    unknown = set(table) - {entry.name for entry in fields(Recipe)}
    if unknown:
        raise TypeError(f"unknown fields {sorted(unknown)}")
    return {
        **table,
        "dims": tuple(table["dims"]),
        "left_out": tuple(table.get("left_out", ())),
        "streams": tuple(Stream(**entry) for entry in table["streams"]),
        "vocabulary": VocabularySizes(**table.get("vocabulary", {})),
    }
