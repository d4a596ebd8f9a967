"""From a data folder to what a grafting run reads: tokens, and pairs as token ids. Kept for the next run.

What is kept needs neither the data nor their tokenizers any more, so that a run may learn on another machine
than the one that read them.
"""

import json
import logging
import shutil
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer

from recommender.embedding import find_model
from recommender.embedding.folder import fingerprint
from recommender.training.checkpoints import digests_of, identity, versions_of
from recommender.training.grafting.beginning import first_tokens, tokenizer_in
from recommender.training.grafting.drawing import commonest, english_counts, sample
from recommender.training.grafting.lessons import FROM_TEACHER
from recommender.training.grafting.recipe import Family, GraftRecipe
from recommender.training.grafting.texts import CHUNK, Ids, Texts
from recommender.training.pairs import Pairs
from recommender.training.preparation import data_digests, program_digests, read_clean
from recommender.training.sources import Streams
from recommender.training.stream_names import FROM_ENGLISH, kind_of, languages_of
from recommender.training.tally import Tally

log = logging.getLogger(__name__)
Sides = tuple[Texts, Texts | Ids]  # what is learnt; what is learnt too, or rows of what the teacher reads
MODULES = ("beginning", "drawing", "preparation", "texts", "tokens", "vocabulary", "wordpieces")


@dataclass(frozen=True, slots=True)
class Prepared:
    """What a grafting run reads.

    Attributes:
        tokenizer: Of the student.
        rows: Vectors (n_tokens, dim) that the tokens begin with; None: those of `recipe.start`.
        english: What the teacher reads, each text once, in its own tokens.
        sides: Pairs by the name of the lesson.
        tallies: What became of the data.
    """

    tokenizer: Tokenizer
    rows: torch.Tensor | None
    english: Texts
    sides: Mapping[str, Sides]
    tallies: Sequence[Tally]

    @classmethod
    def load(cls, folder: Path) -> "Prepared":
        """Read what `save` wrote."""
        listing = json.loads((folder / "lessons.json").read_text(encoding="utf-8"))
        tensors = load_file(folder / "lessons.safetensors")
        sides: dict[str, Sides] = {}
        for number, name in enumerate(listing["names"]):
            rows = tensors.get(f"{number}.rows")
            sides[name] = (
                Texts.from_tensors(tensors, f"{number}.left."),
                Texts.from_tensors(tensors, f"{number}.right.") if rows is None else rows.numpy(),
            )
        english = Texts.from_tensors(tensors, "english.")
        tallies = [Tally(**tally) for tally in listing["tallies"]]
        return cls(tokenizer_in(folder), tensors.get("rows"), english, sides, tallies)

    def save(self, folder: Path) -> None:
        """Write it into a folder."""
        tensors = self.english.tensors("english.")
        if self.rows is not None:
            tensors["rows"] = self.rows
        for number, (left, right) in enumerate(self.sides.values()):
            tensors |= left.tensors(f"{number}.left.")
            if isinstance(right, Texts):
                tensors |= right.tensors(f"{number}.right.")
            else:
                tensors[f"{number}.rows"] = torch.from_numpy(right)
        save_file(tensors, folder / "lessons.safetensors")
        self.tokenizer.save(str(folder / "tokenizer.json"))
        listing = {"names": [*self.sides], "tallies": [asdict(tally) for tally in self.tallies]}
        (folder / "lessons.json").write_text(json.dumps(listing), encoding="utf-8")


def prepared_identity(recipe: GraftRecipe, data: Path, english: Path) -> str:
    """Return the digest of everything that decides what is prepared.

    Raises:
        UsageError: There is no data.
    """
    here = Path(__file__).parent
    parts = {
        "seed": recipe.seed,
        "left_out": recipe.left_out,
        "max_english": recipe.max_english,
        "quotas": recipe.quotas,
        "families": [
            (
                family.family,
                family.pairs,
                family.commonest,
                family.kept,
                family.max_tokens,
                family.max_refused,
            )
            for family in recipe.families
        ],
    }
    other = find_model(recipe.start or recipe.aligner, allow_download=False)
    program = program_digests() | {
        f"grafting.{name}": digest
        for name, digest in digests_of(here / f"{name}.py" for name in MODULES).items()
    }
    models = fingerprint(english), bool(recipe.start), fingerprint(other)
    return identity(data_digests(data), parts, program, models, versions_of(("tokenizers",)))


