"""What a training run is made of: one frozen record, read from a TOML file and written to one.

A parameter is added by one line: a field with its default here, described where the others are. Reading,
writing, checking of types, and the identity that checkpoints go by follow from the field.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, Self, TypeVar

from recommender.errors import RecipeError
from recommender.training.toml import lines_of, read_recipe


@dataclass(frozen=True, slots=True, kw_only=True)
class VocabularySizes:
    """How many tokens of each kind the vocabulary takes, most frequent first.

    `words` and `pieces` are by language, "other" standing for those that are not named: its frequent words,
    and pieces of words, which carry inflected and compound forms. Beyond `total` of all together the rarest
    are left out.

    Only a run on a data folder makes a vocabulary; `recommend train` keeps that of its model.
    """

    han_words: int = 32_000
    han_pairs: int = 10_000
    english_words: int = 40_000
    subwords: int = 16_000
    total: int = 200_000
    words: dict[str, int] = field(default_factory=lambda: {"other": 3_400})
    pieces: dict[str, int] = field(default_factory=lambda: {"other": 2_600})

    def __post_init__(self) -> None:
        if not ("other" in self.words and "other" in self.pieces):
            raise RecipeError('words and pieces need "other", for the languages that they do not name')

    def words_of(self, language: str) -> int:
        """Return how many frequent words of a language are tokens."""
        return self.words.get(language, self.words["other"])

    def pieces_of(self, language: str) -> int:
        """Return how many pieces of words of a language are tokens."""
        return self.pieces.get(language, self.pieces["other"])


@dataclass(frozen=True, slots=True, kw_only=True)
class LibraryParts:
    """What `recommend train` makes of a library; a run on a data folder has no use for it.

    Attributes:
        held_out: Share of the papers that measure the result and are not learnt from.
        halvings: How many times each abstract is split at random into two halves.
        frequent: A token that all papers hold is divided by 1 + `frequent` before training, one that
            half of them hold by 1 + `frequent` / 2: in a library on education, education says little.
    """

    held_out: float = 0.2
    halvings: int = 2
    frequent: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Likeness:
    """How much a teacher's word on which texts of one kind are alike counts.

    Attributes:
        stream: The stream of which the teacher reads one side, or both.
        side: Which one, "left" or "right"; "both": of the pairs of two languages the student learns which
            texts are alike across them as well as within one.
        texts: How many of them, at random; of both sides together, pair by pair.
        batch: Texts that are compared with each other.
        passes: How many times each text is seen.
        weight: By which its gradients are multiplied.
        begin, end: The part of the run, 0 to 1, that its batches are spread over by chance.
    """

    stream: str
    side: str = "left"
    texts: int
    batch: int = 1024
    passes: float = 1.0
    weight: float = 1.0
    begin: float = 0.0
    end: float = 1.0

    def __post_init__(self) -> None:
        if self.side not in {"left", "right", "both"} or self.texts < 2:
            raise RecipeError(f"{self.name}: side must be left, right or both, texts 2 or more")
        _check_feeding(self.name, self)

    @property
    def name(self) -> str:
        """What its batches are called.

        >>> Likeness(stream="zh/title-abstract", texts=9).name
        'likeness of zh/title-abstract, left'
        """
        return f"likeness of {self.stream}, {self.side}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """How one family of pairs is fed.

    Attributes:
        family: How the names of its streams begin; the longest family that fits a name counts.
        batch: Pairs at a time, always of one stream; each is a rival of all others.
        passes: How many times each pair is seen; 0.5 is half of the pairs once.
        weight: By which its gradients are multiplied.
        begin, end: The part of the run, 0 to 1, that its batches are spread over by chance.
        max_refused: The share of its pairs that may be bad; beyond it the run ends with an error.
    """

    family: str
    batch: int
    passes: float
    weight: float = 1.0
    begin: float = 0.0
    end: float = 1.0
    max_refused: float = 0.5

    def __post_init__(self) -> None:
        if not 0 <= self.max_refused <= 1:
            raise RecipeError(f"stream {self.family!r}: max_refused must be between 0 and 1")
        _check_feeding(f"stream {self.family!r}", self)


def check_part(what: str, begin: float, end: float) -> None:
    """Refuse what is no part of a run."""
    if not 0 <= begin < end <= 1:
        raise RecipeError(f"{what}: begin must be 0 or more and below end, end at most 1")


def _check_feeding(what: str, fed: Likeness | Stream) -> None:
    check_part(what, fed.begin, fed.end)
    if fed.batch < 2 or fed.passes <= 0 or fed.weight <= 0:
        raise RecipeError(f"{what}: batch must be 2 or more, passes and weight above 0")


@dataclass(frozen=True, slots=True, kw_only=True)
class Lengths:
    """How the lengths of the token vectors are evened when all is learnt, see `token_lengths`.

    Attributes:
        scripts: Scripts by their names in Unicode, whose median length is brought to that of Latin.
        power: To which every length is raised after that; 1 leaves it, 0 would make all alike.
    """

    scripts: tuple[str, ...] = ()
    power: float = 1.0

    def __post_init__(self) -> None:
        if not 0 <= self.power <= 1:
            raise RecipeError(f"lengths: power must be between 0 and 1, got {self.power}")
        for script in self.scripts:
            import regex  # of the extra: a plain installation has recipes without scripts

            try:
                regex.compile(rf"\p{{Script={script}}}")
            except regex.error as problem:
                raise RecipeError(f"lengths: no script {script!r}, see Scripts.txt of Unicode") from problem

    @property
    def said(self) -> str:
        """What is done, in words.

        >>> Lengths(scripts=("Thai",), power=0.9).said
        'the median of Thai brought to that of Latin, then all raised to the power 0.9'
        """
        scripts = f"the median of {', '.join(self.scripts)} brought to that of Latin" if self.scripts else ""
        power = f"all raised to the power {self.power}" if self.power != 1 else ""
        return ", then ".join(part for part in (scripts, power) if part)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """Everything that decides the weights, but for the data.

    Attributes:
        dims: Nested sizes of the vector that are learnt together, the full one first.
        temperature: By which the cosines are divided in the loss.
        learning_rate, warmup: The highest rate, and the share of steps in which it is reached.
        max_tokens: What is read of a text in training.
        streams: How each family of pairs is fed.
        left_out: Names of data files that are not used.
        start: Bundled name or folder of a static model; tokens that it has begin with its vectors.
        keep_tokens: The vocabulary is that of `start`, instead of one made of the data.
        averaged: The share that the vectors of `start` have in the result, which is the mean of the two:
            what one of them learnt by chance counts half (Wortsman 2022, arXiv:2203.05482).
        spread: Standard deviation of the random vectors that other tokens begin with.
        teacher: Bundled name or folder of a model that says which texts are alike, and with whose vectors
            English words begin partly, and words of other languages with those of their dictionary entries.
        taught: The share that the teacher has in them, the rest being random; 0: it is not asked for words.
        anchor: How hard each token is pulled back to where it began, as a multiple of the rate.
        near: Share of a batch that is no rival of a text since it lies nearest to it: papers of one topic
            are not driven apart.
        lengths: How those of the vectors are evened in the end.
    """

    name: str
    seed: int
    dims: tuple[int, ...]
    temperature: float
    learning_rate: float
    warmup: float
    max_tokens: int
    streams: tuple[Stream, ...]
    left_out: tuple[str, ...] = ()
    start: str = ""
    keep_tokens: bool = False
    averaged: float = 0.0
    spread: float = 0.01
    teacher: str = ""
    taught: float = 0.5
    anchor: float = 0.0
    near: float = 0.0
    likeness: tuple[Likeness, ...] = ()
    lengths: Lengths = field(default_factory=Lengths)
    vocabulary: VocabularySizes = field(default_factory=VocabularySizes)
    library: LibraryParts = field(default_factory=LibraryParts)

    def __post_init__(self) -> None:
        if not self.dims or list(self.dims) != sorted(self.dims, reverse=True) or self.dims[-1] < 1:
            raise RecipeError(f"dims must fall from the full size down, got {self.dims}")
        if not self.streams:
            raise RecipeError("a recipe needs at least one stream")
        if self.temperature <= 0.012:
            raise RecipeError(f"temperature must be above 0.012, got {self.temperature}")
        if not (0 <= self.near < 1 and 0 <= self.warmup < 1 and 0 <= self.taught <= 1):
            raise RecipeError("near, warmup and taught are shares, 0 or more and (but taught) below 1")
        self._check_models()
        if self.learning_rate <= 0 or self.anchor < 0 or self.spread < 0 or self.max_tokens < 1:
            raise RecipeError("learning_rate and max_tokens must be above 0; spread and anchor not below it")

    def _check_models(self) -> None:
        """Refuse what needs a start or a teacher where there is none."""
        if self.likeness and not self.teacher:
            raise RecipeError("likeness needs a teacher")
        if len({part.name for part in self.likeness}) < len(self.likeness):
            raise RecipeError("likeness: one side of a stream stands there twice")
        if (self.keep_tokens or self.averaged) and not self.start:
            raise RecipeError("keep_tokens and averaged need a start")
        if not 0 <= self.averaged < 1:
            raise RecipeError(f"averaged is a share, 0 or more and below 1, got {self.averaged}")

    @property
    def dim(self) -> int:
        """The full size of a vector."""
        return self.dims[0]

    def stream_of(self, name: str) -> Stream | None:
        """Return the stream with the longest family that begins `name`, or None: not used."""
        return longest_family(self.streams, name)

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read a recipe from TOML.

        Raises:
            RecipeError: The file is not TOML; a field is missing, unknown, or of another type or range.
        """
        return read_recipe(cls, path)

    def to_toml(self) -> str:
        """Return the recipe as `read` takes it, every parameter named."""
        return "\n".join(lines_of(self)) + "\n"


class HasFamily(Protocol):
    """A part of a recipe that is about the streams whose names begin alike."""

    @property
    def family(self) -> str: ...


F = TypeVar("F", bound=HasFamily)


def longest_family(entries: Iterable[F], name: str) -> F | None:
    """Return the entry with the longest family that begins a stream's name, or None."""
    matching = [entry for entry in entries if name.startswith(entry.family)]
    return max(matching, key=lambda entry: len(entry.family), default=None)
