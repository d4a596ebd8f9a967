"""What a teacher says of how much alike texts are, and the loss that draws a student there.

Of each text of a batch the teacher gives a distribution over the others, by the softmax of its cosines;
the student's own shall be the same: the Kullback-Leibler divergence between the two (SEED, Fang 2021,
arXiv:2101.04731). The teacher's vectors need not have the student's size, and are computed once.
"""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from recommender.training.infonce import through_normalisation
from recommender.training.recipe import Recipe
from recommender.training.tokenised import TokenisedTexts

TEACHER_TEMPERATURE = 0.05  # sharper than the student's: the nearest few are what it is asked about


@dataclass(frozen=True, slots=True)
class KnownTexts:
    """Texts as the student reads them, and the teacher's unit vectors (n_texts, d) of them."""

    texts: TokenisedTexts
    vectors: NDArray[np.float16]

    def __len__(self) -> int:
        return len(self.texts)


def likeness_loss(student: torch.Tensor, teacher: torch.Tensor, recipe: Recipe) -> tuple[float, torch.Tensor]:
    """Return the mean divergence over all nested sizes, and its gradient.

    Args:
        student: Text vectors (n, dim).
        teacher: Unit vectors (n, d) of the same texts.
        recipe: For the sizes and the student's temperature.
    """
    wanted = _others(teacher @ teacher.T / TEACHER_TEMPERATURE).softmax(dim=1)
    slopes = torch.zeros_like(student)
    loss = 0.0
    for dim in recipe.dims:
        part, slope = _divergence(student[:, :dim], wanted, recipe.temperature)
        loss += part / len(recipe.dims)
        slopes[:, :dim] += slope / len(recipe.dims)
    return loss, slopes


def _others(scores: torch.Tensor) -> torch.Tensor:
    """Leave each text itself out of its row."""
    scores.fill_diagonal_(-torch.inf)
    return scores


def _divergence(
    vectors: torch.Tensor, wanted: torch.Tensor, temperature: float
) -> tuple[float, torch.Tensor]:
    norms = vectors.norm(dim=1, keepdim=True).clamp_min(1e-12)
    unit = vectors / norms
    found = _others(unit @ unit.T / temperature).log_softmax(dim=1)
    loss = torch.nn.functional.kl_div(
        found.fill_diagonal_(0.0), wanted, reduction="batchmean"
    )  # a text and itself: 0 × 0
    slope = found.exp_().fill_diagonal_(0.0).sub_(wanted).div_(len(vectors) * temperature)
    return loss.item(), through_normalisation((slope + slope.T) @ unit, unit, norms)