def prepare(recipe: GraftRecipe, data: Path, english: Path, work: Path) -> Prepared:
    """Return what the run reads, made now or kept from an earlier run.

    Args:
        recipe: What is read, and how it is tokenised.
        data: The data folder.
        english: Folder of the English model.
        work: Where it is kept.

    Raises:
        UsageError: There is no data, or too much of it is bad.
    """
    run = prepared_identity(recipe, data, english)
    home = work / f"prepared-{run}"
    if home.is_dir():
        log.info("the data were prepared before: %s", home)
    else:
        partial = work / f".prepared-{run}.partial"
        shutil.rmtree(partial, ignore_errors=True)  # of a run that was killed
        partial.mkdir(parents=True)
        _make(recipe, data, english).save(partial)
        partial.rename(home)
    return Prepared.load(home)


def _make(recipe: GraftRecipe, data: Path, english: Path) -> Prepared:
    streams, tallies = read_clean(data, recipe)
    tokenizer, rows = first_tokens(recipe, streams, data, english)
    read, sides = draw(streams, tokenizer, tokenizer_in(english), recipe)
    return Prepared(tokenizer, None if rows is None else torch.from_numpy(rows), read, sides, tallies)


def draw(
    streams: Streams, tokenizer: Tokenizer, english: Tokenizer, recipe: GraftRecipe
) -> tuple[Texts, dict[str, Sides]]:
    """Draw and tokenise what is learnt from; return what the teacher reads, and the pairs by lesson.

    Args:
        streams: Clean pairs.
        tokenizer: Of the student.
        english: Tokenizer of the teacher.
        recipe: How much is learnt from.
    """
    drawn: dict[str, Sides] = {}
    told: dict[str, int] = {}  # English text: its row among those that the teacher reads
    is_ranked = any(family.commonest for family in recipe.families)
    counts = english_counts(streams) if is_ranked else Counter[str]()
    for name, pairs in sorted(streams.items()):
        family = recipe.stream_of(name)
        if family is None:
            continue
        left, right = _drawn(name, pairs, family, counts, recipe.seed)
        learnt = Texts.of(left, tokenizer, family.max_tokens)
        if "en" in languages_of(name):
            right_heads = begun(right, english, recipe.max_english)
            kept = sample(sorted({*right_heads}), family.kept, recipe.seed)
            if kept:
                drawn[name + FROM_TEACHER] = (
                    Texts.of(kept, tokenizer, recipe.max_english + 2),
                    numbered(kept, told),
                )
        if set(languages_of(name)) > {"en"}:
            drawn[name] = learnt, numbered(right_heads, told)
        else:
            drawn[name] = learnt, Texts.of(right, tokenizer, family.max_tokens)
        log.info("%s: %d pairs to learn from", name, len(left))
    return Texts.of([*told], english, max_tokens=recipe.max_english + 2), drawn


def _drawn(
    name: str, pairs: Pairs, family: Family, counts: Counter[str], seed: int
) -> tuple[list[str], list[str]]:
    """Return what is learnt of some pairs, and the other sides."""
    is_english_left = languages_of(name)[0] == "en"
    if family.commonest:
        english_side = pairs.left if is_english_left else pairs.right
        rows: Sequence[int] = commonest(english_side, counts, family.pairs, seed)
    else:
        rows = sample(range(len(pairs)), family.pairs, seed)
    left, right = [pairs.left[row] for row in rows], [pairs.right[row] for row in rows]
    return (right, left) if kind_of(name) in FROM_ENGLISH else (left, right)


def begun(texts: Sequence[str], tokenizer: Tokenizer, max_tokens: int) -> list[str]:
    """Return what is before the token `max_tokens` of each text."""
    cut = []
    for start in range(0, len(texts), CHUNK):
        part = texts[start : start + CHUNK]
        for text, encoding in zip(
            part, tokenizer.encode_batch([*part], add_special_tokens=False), strict=True
        ):
            offsets = encoding.offsets
            cut.append(text[: offsets[max_tokens][0]] if len(offsets) > max_tokens else text)
    return cut


def numbered(texts: Sequence[str], known: dict[str, int]) -> Ids:
    """Return the number of each text; one that is not known yet gets the next.

    >>> numbered(["a", "b", "a"], known := {"b": 0}).tolist(), known
    ([1, 0, 1], {'b': 0, 'a': 1})
    """
    return np.array([known.setdefault(text, len(known)) for text in texts], dtype=np.int64)
