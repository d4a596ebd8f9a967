"""What a grafted model learns from: pairs of texts as token ids, in batches of one length."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import torch

from recommender.training.grafting.recipe import Family, GraftRecipe
from recommender.training.grafting.texts import Ids, Texts

FROM_TEACHER = " kept"  # ends the name of a lesson of English texts, held to the teacher's vectors of them


@dataclass(frozen=True, slots=True)
class Given:
    """English texts by the teacher's unit vectors: text i has `vectors[rows[i]]`, each vector but once."""

    vectors: torch.Tensor
    rows: Ids

    def rivals(self, batch: Ids, count: int, chance: np.random.Generator) -> Ids:
        """Return rows of other texts, at random."""
        drawn = self.rows[chance.integers(len(self.rows), size=count)]
        return np.setdiff1d(drawn, self.rows[batch])

    def of(self, rows: Ids) -> torch.Tensor:
        """Return vectors (n, dim)."""
        return self.vectors[torch.from_numpy(rows).to(self.vectors.device)].float()


@dataclass(frozen=True, slots=True)
class Lesson:
    """Pairs of one kind: `left` is learnt; `right` is given by the teacher, or else learnt too.

    Attributes:
        left, right: The sides of the pairs.
        passes: How many times each pair is seen; of a part of a pass, pairs by chance.
        begin, end: The part of the run, 0 to 1, that its batches are spread over by chance.
    """

    left: Texts
    right: Texts | Given
    passes: float = 1.0
    begin: float = 0.0
    end: float = 1.0

    @classmethod
    def of(cls, left: Texts, right: Texts | Given, family: Family, epochs: float) -> "Lesson":
        """Return a lesson that is given as its family says, `epochs` times as often."""
        return cls(left, right, family.passes * epochs, family.begin, family.end)

    def batches(self, recipe: GraftRecipe, chance: np.random.Generator) -> Iterator[Ids]:
        """Yield batches of pairs of about one length, so that little of the work is padding."""
        longest = tokens = self.left.lengths()
        if isinstance(self.right, Texts):
            longest = np.maximum(longest, self.right.lengths())
            tokens = tokens + self.right.lengths()
        for seen in self._passes(chance):
            order = seen[np.argsort(longest[seen] + chance.uniform(0, 3, len(seen)))]
            start = 0
            while start < len(order):
                size = int(recipe.batch_tokens / tokens[order[start]])
                size = min(recipe.largest_batch, max(recipe.smallest_batch, size))
                batch = chance.permutation(order[start : start + size])
                if len(batch) > recipe.smallest_batch // 2:
                    yield batch
                start += size

    def _passes(self, chance: np.random.Generator) -> Iterator[Ids]:
        whole, part = divmod(self.passes, 1)
        for _ in range(int(whole)):
            yield np.arange(len(self))
        if part:
            yield chance.permutation(len(self))[: round(part * len(self))]

    def same(self, batch: Ids) -> torch.Tensor:
        """Tell which right texts of a batch are one and the same, (n, n), a text and itself left out."""
        if isinstance(self.right, Given):
            keys = torch.from_numpy(self.right.rows[batch]).to(self.right.vectors.device)
        else:
            keys = self.right.keys[torch.from_numpy(batch).to(self.right.keys.device)]
        return (keys[:, None] == keys).fill_diagonal_(fill_value=False)

    def __len__(self) -> int:
        return len(self.left)


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
