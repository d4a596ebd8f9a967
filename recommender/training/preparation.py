"""From a data folder to what can be learnt: clean pairs, a vocabulary, token ids. Kept for the next run.

What is kept is found again by a digest of everything it depends on: the data, the parts of the recipe
that decide it, and the program. So it serves a run that was killed as well as one with another rate.
"""

import json
import logging
import random
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Protocol

from tokenizers import Tokenizer

from recommender.embedding import find_model
from recommender.embedding.folder import fingerprint
from recommender.errors import RecipeError, UsageError
from recommender.files import FileStamp
from recommender.training.checkpoints import digests_of, identity, versions_of
from recommender.training.normalisation import normaliser, simplified_forms
from recommender.training.pairs import Pairs, cleaned, fingerprints
from recommender.training.recipe import Recipe
from recommender.training.sources import Streams, evaluation_texts, read_streams, simplified_entries
from recommender.training.stream_names import kind_of, languages_of
from recommender.training.tally import Bounds, Tally, refuse_spoilt
from recommender.training.tokenised import TokenisedPairs
from recommender.training.vocabulary import build_scores, tokenizer_of, within

log = logging.getLogger(__name__)
VOCABULARY_TEXTS = 150_000  # of one language; more of them no longer change which words are frequent
DIGITS_OF_SCORES = 4  # more only make the file larger and slower to read
# Modules of this package that read, judge or tokenise pairs. What only learns or measures is not among
# them: after a change there nothing needs to be prepared again.
LATER = {
    "__init__",
    "adaptation",
    "adaptation_report",
    "card",
    "checkpoints",
    "comparison",
    "contrastive",
    "execution",
    "first_vectors",
    "infonce",
    "library_pairs",
    "likeness",
    "memory",
    "recipe",
    "run",
    "sums",
    "tally",
    "teacher",
    "token_table",
    "token_vectors",
    "toml",
}


@dataclass(frozen=True, slots=True)
class Prepared:
    """What training reads, and what became of the data."""

    tokenizer: Tokenizer
    streams: Mapping[str, TokenisedPairs]
    tallies: tuple[Tally, ...]
    for_teacher: Mapping[str, list[str]]  # by kind, texts whose likeness the teacher is asked about

    @classmethod
    def load(cls, folder: Path) -> "Prepared":
        """Read what `prepare` kept."""
        listing = json.loads((folder / "streams.json").read_text(encoding="utf-8"))
        return cls(
            Tokenizer.from_file(str(folder / "tokenizer.json")),
            {name: TokenisedPairs.load(folder / file) for name, file in listing["files"].items()},
            tuple(Tally(**tally) for tally in listing["tallies"]),
            listing["for_teacher"],
        )


def prepared_identity(recipe: Recipe, data: Path) -> str:
    """Return the digest of everything that decides what is prepared.

    Raises:
        UsageError: There is no such folder, or nothing in it.
    """
    files = data_digests(data)
    parts = {
        "seed": recipe.seed,
        "left_out": recipe.left_out,
        "max_tokens": recipe.max_tokens,
        "families": [(stream.family, stream.max_refused) for stream in recipe.streams],
        "vocabulary": asdict(recipe.vocabulary),
        "for_teacher": [(part.stream, part.side, part.texts) for part in recipe.likeness],
        "tokens": fingerprint(start_of(recipe)) if recipe.keep_tokens else "",
    }
    return identity(files, parts, program_digests(), versions_of(("tokenizers",)))


def data_digests(data: Path) -> dict[str, str]:
    """Return the digest of each data file.

    Raises:
        UsageError: There is no such folder, or nothing in it.
    """
    files = {
        path.relative_to(data).as_posix(): FileStamp.of(path).sha256
        for path in sorted(data.glob("*/*.jsonl.xz"))
    }
    if not files:
        raise UsageError(f"there is no training data in {data}: expected papers/, parallel/, lexicon/, dev/")
    return files


def program_digests() -> dict[str, str]:
    """Return the digest of each module that decides what is prepared; a new one counts by itself."""
    modules = Path(__file__).parent.glob("*.py")
    return digests_of(path for path in modules if path.stem not in LATER)


def prepare(recipe: Recipe, data: Path, work: Path) -> Prepared:
    """Return the data as training reads it, made now or kept from an earlier run.

    Args:
        recipe: What is read, and how it is tokenised.
        data: The data folder.
        work: Where it is kept.

    Raises:
        UsageError: There is no data, or more of a stream is bad than the recipe allows.
    """
    run = prepared_identity(recipe, data)
    home = work / f"prepared-{run}"
    if home.is_dir():
        log.info("the data were prepared before: %s", home)
    else:
        partial = work / f".prepared-{run}.partial"
        shutil.rmtree(partial, ignore_errors=True)  # of a run that was killed
        partial.mkdir(parents=True)
        _write(recipe, data, partial)
        partial.rename(home)
    return Prepared.load(home)


