"""How an English transformer is taught other languages: the loss, and one step.

A text of another language is drawn to the vector that the untouched model gives its English side
(multilingual distillation, Reimers & Gurevych 2020, arXiv:2004.09813); an English text is drawn to its own
vector there, so that English stays; and two texts of one paper are drawn together (InfoNCE,
arXiv:1807.03748). What the teacher gives does not move, so that English texts outside the batch are rivals
that cost nothing.
"""

import numpy as np
import torch

from recommender.training.grafting.lessons import Given, Lesson
from recommender.training.grafting.recipe import GraftRecipe
from recommender.training.grafting.student import Student
from recommender.training.grafting.texts import Ids


def share_at(step: int, steps: int, recipe: GraftRecipe) -> float:
    """Return the share of the highest rates that a step is taken with: linear warm-up, linear decay."""
    return min((step + 1) / recipe.warmup_steps, (steps - step) / steps)


def learn(
    student: Student, lesson: Lesson, batch: Ids, recipe: GraftRecipe, moment: tuple[int, int]
) -> float:
    """Take one step on one batch and return its loss; `moment` is the step and how many there are."""
    step, steps = moment
    left = student.read(*lesson.left.padded(batch))
    rivals, closeness = left[:0].detach(), 0.0
    if isinstance(lesson.right, Given):
        closeness = recipe.closeness
        right = lesson.right.of(lesson.right.rows[batch])
        chance = np.random.default_rng((recipe.seed, step))  # so that a run that goes on draws the same
        rivals = lesson.right.of(lesson.right.rivals(batch, recipe.rivals, chance))
    else:
        right = student.read(*lesson.right.padded(batch))
    loss = contrastive_loss(left, right, rivals, same=lesson.same(batch), temperature=recipe.temperature)
    loss = loss + closeness * (1 - (left * right).sum(1)).mean()
    loss.backward()  # type: ignore[no-untyped-call]
    share = share_at(step, steps, recipe)
    student.move(share * recipe.learning_rate, share * recipe.body_rate)
    return float(loss.item())


def contrastive_loss(
    left: torch.Tensor, right: torch.Tensor, rivals: torch.Tensor, *, same: torch.Tensor, temperature: float
) -> torch.Tensor:
    """Return symmetric InfoNCE.

    Args:
        left: Unit vectors (n, dim).
        right: Likewise; row i of one belongs to row i of the other.
        rivals: Unit vectors (m, dim) that belong to none of `left`.
        same: (n, n), true where a right text is no rival, being the same text as the right one.
        temperature: By which cosines are divided.
    """
    own = torch.arange(len(left), device=left.device)
    entropy = torch.nn.functional.cross_entropy
    odds = (left @ right.T / temperature).masked_fill(same, -torch.inf)
    beyond = left @ rivals.T / temperature
    loss: torch.Tensor = (entropy(torch.cat([odds, beyond], dim=1), own) + entropy(odds.T, own)) / 2
    return loss
