"""What a grafted model learns from: pairs of texts as token ids, in batches of one length."""

import logging
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer

from recommender.embedding import Embedder
from recommender.training.grafting.drawing import commonest, english_counts, sample
from recommender.training.grafting.recipe import Family, GraftRecipe
from recommender.training.sources import Streams
from recommender.training.stream_names import FROM_ENGLISH, kind_of, languages_of
from recommender.training.teacher import reading

log = logging.getLogger(__name__)
Ids = NDArray[np.int64]
Mask = NDArray[np.bool_]
CHUNK = 8_192


@dataclass(frozen=True, slots=True)
class Texts:
    """Texts as token ids, special tokens included."""

    ids: list[NDArray[np.int32]]

    @classmethod
    def of(cls, texts: Sequence[str], tokenizer: Tokenizer, max_tokens: int) -> "Texts":
        """Tokenise; a text cut at `max_tokens` keeps its last special token."""
        ids: list[NDArray[np.int32]] = []
        for start in range(0, len(texts), CHUNK):
            for encoding in tokenizer.encode_batch(list(texts[start : start + CHUNK])):
                whole = encoding.ids
                cut = whole if len(whole) <= max_tokens else [*whole[: max_tokens - 1], whole[-1]]
                ids.append(np.array(cut, dtype=np.int32))
        return cls(ids)

    def lengths(self) -> Ids:
        """Return the number of tokens of each text."""
        return np.array([len(ids) for ids in self.ids], dtype=np.int64)

    def padded(self, rows: Ids) -> tuple[Ids, torch.Tensor]:
        """Return ids and mask (texts, tokens) of some texts."""
        texts = [self.ids[row] for row in rows]
        shape = len(texts), max(map(len, texts))
        ids, mask = np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=np.int64)
        for row, text in enumerate(texts):
            ids[row, : len(text)] = text
            mask[row, : len(text)] = 1
        return ids, torch.from_numpy(mask)


@dataclass(frozen=True, slots=True)
class Given:
    """English texts by the teacher's unit vectors: text i has `vectors[rows[i]]`, each vector but once."""

    vectors: NDArray[np.float16]
    rows: Ids

    def rivals(self, batch: Ids, count: int, chance: np.random.Generator) -> Ids:
        """Return rows of other texts, at random."""
        drawn = self.rows[chance.integers(len(self.rows), size=count)]
        return np.setdiff1d(drawn, self.rows[batch])

    def of(self, rows: Ids) -> torch.Tensor:
        """Return vectors (n, dim)."""
        return torch.from_numpy(self.vectors[rows].astype(np.float32))


@dataclass(frozen=True, slots=True)
class Lesson:
    """Pairs of one kind: `left` is learnt; `right` is given by the teacher, or else learnt too.

    Attributes:
        left, right: The sides of the pairs.
        passes: How many times each pair is seen.
        begin, end: The part of the run, 0 to 1, that its batches are spread over by chance.
    """

    left: Texts
    right: Texts | Given
    passes: int = 1
    begin: float = 0.0
    end: float = 1.0

    def batches(self, recipe: GraftRecipe, chance: np.random.Generator) -> Iterator[Ids]:
        """Yield batches of pairs of about one length, so that little of the work is padding."""
        longest = tokens = self.left.lengths()
        if isinstance(self.right, Texts):
            longest = np.maximum(longest, self.right.lengths())
            tokens = tokens + self.right.lengths()
        for _ in range(self.passes):
            order = np.argsort(longest + chance.uniform(0, 3, len(self)))
            start = 0
            while start < len(order):
                size = int(recipe.batch_tokens / tokens[order[start]])
                size = min(recipe.largest_batch, max(recipe.smallest_batch, size))
                batch = chance.permutation(order[start : start + size])
                if len(batch) > recipe.smallest_batch // 2:
                    yield batch
                start += size

    def same(self, batch: Ids) -> Mask:
        """Tell which right texts of a batch are one and the same, (n, n), a text and itself left out."""
        if isinstance(self.right, Given):
            keys = self.right.rows[batch]
        else:
            texts = [self.right.ids[row].tobytes() for row in batch]
            keys = np.unique(np.array(texts, dtype=object), return_inverse=True)[1]
        mask: Mask = keys[:, None] == keys
        np.fill_diagonal(mask, val=False)
        return mask

    def __len__(self) -> int:
        return len(self.left.ids)


def plan_of(
    lessons: Mapping[str, Lesson], recipe: GraftRecipe, chance: np.random.Generator
) -> list[tuple[str, Ids]]:
    """Return the batches of the run as (lesson, pairs), by chance within the lesson's part of it."""
    plan: list[tuple[str, Ids]] = []
    moments: list[float] = []
    for name, lesson in sorted(lessons.items()):
        for batch in lesson.batches(recipe, chance):
            plan.append((name, batch))
            moments.append(chance.uniform(lesson.begin, lesson.end))
    return [plan[place] for place in np.argsort(moments, kind="stable")[: recipe.steps or None]]


def lessons_of(
    streams: Streams, tokenizer: Tokenizer, english: Tokenizer, taught: tuple[Path, Path], recipe: GraftRecipe
) -> dict[str, Lesson]:
    """Sample and tokenise what is learnt from; English texts are read by the teacher, once each.

    Args:
        streams: Clean pairs.
        tokenizer: Of the student.
        english: Tokenizer of the teacher.
        taught: The folder of the teacher, and that in which its vectors are kept.
        recipe: How much is learnt from.
    """
    lessons: dict[str, Lesson] = {}
    is_ranked = any(family.commonest for family in recipe.families)
    counts = english_counts(streams) if is_ranked else Counter[str]()
    with reading(*taught) as teacher:
        for name, pairs in sorted(streams.items()):
            family = recipe.stream_of(name)
            if family is None:
                continue
            if family.commonest:
                english_side = pairs.left if languages_of(name)[0] == "en" else pairs.right
                rows: Sequence[int] = commonest(english_side, counts, family.pairs, recipe.seed)
            else:
                rows = sample(range(len(pairs)), family.pairs, recipe.seed)
            left, right = [pairs.left[row] for row in rows], [pairs.right[row] for row in rows]
            if kind_of(name) in FROM_ENGLISH:
                left, right = right, left
            learnt = Texts.of(left, tokenizer, family.max_tokens)
            if "en" in languages_of(name):
                heads = begun(right, english, recipe.max_english)
                kept = sample(sorted({*heads}), family.kept, recipe.seed)
                held = Texts.of(kept, tokenizer, recipe.max_english + 2)
                lessons[f"{name} kept"] = lesson_of(held, given(kept, teacher), family)
            if set(languages_of(name)) > {"en"}:
                lessons[name] = lesson_of(learnt, given(heads, teacher), family)
            else:
                lessons[name] = lesson_of(learnt, Texts.of(right, tokenizer, family.max_tokens), family)
            log.info("%s: %d pairs to learn from", name, len(rows))
    return lessons


def lesson_of(left: Texts, right: Texts | Given, family: Family) -> Lesson:
    """Return a lesson that is given in the family's part of the run."""
    return Lesson(left, right, family.passes, family.begin, family.end)


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


def given(texts: Sequence[str], teacher: Embedder) -> Given:
    """Return texts by the teacher's vectors."""
    unique = sorted({*texts})
    row_of = {text: row for row, text in enumerate(unique)}
    rows = np.array([row_of[text] for text in texts], dtype=np.int64)
    return Given(teacher.encode(unique).astype(np.float16), rows)