def _write(recipe: Recipe, data: Path, folder: Path) -> None:
    streams, tallies = read_clean(data, recipe)
    tokenizer = make_tokenizer(streams, data, recipe)
    log.info("%d tokens", tokenizer.get_vocab_size())
    tokenizer.save(str(folder / "tokenizer.json"))
    for_teacher = texts_for_teacher(streams, recipe)
    learnt = [name for name in sorted(streams) if recipe.stream_of(name)]
    files = {name: f"{number:03}.safetensors" for number, name in enumerate(learnt)}
    for name, file in files.items():
        TokenisedPairs.of(streams.pop(name), tokenizer, recipe.max_tokens).save(folder / file)
    listing = {"files": files, "tallies": [asdict(tally) for tally in tallies], "for_teacher": for_teacher}
    (folder / "streams.json").write_text(json.dumps(listing), encoding="utf-8")
    log.info("tokenised")


def texts_for_teacher(streams: Mapping[str, Pairs], recipe: Recipe) -> dict[str, list[str]]:
    """Return the texts whose likeness the teacher is asked about, by kind, each once.

    Raises:
        RecipeError: There is no such stream.
    """
    chosen = {}
    for part in recipe.likeness:
        if part.stream not in streams:
            raise RecipeError(f"likeness: the data have no stream {part.stream!r}")
        pairs = streams[part.stream]
        chance = random.Random(recipe.seed)  # noqa: S311
        if part.side == "both":
            both = sorted({*zip(pairs.left, pairs.right, strict=True)})
            drawn = chance.sample(both, min(part.texts // 2, len(both)))
            chosen[part.name] = [*dict.fromkeys(text for pair in drawn for text in pair)]
        else:
            texts = sorted({*(pairs.left if part.side == "left" else pairs.right)})
            chosen[part.name] = chance.sample(texts, min(part.texts, len(texts)))
    return chosen


def start_of(recipe: Recipe) -> Path:
    """Return the folder of the model that a recipe starts with.

    Raises:
        ModelError: There is no such model.
    """
    return find_model(recipe.start, allow_download=False)


class Reading(Protocol):
    """What a recipe of any kind says of the data."""

    @property
    def left_out(self) -> tuple[str, ...]: ...

    @property
    def seed(self) -> int: ...

    def stream_of(self, name: str) -> Bounds | None: ...


def read_clean(data: Path, recipe: Reading) -> tuple[Streams, list[Tally]]:
    """Read every stream, for the vocabulary those too that are not learnt, and drop what is bad.

    Raises:
        UsageError: More of a stream is bad than the recipe allows.
    """
    forbidden = fingerprints(evaluation_texts(data))
    streams: Streams = {}
    tallies: list[Tally] = []
    bounds: dict[str, Bounds] = {}
    for name, pairs in sorted(read_streams(data, recipe.left_out, recipe.seed).items()):
        streams[name], refused = cleaned(pairs, forbidden, name)
        log.info("%s: %d pairs, refused %s", name, len(streams[name]), dict(refused))
        if stream := recipe.stream_of(name):
            bounds[name] = stream
            tallies.append(Tally(name, len(streams[name]), dict(refused)))
    refuse_spoilt(tallies, bounds)
    return streams, tallies


def make_tokenizer(streams: Mapping[str, Pairs], folder: Path, recipe: Recipe) -> Tokenizer:
    """Build the tokenizer from the training side of the data, or take that of the start."""
    if recipe.keep_tokens:
        return Tokenizer.from_file(str(start_of(recipe) / "tokenizer.json"))
    normalise = normaliser(simplified_forms(simplified_entries(folder)))
    texts, words = texts_by_language(streams)
    scores = build_scores(texts, words, normalise.normalize_str, recipe.vocabulary)
    rounded = {token: round(score, DIGITS_OF_SCORES) for token, score in scores.items()}
    return tokenizer_of(within(rounded, recipe.vocabulary.total), normalise)


def texts_by_language(
    streams: Mapping[str, Pairs],
) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """Sort all sides of all pairs into running text and dictionary words of each language."""
    texts: dict[str, list[str]] = {}
    words: dict[str, list[str]] = {}
    for name, pairs in sorted(streams.items()):
        left, right = languages_of(name)
        kind = kind_of(name)
        if kind != "word":  # the English side of a dictionary is glosses, not words
            texts.setdefault(left, []).extend(pairs.left)
        home = words if kind in {"word", "abstract-keywords"} else texts
        home.setdefault(right, []).extend(pairs.right)
    return {name: lines[:: -(-len(lines) // VOCABULARY_TEXTS)] for name, lines in texts.items()}, words
